//! Where an attempt's output goes: one file that the attempt itself writes, so that it is whole whatever dies.

use longshore_types::AttemptId;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The file that holds an attempt's stdout and stderr as it wrote them.
pub fn output_path(data_dir: &Path, attempt: AttemptId) -> PathBuf {
    path(data_dir, attempt, "log")
}

/// The file that says when the output had grown how far: see the `index` module. Short attempts have none.
pub fn index_path(data_dir: &Path, attempt: AttemptId) -> PathBuf {
    path(data_dir, attempt, "idx")
}

/// Under one of 256 directories, so that none gets slow.
fn path(data_dir: &Path, attempt: AttemptId, extension: &str) -> PathBuf {
    let id = attempt.to_string();
    let mut path = data_dir.join("output");
    path.push(&id[..2]);
    path.push(id);
    path.set_extension(extension);
    path
}

/// Creates an attempt's output file, which must not exist yet.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let open = || File::options().append(true).create_new(true).open(path);
    match open() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().ok_or(error)?)?;
            open()
        }
        result => result,
    }
}
