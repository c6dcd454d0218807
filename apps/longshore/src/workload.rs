//! A workload file, read and checked as a whole before anything starts: YAML with the API's own shapes, jobs that
//! name each other instead of ids, files to upload and results to fetch. It talks to nobody; `crate::run` does.
//! The format is documented in docs/guide/workload-file.md.

mod expand;
mod jobs;
mod node;
mod order;
mod read;
mod references;
mod sections;
mod shape;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub(crate) use expand::fill_job_ids;
#[cfg(test)]
pub(crate) use jobs::Dependency;
pub(crate) use jobs::Job;
pub(crate) use sections::{Download, Upload};

use expand::Surroundings;
use source::{Problems, Source};

/// What the command line says beside the file.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) env: BTreeMap<String, String>,
    /// The server is not ours: it may have job definitions and queues that the file does not.
    pub(crate) server_exists: bool,
}

/// Everything to be done, in an order in which it can be done.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) buckets: Vec<String>,
    pub(crate) uploads: Vec<Upload>,
    /// Requests of CreateComputeEnvironment, CreateJobQueue and RegisterJobDefinition.
    pub(crate) compute_environments: Vec<Value>,
    pub(crate) job_queues: Vec<Value>,
    pub(crate) job_definitions: Vec<Value>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) downloads: Vec<Download>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot read the workload file {path}: {source}\nhelp: {help}")]
    Unreadable { path: PathBuf, source: std::io::Error, help: &'static str },
    #[error(transparent)]
    Wrong(#[from] Problems),
}

impl Workload {
    /// Reads and checks the file at `path`.
    pub(crate) fn load(path: &Path, context: &Context) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Unreadable {
            path: path.to_owned(),
            help: match source.kind() {
                std::io::ErrorKind::NotFound => "check the name; `longshore run --help` shows a small file",
                std::io::ErrorKind::InvalidData => "a workload file is YAML in UTF-8",
                _ => "check that it is a file that you may read",
            },
            source,
        })?;
        let dir = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let dir = std::path::absolute(&dir).unwrap_or(dir);
        let fallback_name =
            path.file_stem().map_or_else(|| "workload".to_owned(), |s| s.to_string_lossy().into_owned());
        let source = Source { name: path.display().to_string(), text };
        Ok(Self::parse(source, &dir, &fallback_name, context)?)
    }

    fn parse(source: Source, dir: &Path, fallback_name: &str, context: &Context) -> Result<Self, Problems> {
        let mut root = match node::parse(&source.text) {
            Ok(root) => root,
            Err(problem) => return Err(Problems::new(source, vec![problem])),
        };
        let mut problems = Vec::new();
        let surroundings = Surroundings { dir: dir.display().to_string(), env: context.env.clone() };
        surroundings.expand(&mut root, &mut problems);
        let workload = sections::read(&root, dir, fallback_name, &mut problems);
        references::check(&root, context, &mut problems);
        if problems.is_empty() { Ok(workload) } else { Err(Problems::new(source, problems)) }
    }
}
