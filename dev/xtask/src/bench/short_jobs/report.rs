//! What the benchmark says: jobs a second, and each as a ratio to the raw limit.

use super::contender::RAW;
use crate::bench::figures::Figures;
use crate::bench::row::Row;

/// Neither ours nor what ratios are of.
pub(super) fn is_peer(row: &Row) -> bool {
    row.name() != RAW && !row.is_ours()
}

pub(super) fn figures(slots: usize, rows: &[Row]) -> Figures {
    let raw = rows.iter().find(|row| row.name() == RAW).and_then(Row::rate);
    let figure = |row: &Row| match raw {
        Some(raw) => row.figure("jobs/s").beside(RAW, raw),
        None => row.figure("jobs/s"),
    };
    let title = format!("jobs of /bin/true, {slots} at once, median of the runs");
    Figures { bench: "short-jobs", title, figures: rows.iter().map(figure).collect() }
}

/// The last line: our ratios.
pub(super) fn summary(figures: &Figures) -> String {
    let ours = figures.figures.iter().filter(|figure| figure.ours);
    let ours = ours.filter_map(|figure| Some(format!("{:.3} ({})", figures.ratio_of(&figure.what)?, figure.what)));
    format!("ratio to the raw limit: {}", ours.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
