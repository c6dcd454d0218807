//! `cargo xtask metrics`: the figures of house style that are kept in view. It reads formatted sources line by line; it
//! judges nothing.

mod source;

use crate::tidy::Tree;
use anyhow::Result;
use serde::Serialize;
use source::Source;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

/// What is measured; tests and generated code apart unless said otherwise.
#[derive(Debug, Serialize)]
struct Figures {
    files: usize,
    file_lines_p50: usize,
    file_lines_p90: usize,
    functions: usize,
    function_lines_p50: usize,
    function_lines_p90: usize,
    functions_over_70_percent: f64,
    /// Lines of tests per line of code in `core/`.
    core_test_ratio: f64,
    unwraps: usize,
    expects_per_1000_lines: f64,
    files_with_header_percent: f64,
    /// Public items of `core/` and `api/` that are documented; generated code included.
    documented_percent: f64,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let tree = Tree::read()?;
    let sources: Vec<Source> = tree
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .map(|file| Source::read(&file.path, &file.text))
        .collect();
    let figures = measure(&sources);
    let shown = serde_json::to_value(&figures)?;
    if args.json {
        crate::output::data(&serde_json::to_string_pretty(&shown)?);
    } else {
        for (name, value) in shown.as_object().into_iter().flatten() {
            crate::output::data(&format!("{name:<28} {value}"));
        }
    }
    Ok(())
}

fn measure(sources: &[Source]) -> Figures {
    let code: Vec<&Source> = sources.iter().filter(|source| !source.is_test && !source.is_generated).collect();
    let mut file_lines: Vec<usize> = code.iter().map(|source| source.lines).collect();
    let mut functions: Vec<usize> = code.iter().flat_map(|source| source.functions.iter().copied()).collect();
    file_lines.sort_unstable();
    functions.sort_unstable();
    let lines: usize = file_lines.iter().sum();
    let core = |test: bool| -> usize {
        let of = sources.iter().filter(|source| source.path.starts_with("core/") && source.is_test == test);
        of.map(|source| source.lines).sum()
    };
    let public = sources.iter().filter(|source| !source.is_test && source.is_contract());
    let (items, documented) = public.fold((0, 0), |(items, documented), source| {
        (items + source.public_items, documented + source.documented_items)
    });
    let headers = sources.iter().filter(|source| source.has_header).count();
    let long = functions.iter().filter(|length| **length > 70).count();
    let expects: usize = code.iter().map(|source| source.expects).sum();
    Figures {
        files: file_lines.len(),
        file_lines_p50: quantile(&file_lines, 50),
        file_lines_p90: quantile(&file_lines, 90),
        functions: functions.len(),
        function_lines_p50: quantile(&functions, 50),
        function_lines_p90: quantile(&functions, 90),
        functions_over_70_percent: percent(long, functions.len()),
        core_test_ratio: percent(core(true), core(false)) / 100.0,
        unwraps: code.iter().map(|source| source.unwraps).sum(),
        expects_per_1000_lines: percent(expects, lines) * 10.0,
        files_with_header_percent: percent(headers, sources.len()),
        documented_percent: percent(documented, items),
    }
}

fn quantile(sorted: &[usize], percent: usize) -> usize {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or(0)
}

/// With two digits after the point.
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 * 10_000.0 / whole as f64).round() / 100.0 }
}

#[cfg(test)]
mod tests;
