//! The files in which attempts have left what they printed, against the rows that tell of them.

use longshore_engine::entity::{LogStream, Run};
use longshore_runner::output_path;
use longshore_store::{Everything, Reader};
use longshore_types::AttemptId;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The files by attempt, or by container where each has its own.
pub(super) type Files = BTreeMap<AttemptId, PathBuf>;

/// What there is. Files of other names are nobody's business here.
pub(super) fn files(data_dir: &Path) -> Files {
    let entries = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let all = entries(&data_dir.join("output")).flat_map(|folder| entries(&folder).collect::<Vec<_>>());
    let logs = all.filter(|path| path.extension().is_some_and(|extension| extension == "log"));
    logs.filter_map(|path| Some((path.file_stem()?.to_str()?.parse().ok()?, path))).collect()
}

/// Streams that have ended and have no file. What is being removed meanwhile counts as not there.
pub(super) fn missing(all: &Everything, (data_dir, reader): (&Path, &Reader), files: &Files) -> Vec<(String, String)> {
    let ended = all.rows.log_streams.values().filter(|stream| stream.ended_at.is_some());
    let gone = |stream: &&LogStream| {
        let kept = !all.leaving.contains(&stream.job.job()) && !files.contains_key(&stream.attempt);
        kept && !output_path(data_dir, stream.attempt).exists()
    };
    let gone: Vec<&LogStream> = ended.filter(gone).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let leaving = reader.leaving().unwrap_or_default();
    let still = |stream: &&&LogStream| {
        let there = reader.log_stream(&stream.group, &stream.name).is_ok_and(|found| found.is_some());
        there && !leaving.contains(&stream.job.job())
    };
    let told = |stream: &&LogStream| {
        let path = output_path(data_dir, stream.attempt);
        (stream.name.clone(), format!("the output of {} is not there: {}", stream.job, path.display()))
    };
    gone.iter().filter(still).map(told).collect()
}

/// Files of attempts that no row knows.
pub(super) fn stray(all: &Everything, files: &Files) -> Vec<(String, String)> {
    let runs = all.rows.jobs.values().map(|job| &job.run).chain(all.rows.children.values());
    let of_streams = all.rows.log_streams.values().map(|stream| stream.attempt);
    let known: BTreeSet<AttemptId> = runs.flat_map(Run::outputs).chain(of_streams).collect();
    let unknown = files.iter().filter(|(attempt, _)| !known.contains(attempt));
    unknown.map(|(attempt, path)| (attempt.to_string(), path.display().to_string())).collect()
}
