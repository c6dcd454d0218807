//! The sections of a workload file, one after the other. What jobs mean is in `jobs`, what names refer to in
//! `references`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use longshore_api_batch::types::{
    CreateComputeEnvironmentRequest, CreateJobQueueRequest, RegisterJobDefinitionRequest,
};
use serde::Deserialize;

use super::Workload;
use super::jobs;
use super::node::{Content, Node};
use super::read::{read as read_as, unknown_key};
use super::shape::{list, requests, text};
use super::source::Problem;

const KEYS: [&str; 9] = [
    "name",
    "buckets",
    "uploads",
    "parameters",
    "computeEnvironments",
    "jobQueues",
    "jobDefinitions",
    "jobs",
    "downloads",
];

/// A file or directory to be stored before the jobs start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) from: PathBuf,
    pub(crate) to: S3Uri,
}

/// Objects to be fetched when all jobs have succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Download {
    pub(crate) from: S3Uri,
    pub(crate) to: PathBuf,
}

/// `s3://bucket/key`; the key may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct S3Uri {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

#[derive(Debug, thiserror::Error)]
#[error("`{given}` is not an S3 address")]
pub(crate) struct NotAnS3Uri {
    given: String,
}

impl FromStr for S3Uri {
    type Err = NotAnS3Uri;

    fn from_str(given: &str) -> Result<Self, NotAnS3Uri> {
        let rest = given.strip_prefix("s3://").unwrap_or_default();
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        match bucket {
            "" => Err(NotAnS3Uri { given: given.to_owned() }),
            bucket => Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() }),
        }
    }
}

impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// Reads every section; what is wrong goes to `problems` and is left out of the workload.
pub(super) fn read(root: &Node, dir: &Path, fallback_name: &str, problems: &mut Vec<Problem>) -> Workload {
    if !matches!(root.content, Content::Map(_)) {
        let found = format!("expected a map with `jobs:`, found {}", root.describe());
        problems.push(Problem::new(root.place, found).help("`longshore run --help` shows a small workload file"));
    }
    problems.extend(root.entries().iter().filter_map(|(key, _)| unknown_key(key, &KEYS)));
    let uploads = uploads(root, dir, problems);
    Workload {
        name: name(root, fallback_name, problems),
        buckets: buckets(root, &uploads, problems),
        uploads,
        compute_environments: requests::<CreateComputeEnvironmentRequest>(root, "computeEnvironments", problems),
        job_queues: requests::<CreateJobQueueRequest>(root, "jobQueues", problems),
        job_definitions: requests::<RegisterJobDefinitionRequest>(root, "jobDefinitions", problems),
        jobs: jobs::read(root, problems),
        downloads: downloads(root, dir, problems),
    }
}

/// The workload's name goes into directory names, so it is as strict as a job's.
fn name(root: &Node, fallback: &str, problems: &mut Vec<Problem>) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let Some(node) = root.get("name") else {
        return fallback.chars().map(|c| if allowed(c) { c } else { '-' }).collect();
    };
    match text(root, "name") {
        Some(name) if name.len() <= 128 && name.chars().all(allowed) => name.to_owned(),
        _ => {
            let message = format!("{} is not a name for a workload", node.describe());
            problems
                .push(Problem::new(node.place, message).help("use up to 128 letters, digits, hyphens and underscores"));
            fallback.to_owned()
        }
    }
}

/// The buckets that are named, and those that uploads go to.
fn buckets(root: &Node, uploads: &[Upload], problems: &mut Vec<Problem>) -> Vec<String> {
    let mut buckets = Vec::new();
    for item in list(root, "buckets", problems) {
        match read_as::<String>(item) {
            Ok(bucket) if is_bucket_name(&bucket) => buckets.push(bucket),
            Ok(bucket) => problems.push(
                Problem::new(item.place, format!("`{bucket}` is not a name for a bucket"))
                    .help("use 3 to 63 lower case letters, digits, dots and hyphens, a letter or digit at both ends"),
            ),
            Err(problem) => problems.push(problem),
        }
    }
    for Upload { to, .. } in uploads {
        if !buckets.contains(&to.bucket) {
            buckets.push(to.bucket.clone());
        }
    }
    buckets
}

fn is_bucket_name(name: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.chars().all(inside)
        && end(name.chars().next())
        && end(name.chars().next_back())
}

#[derive(Deserialize)]
struct FromTo {
    from: String,
    to: String,
}

fn uploads(root: &Node, dir: &Path, problems: &mut Vec<Problem>) -> Vec<Upload> {
    from_to(root, "uploads", problems)
        .into_iter()
        .filter_map(|(item, FromTo { from, to })| {
            let to = s3_uri(item, "to", &to, problems)?;
            let from = dir.join(from);
            if let Err(cause) = std::fs::metadata(&from) {
                let place = item.get("from").map_or(item.place, |node| node.place);
                problems.push(
                    Problem::new(place, format!("cannot read {}: {cause}", from.display()))
                        .help(format!("paths are relative to the workload file, in {}", dir.display())),
                );
                return None;
            }
            if !is_bucket_name(&to.bucket) {
                let place = item.get("to").map_or(item.place, |node| node.place);
                problems.push(Problem::new(place, format!("`{}` is not a name for a bucket", to.bucket)));
                return None;
            }
            Some(Upload { from, to })
        })
        .collect()
}

fn downloads(root: &Node, dir: &Path, problems: &mut Vec<Problem>) -> Vec<Download> {
    from_to(root, "downloads", problems)
        .into_iter()
        .filter_map(|(item, FromTo { from, to })| {
            let to = dir.join(to);
            // Without `.` in the middle, for it is shown at the end.
            let to = std::path::absolute(&to).unwrap_or(to);
            Some(Download { from: s3_uri(item, "from", &from, problems)?, to })
        })
        .collect()
}

fn from_to<'a>(root: &'a Node, key: &str, problems: &mut Vec<Problem>) -> Vec<(&'a Node, FromTo)> {
    let mut pairs = Vec::new();
    for item in list(root, key, problems) {
        match read_as::<FromTo>(item) {
            Ok(pair) => pairs.push((item, pair)),
            Err(problem) => problems.push(problem),
        }
    }
    pairs
}

fn s3_uri(item: &Node, key: &str, given: &str, problems: &mut Vec<Problem>) -> Option<S3Uri> {
    let place = item.get(key).map_or(item.place, |node| node.place);
    let uri = given.parse();
    uri.map_err(|error: NotAnS3Uri| {
        problems.push(Problem::new(place, error.to_string()).help("write it as s3://BUCKET/KEY"));
    })
    .ok()
}
