//! The summary of all origins. It depends on the distances alone, not on how they were split: every sum is an integer.

#[cfg(test)]
mod tests;

use crate::network::Naming;
use crate::record::Record;
use crate::result_file::Subject;
use serde::Serialize;
use std::cmp::Reverse;
use std::fmt::Write as _;

const CENTRAL: usize = 10;

/// As JSON this is the summary file; fields are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) format: &'static str,
    pub(crate) nodes: u32,
    /// Identifies the network.
    pub(crate) fingerprint: String,
    /// Ordered pairs of different nodes with a path.
    pub(crate) reachable_pairs: u64,
    pub(crate) mean_distance: Option<f64>,
    pub(crate) max_distance: Option<Farthest>,
    /// Of all distances, whatever their order.
    pub(crate) checksum: String,
    pub(crate) most_central: Vec<Central>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Farthest {
    pub(crate) distance: f64,
    pub(crate) from: String,
    pub(crate) to: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Central {
    pub(crate) node: String,
    /// Wasserman and Faust: (r / (n − 1)) × (r / Σ distances) over the r nodes reached from it, of n.
    pub(crate) closeness: f64,
    pub(crate) reachable: u32,
    pub(crate) mean_distance: f64,
}

impl Summary {
    /// `records` of all origins, in any order.
    pub(crate) fn new(subject: &Subject, records: &[Record]) -> Self {
        let unit = 10f64.powi(i32::from(subject.decimals));
        let pairs: u64 = records.iter().map(|record| u64::from(record.reachable)).sum();
        let sum: u128 = records.iter().map(|record| record.sum).sum();
        let checksum = records.iter().fold(0u64, |sum, record| sum.wrapping_add(record.signature()));
        Self {
            format: "shortest-path-summary/1",
            nodes: subject.nodes,
            fingerprint: format!("{:016x}", subject.fingerprint),
            reachable_pairs: pairs,
            mean_distance: (pairs > 0).then(|| sum as f64 / (pairs as f64 * unit)),
            max_distance: farthest(records, subject.naming, unit),
            checksum: format!("{checksum:016x}"),
            most_central: most_central(subject, records, unit),
        }
    }

    pub(crate) fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("a summary has text keys and finite numbers");
        json.push('\n');
        json
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |label: &str, value: String| _ = writeln!(text, "{label:<17}{value}");
        line("nodes", self.nodes.to_string());
        line("network", self.fingerprint.clone());
        line("reachable pairs", self.reachable_pairs.to_string());
        line("mean distance", self.mean_distance.map_or("-".to_owned(), |mean| format!("{mean:.6}")));
        let max = self.max_distance.as_ref();
        line(
            "max distance",
            max.map_or("-".to_owned(), |max| format!("{} from {} to {}", max.distance, max.from, max.to)),
        );
        line("checksum", self.checksum.clone());
        _ = writeln!(text, "most central origins\n  rank  node       closeness  reachable  mean distance");
        for (rank, central) in (1..).zip(&self.most_central) {
            let Central { node, closeness, reachable, mean_distance } = central;
            _ = writeln!(text, "  {rank:>4}  {node:<8} {closeness:>11.6}  {reachable:>9}  {mean_distance:>13.6}");
        }
        text
    }
}

/// Of several equally distant pairs the first by origin, then destination.
fn farthest(records: &[Record], naming: Naming, unit: f64) -> Option<Farthest> {
    records
        .iter()
        .filter_map(|record| record.farthest.map(|(distance, to)| (distance, Reverse(record.origin), to)))
        .max()
        .map(|(distance, Reverse(from), to)| Farthest {
            distance: distance as f64 / unit,
            from: naming.name(from),
            to: naming.name(to),
        })
}

/// Origins at distance 0 from all that they reach have no finite closeness and are left out.
fn most_central(subject: &Subject, records: &[Record], unit: f64) -> Vec<Central> {
    let closeness = |record: &Record| {
        let reachable = f64::from(record.reachable);
        reachable * reachable * unit / (f64::from(subject.nodes - 1) * record.sum as f64)
    };
    let mut ranked: Vec<(f64, &Record)> =
        records.iter().filter(|record| record.sum > 0).map(|record| (closeness(record), record)).collect();
    ranked.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.origin.cmp(&other.origin)));
    ranked.truncate(CENTRAL);
    let central = |(closeness, record): (f64, &Record)| Central {
        node: subject.naming.name(record.origin),
        closeness,
        reachable: record.reachable,
        mean_distance: record.sum as f64 / (f64::from(record.reachable) * unit),
    };
    ranked.into_iter().map(central).collect()
}
