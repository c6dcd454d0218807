//! What the benchmark says: containers a second, ours beside each runtime by itself, and how long starts take.

use super::latency::Latency;
use crate::bench::figures::{Figure, Figures, quantile};
use crate::bench::row::Row;

/// Our own row.
pub(super) const OURS: &str = "longshore, one array";

pub(super) fn figures(at_once: usize, rows: &[Row], latency: &Latency) -> Figures {
    let ours = rows.iter().find(|row| row.name() == OURS);
    let mut figures: Vec<Figure> = rows.iter().map(|row| row.figure("1/s")).collect();
    if let Some(rate) = ours.and_then(Row::rate) {
        let others = rows.iter().filter(|row| row.name() != OURS);
        let beside = |row: &Row| Some(Figure::new(OURS, rate, "1/s").beside(row.name(), row.rate()?));
        figures.extend(others.filter_map(beside));
    }
    for (what, times) in [("is here", &latency.warm_ms), ("is in a local registry", &latency.cold_ms)] {
        let what = format!("acceptance to start, image {what}, p50");
        figures.push(Figure::new(what, quantile(&mut times.clone(), 0.5), "ms"));
    }
    let title = format!("containers of busybox's true, {at_once} at once, median of the runs");
    Figures { bench: "containers", title, figures }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_beside_each_of_the_others_and_leaves_out_who_is_absent() {
        let mut rows = [Row::new("a"), Row::absent("b", &anyhow::anyhow!("missing")), Row::new(OURS)];
        rows[0].measured(100, 2.0);
        rows[2].measured(100, 1.0);
        let figures = figures(4, &rows, &Latency { warm_ms: vec![1.0, 2.0, 9.0], cold_ms: vec![3.0] });
        let beside: Vec<_> = figures.figures.iter().filter_map(|figure| figure.beside).collect();
        assert_eq!(beside, [("a", 50.0)]);
        assert_eq!(figures.figures[1].absent.as_deref(), Some("missing"));
        assert_eq!(figures.figures.iter().rev().take(2).map(|figure| figure.value).collect::<Vec<_>>(), [3.0, 2.0]);
    }
}
