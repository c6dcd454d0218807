//! The only place that prints.

/// Data, for whoever reads the output.
#[expect(clippy::print_stdout, reason = "the output module")]
pub(crate) fn data(line: &str) {
    println!("{line}");
}
