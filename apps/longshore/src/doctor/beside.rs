//! What lies beside the job database: the objects of the embedded S3, and how far webhooks have got.

use super::Found;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How far each webhook has got, by the file that says so; `None` where it cannot be read.
pub(super) type Cursors = Vec<(PathBuf, Option<u64>)>;

/// To be read before the events: cursors only go on.
pub(super) fn cursors(data_dir: &Path) -> Cursors {
    let entries = fs::read_dir(data_dir.join("webhooks")).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "json"));
    let read = |path: PathBuf| {
        let row = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
        let after = row.and_then(|row| row["after"].as_u64());
        (path, after)
    };
    files.map(read).collect()
}

/// Cursors that cannot be read, or that are ahead of the events: what happens next would not be sent.
pub(super) fn wrong_cursors(cursors: Cursors, last: u64) -> Found {
    let problem = |(path, after): (PathBuf, Option<u64>)| {
        let problem = match after {
            None => "it cannot be read".to_owned(),
            Some(after) if after > last => format!("it has got to event {after}, and the last one is {last}"),
            Some(_) => return None,
        };
        Some((path.display().to_string(), problem))
    };
    cursors.into_iter().filter_map(problem).collect()
}

/// Content files that the object database names and that are not there. What is replaced meanwhile is not named any more.
pub(super) fn objects(data_dir: &Path) -> Found {
    let root = data_dir.join("s3");
    let missing = |among: Option<&BTreeSet<PathBuf>>| -> Result<BTreeSet<PathBuf>, longshore_s3::Error> {
        let named = longshore_s3::contents(&root.join(longshore_s3::DATABASE))?.files;
        let asked = named.into_iter().filter(|file| among.is_none_or(|among| among.contains(file)));
        Ok(asked.filter(|file| !root.join(file).is_file()).collect())
    };
    if !root.join(longshore_s3::DATABASE).is_file() {
        return Found::new();
    }
    let twice = missing(None).and_then(|gone| if gone.is_empty() { Ok(gone) } else { missing(Some(&gone)) });
    match twice {
        Ok(gone) => {
            let told = |file: PathBuf| (file.display().to_string(), "the content of an object is not there".to_owned());
            gone.into_iter().map(told).collect()
        }
        Err(error) => vec![(root.display().to_string(), error.to_string())],
    }
}
