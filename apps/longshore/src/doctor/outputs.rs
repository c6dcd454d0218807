//! The files in which attempts have left what they printed, against the rows that tell of them. Of each file its attempt is
//! kept, and nothing else.

use super::Found;
use longshore_engine::entity::LogStream;
use longshore_runner::output_path;
use longshore_store::{DatabaseAudit, Reader};
use longshore_types::{AttemptId, JobId};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The attempts, or containers, that have a file; in order.
pub(super) type Files = Vec<AttemptId>;

/// What there is. Files of other names are nobody's business here.
pub(super) fn files(data_dir: &Path) -> Files {
    let entries = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files = Vec::new();
    for folder in entries(&data_dir.join("output")) {
        let logs = entries(&folder).filter(|path| path.extension().is_some_and(|extension| extension == "log"));
        files.extend(logs.filter_map(|path| path.file_stem()?.to_str()?.parse::<AttemptId>().ok()));
    }
    files.sort_unstable();
    files
}

/// Streams that have ended and have no file, as streams are looked at.
pub(super) struct Unprinted<'a> {
    data_dir: &'a Path,
    files: &'a Files,
    found: Vec<LogStream>,
}

impl<'a> Unprinted<'a> {
    pub(super) fn new(data_dir: &'a Path, files: &'a Files) -> Self {
        Self { data_dir, files, found: Vec::new() }
    }

    pub(super) fn look(&mut self, stream: &LogStream) {
        let listed = self.files.binary_search(&stream.attempt).is_ok();
        if stream.ended_at.is_some() && !listed && !output_path(self.data_dir, stream.attempt).exists() {
            self.found.push(stream.clone());
        }
    }

    /// What is being removed, or has been meanwhile, counts as not there.
    pub(super) fn told(self, reader: &Reader, leaving: &BTreeSet<JobId>) -> Found {
        let left_since = if self.found.is_empty() { BTreeSet::new() } else { reader.leaving().unwrap_or_default() };
        let still = |stream: &&LogStream| {
            let job = stream.job.job();
            let leaves = leaving.contains(&job) || left_since.contains(&job);
            !leaves && reader.log_stream(&stream.group, &stream.name).is_ok_and(|found| found.is_some())
        };
        let told = |stream: &LogStream| {
            let path = output_path(self.data_dir, stream.attempt);
            (stream.name.clone(), format!("the output of {} is not there: {}", stream.job, path.display()))
        };
        self.found.iter().filter(still).map(told).collect()
    }
}

/// Files of attempts that no row knows. What was deleted meanwhile with its row is none.
pub(super) fn stray(data_dir: &Path, (audit, files): (&DatabaseAudit, &Files)) -> Found {
    let is_unknown = |attempt: &&AttemptId| audit.attempts.binary_search(attempt).is_err();
    let unknown = files.iter().filter(is_unknown).filter(|attempt| output_path(data_dir, **attempt).exists());
    let told = |attempt: &AttemptId| (attempt.to_string(), output_path(data_dir, *attempt).display().to_string());
    unknown.map(told).collect()
}
