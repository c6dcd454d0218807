//! Whether both programs found the same: every distance of one child's origins, and the checksum over all.

#[cfg(test)]
mod tests;

use super::programs::{Case, Program, Programs};
use super::{CHILDREN, Measured};
use crate::output::talk;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::Path;

/// Relative.
const TOLERANCE: f64 = 1e-9;
/// The result file as `examples/shortest-path/README.md` describes it.
const HEADER: usize = 48;
const RECORD: usize = 40;
const CHECK: usize = 8;

pub(super) fn distances(programs: &Programs, network: &Path) -> Result<()> {
    let file = programs.folder.join("boost-distances");
    programs.run_boost(network, Case::OneChild, "csr", &file)?;
    let theirs = fs::read(&file).with_context(|| format!("failed to read {}", file.display()))?;
    let theirs: Vec<f64> = theirs.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect();
    for algorithm in ["sweep", "dijkstra"] {
        programs.run_ours(network, Case::OneChild, &["--distances", "--algorithm", algorithm])?;
        let name = format!("bench_{}_shortest-path.spr", CHILDREN / 2);
        let file = programs.results(Case::OneChild).join(name);
        let ours = read(&fs::read(&file).with_context(|| format!("failed to read {}", file.display()))?)?;
        let worst = compare(&ours, &theirs)?;
        talk(&format!("{algorithm}: {} distances equal Boost's, largest relative difference {worst:.1e}", ours.len()));
    }
    Ok(())
}

/// The largest relative difference.
fn compare(ours: &[f64], theirs: &[f64]) -> Result<f64> {
    ensure!(ours.len() == theirs.len(), "{} distances, but Boost has {}", ours.len(), theirs.len());
    let mut worst = 0f64;
    for (at, (&one, &other)) in ours.iter().zip(theirs).enumerate() {
        let difference = if one == other { 0.0 } else { (one - other).abs() / other.abs() };
        if difference.is_nan() || difference > TOLERANCE {
            bail!("distance {at} is {one}, but Boost's is {other}");
        }
        worst = worst.max(difference);
    }
    Ok(worst)
}

/// All distances of a result file, by origin and destination; infinite where there is no path.
fn read(bytes: &[u8]) -> Result<Vec<f64>> {
    ensure!(bytes.starts_with(b"SHPATHS\x01") && bytes.len() >= HEADER + CHECK, "not a result file of version 1");
    let records = u32::from_le_bytes(*bytes[32..].first_chunk().context("failed to read the header")?) as usize;
    let unit = 10f64.powi(i32::from(bytes[36]));
    let distances =
        bytes.get(HEADER + records * RECORD..bytes.len() - CHECK).context("the result file is cut short")?;
    let mut values = Vec::new();
    let (mut value, mut shift) = (0u64, 0);
    for byte in distances {
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            values.push(value.checked_sub(1).map_or(f64::INFINITY, |units| units as f64 / unit));
            (value, shift) = (0, 0);
        }
    }
    Ok(values)
}

/// The checksum over all pairs, which both programs must have found.
pub(super) fn checksums(programs: &Programs, measured: &[Measured]) -> Result<String> {
    let summary = programs.summary()?;
    let ours = summary["checksum"].as_str().context("the summary has no checksum")?;
    let of_all = |entry: &&Measured| entry.case == Case::AllOrigins && entry.program == Program::BoostCsr;
    let theirs = measured.iter().filter(of_all).flat_map(|entry| &entry.runs);
    for run in theirs {
        ensure!(run.checksum == ours, "the checksum is {ours}, but Boost's is {}", run.checksum);
    }
    Ok(ours.to_owned())
}
