//! The audit of a data directory: the database file, its rows and the rules that they keep, and the outputs of jobs. It reads,
//! whether a server runs or not, and changes nothing. Rows are read one by one: what is kept of them is sixteen bytes of each
//! attempt.

mod beside;
mod images;
mod outputs;

use longshore_engine::audit::Invariant;
use longshore_store::{DatabaseAudit, Reader};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Subjects and problems.
type Found = Vec<(String, String)>;

/// Something that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What is concerned: a job, a queue, a file.
    pub(crate) subject: String,
    pub(crate) problem: String,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// Stable for programs.
    pub(crate) name: &'static str,
    pub(crate) problems: Vec<Problem>,
    /// What to do about problems of this kind.
    pub(crate) advice: &'static str,
}

/// The whole audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) data_dir: PathBuf,
    /// The pid of the server that uses the directory, as far as it is known.
    pub(crate) server: Option<String>,
    pub(crate) checks: Vec<Check>,
}

/// Why there is nothing to audit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{path} holds no database of Longshore; name the server's data directory with --data-dir")]
    NoDatabase { path: PathBuf },
}

const DAMAGED: &str = "The file is damaged, by the disk or by another program. Stop the server, copy the data directory, and put a good copy of \
     longshore.db in its place.";
const OLD_LAYOUT: &str = "Rows were not checked. Start the version of Longshore that goes with the layout; a later one brings it up to date.";
const UNREADABLE: &str = "A row was changed by hand or written by another version. Copy the data directory before anything else; the version that \
     wrote the row can read it.";
const CONTRADICTION: &str = "The state contradicts itself, which is an error of Longshore or of whoever changed the database. Copy the data directory \
     and report what is shown here; jobs that are stuck can be ended with `longshore terminate`.";
const NO_OUTPUT: &str = "What these attempts printed is lost: the file was removed. Nothing else depends on it.";
const NO_OBJECT: &str = "These objects cannot be read: their files were removed, or the database is damaged. Put them again, or restore a backup.";
const CURSOR: &str =
    "A webhook would miss events. Stop the server and delete the file: the webhook then begins with what happens next.";
const NO_IMAGE: &str = "Jobs cannot run from these images as they are. What has a registry is pulled again by the next job that needs it; load the \
     others again with `longshore image load`, or restore a backup that has them.";
const STRAY_LAYER: &str = "No image has these layers: a pull was interrupted. They go with `longshore image prune`.";
const STRAY_OUTPUT: &str = "No job has these files. They can be deleted.";

/// Looks at everything.
pub(crate) fn examine(data_dir: &Path) -> Result<Report, Error> {
    let database = data_dir.join("longshore.db");
    if !database.is_file() {
        return Err(Error::NoDatabase { path: data_dir.to_owned() });
    }
    let reader = Reader::open(&database);
    let mut report = Report { data_dir: data_dir.to_owned(), server: server(data_dir), checks: Vec::new() };
    let integrity = reader.integrity().unwrap_or_else(|error| vec![told(&error)]);
    report.add("database-file", DAMAGED, integrity.into_iter().map(|line| ("longshore.db".to_owned(), line)));
    if !report.is_clean() || !report.has_current_layout(&reader) {
        return Ok(report);
    }
    // The files first: what has a file has had a row before.
    let files = outputs::files(data_dir);
    let cursors = beside::cursors(data_dir);
    let mut unprinted = outputs::Unprinted::new(data_dir, &files);
    match reader.audit(&mut |stream| unprinted.look(stream)) {
        Ok(audit) => {
            let unprinted = unprinted.told(&reader, &audit.leaving);
            report.check_rows(&audit, unprinted, outputs::stray(data_dir, (&audit, &files)));
            report.add("webhooks", CURSOR, beside::wrong_cursors(cursors, audit.last_event));
        }
        Err(error) => report.add("database-rows", UNREADABLE, [("longshore.db".to_owned(), told(&error))]),
    }
    report.add("objects", NO_OBJECT, beside::objects(data_dir));
    let images = images::examine(data_dir);
    report.add("images", NO_IMAGE, images.damaged);
    report.add("stray-layers", STRAY_LAYER, images.stray);
    Ok(report)
}

impl Report {
    /// Whether nothing was found.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems() == 0
    }

    /// How much was found.
    pub(crate) fn problems(&self) -> usize {
        self.checks.iter().map(|check| check.problems.len()).sum()
    }

    fn add(&mut self, name: &'static str, advice: &'static str, problems: impl IntoIterator<Item = (String, String)>) {
        let problems = problems.into_iter().map(|(subject, problem)| Problem { subject, problem }).collect();
        self.checks.push(Check { name, problems, advice });
    }

    fn has_current_layout(&mut self, reader: &Reader) -> bool {
        let wrong = match reader.layouts() {
            Ok((found, known)) if found == known => None,
            Ok((found, known)) => Some(format!("its layout is {found}, and that of this version is {known}")),
            Err(error) => Some(told(&error)),
        };
        let current = wrong.is_none();
        self.add("database-layout", OLD_LAYOUT, wrong.map(|problem| ("longshore.db".to_owned(), problem)));
        current
    }

    fn check_rows(&mut self, audit: &DatabaseAudit, unprinted: Found, stray: Found) {
        let differ = |row: &String| (row.clone(), "its columns say something else than its document".to_owned());
        self.add("database-rows", UNREADABLE, audit.mismatched.iter().map(differ));
        for invariant in Invariant::ALL {
            let own = audit.findings.iter().filter(|finding| finding.invariant == invariant);
            let told = own.map(|finding| (finding.subject.clone(), finding.problem.clone()));
            self.add(invariant.as_str(), CONTRADICTION, told);
        }
        self.add("outputs", NO_OUTPUT, unprinted);
        self.add("stray-outputs", STRAY_OUTPUT, stray);
    }
}

/// The server that has the directory locked.
fn server(data_dir: &Path) -> Option<String> {
    let path = data_dir.join("lock");
    let lock = File::open(&path).ok()?;
    let used = matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock));
    used.then(|| fs::read_to_string(&path).unwrap_or_default().trim().to_owned())
}

/// An error with its causes.
fn told(error: &longshore_store::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}
