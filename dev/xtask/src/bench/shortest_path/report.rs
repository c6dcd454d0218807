//! What the benchmark says: a table, the ratios, and the same as JSON.

use super::Measured;
use super::programs::{COMPILER, Case, Program, Times};
use anyhow::Result;
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

#[derive(Debug, Serialize)]
pub(super) struct Report {
    network: String,
    compiler: String,
    checksum: String,
    /// How many times longer Boost takes per origin, everything but reading the network included.
    ratio_all_origins: f64,
    ratio_one_child: f64,
    ratio_one_child_dijkstra: f64,
    measured: Vec<Measured>,
}

/// Per origin, in microseconds.
fn per_origin(times: &Times, with_reading: bool) -> f64 {
    let reading = if with_reading { times.read_ms } else { 0.0 };
    (reading + times.prepare_ms + times.search_ms) * 1e3 / f64::from(times.origins)
}

fn median(measured: &Measured, of: impl Fn(&Times) -> f64) -> f64 {
    let mut values: Vec<f64> = measured.runs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Against the faster of Boost's graphs.
fn ratio(measured: &[Measured], case: Case, program: Program) -> f64 {
    let time = |entry: &Measured| median(entry, |times| per_origin(times, false));
    let of = |program| measured.iter().find(|entry| entry.case == case && entry.program == program).map(time);
    let boost = [Program::BoostCsr, Program::BoostAdjacency].into_iter().filter_map(of).fold(f64::INFINITY, f64::min);
    boost / of(program).unwrap_or(f64::NAN)
}

impl Report {
    pub(super) fn new(network: &Path, checksum: &str, measured: Vec<Measured>) -> Self {
        Self {
            network: network.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            compiler: COMPILER.join(" "),
            checksum: checksum.to_owned(),
            ratio_all_origins: ratio(&measured, Case::AllOrigins, Program::Ours),
            ratio_one_child: ratio(&measured, Case::OneChild, Program::Ours),
            ratio_one_child_dijkstra: ratio(&measured, Case::OneChild, Program::OursDijkstra),
            measured,
        }
    }

    pub(super) fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Medians; the last line has the ratios.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{}, one thread each, Boost by {}\n\n", self.network, self.compiler);
        _ = writeln!(
            text,
            "{:<16} {:<36} {:>7} {:>9} {:>10} {:>10} {:>11} {:>11}",
            "case", "program", "origins", "read ms", "prepare ms", "search ms", "µs/origin", "with read"
        );
        for entry in &self.measured {
            let of = |field: fn(&Times) -> f64| median(entry, field);
            _ = writeln!(
                text,
                "{:<16} {:<36} {:>7} {:>9.1} {:>10.1} {:>10.1} {:>11.1} {:>11.1}",
                entry.case.to_string(),
                entry.program.name(),
                entry.runs[0].origins,
                of(|times| times.read_ms),
                of(|times| times.prepare_ms),
                of(|times| times.search_ms),
                of(|times| per_origin(times, false)),
                of(|times| per_origin(times, true)),
            );
        }
        _ = write!(
            text,
            "\ndistances equal to 1e-9, checksum {} on both sides\n\
             ratio to Boost per origin: {:.1} on all origins, {:.2} on one child's share ({:.2} by Dijkstra's algorithm alone)",
            self.checksum, self.ratio_all_origins, self.ratio_one_child, self.ratio_one_child_dijkstra
        );
        text
    }
}
