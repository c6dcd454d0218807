//! The only place that prints: stdout is data, stderr is talk.

/// Data, for whoever reads the output.
#[expect(clippy::print_stdout, reason = "the output module")]
pub(crate) fn data(line: &str) {
    println!("{line}");
}

/// Talk, for whoever watches.
#[expect(clippy::print_stderr, reason = "the output module")]
pub(crate) fn talk(line: &str) {
    eprintln!("{line}");
}
