//! Medians and ratios.

use super::{RAW, Report, Row};

fn row(name: &'static str, jobs: u32, seconds: &[f64]) -> Row {
    let mut row = Row::new(name);
    seconds.iter().for_each(|seconds| row.measured(jobs, *seconds));
    row
}

#[test]
fn rates_are_of_the_median_run_and_ratios_of_the_raw_limit() {
    let rows = vec![row(RAW, 100, &[9.0, 1.0, 0.5]), row("longshore, one array", 100, &[2.0])];
    let report = Report::new(2, rows);
    assert_eq!(report.ratios, [(RAW, 1.0), ("longshore, one array", 0.5)]);
    assert!(report.to_text().ends_with("ratio to the raw limit: 0.500 (longshore, one array)"));
}

#[test]
fn absent_contender_says_why_and_has_no_ratio() {
    let absent = Row::absent("Slurm", &anyhow::anyhow!("no such package"));
    let report = Report::new(2, vec![row(RAW, 100, &[1.0]), absent]);
    assert_eq!(report.ratios.len(), 1);
    assert!(report.to_text().contains("Slurm                    no such package"));
}
