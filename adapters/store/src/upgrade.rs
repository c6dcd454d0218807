//! A database of an earlier layout that is about to be brought to the current one: a copy of it is put beside it first, so that
//! the version that wrote it can be gone back to.

use crate::copy::copy;
use crate::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is kept of a database before its layout is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// A copy beside it, `NAME.layout-N`.
    Copy,
    /// Nothing.
    Nothing,
}

/// A change of the layout that has been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgraded {
    /// The layout that was found.
    pub from: i64,
    /// The layout now.
    pub to: i64,
    /// The copy of what was found.
    pub copy: Option<PathBuf>,
}

/// Copies the database, whole or not at all.
pub(crate) fn copy_aside(path: &Path, layout: i64) -> Result<PathBuf, Error> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let (target, partial) = (beside(&format!(".layout-{layout}")), beside(&format!(".layout-{layout}.partial")));
    let failed =
        |source: io::Error| Error::Copy { from: path.to_path_buf(), to: target.clone(), source: source.into() };
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    copy(path, &partial, |_| true)?;
    fs::rename(&partial, &target).map_err(failed)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent).and_then(|directory| directory.sync_all()).map_err(failed)?;
    Ok(target)
}
