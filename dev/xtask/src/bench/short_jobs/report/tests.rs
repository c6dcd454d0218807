//! Medians and ratios.

use super::*;

fn row(name: &'static str, jobs: u32, seconds: &[f64]) -> Row {
    let mut row = Row::new(name);
    seconds.iter().for_each(|seconds| row.measured(jobs, *seconds));
    row
}

#[test]
fn rates_are_of_the_median_run_and_ratios_of_the_raw_limit() {
    let rows = [row(RAW, 100, &[9.0, 1.0, 0.5]), row("longshore, one array", 100, &[2.0])];
    let figures = figures(2, &rows);
    assert_eq!(figures.ratio_of(RAW), Some(1.0));
    assert_eq!(summary(&figures), "ratio to the raw limit: 0.500 (longshore, one array)");
}

#[test]
fn absent_contender_says_why_and_has_no_ratio() {
    let rows = [row(RAW, 100, &[1.0]), Row::absent("Slurm", &anyhow::anyhow!("no such package"))];
    let figures = figures(2, &rows);
    assert_eq!(figures.ratio_of("Slurm"), None);
    assert_eq!(figures.figures[1].absent.as_deref(), Some("no such package"));
}
