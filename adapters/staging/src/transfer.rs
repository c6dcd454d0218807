//! Files for objects, and objects for files.

use crate::client::{Client, Error};
use crate::plan::Transfer;
use crate::uri::Uri;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Why a transfer was not made, and of what.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("failed to download {uri}: {source}")]
    Download { uri: Uri, source: Error },
    #[error("failed to upload {uri}: {source}")]
    Upload { uri: Uri, source: Error },
    #[error("failed to upload {uri}: the command has succeeded but left nothing there")]
    Nothing { uri: Uri },
}

/// Fetches an object, or all objects under a prefix.
pub(crate) fn download(client: &Client<'_>, transfer: &Transfer, root: &Path) -> Result<(), Failure> {
    let uri = &transfer.uri;
    let failed = |source: Error| Failure::Download { uri: uri.clone(), source };
    let place = root.join(&transfer.place);
    if !uri.is_prefix() {
        return fetch(client, uri, &place).map_err(failed);
    }
    let keys = client.list(uri).map_err(failed)?;
    if keys.is_empty() {
        return Err(failed(Error::NoObject));
    }
    fs::create_dir_all(&place).map_err(|error| failed(error.into()))?;
    for key in keys {
        let Some(below) = below(&uri.key, &key) else { continue };
        let own = uri.sibling(key);
        fetch(client, &own, &place.join(below)).map_err(|source| Failure::Download { uri: own.clone(), source })?;
    }
    Ok(())
}

/// Where under a directory the object `key` goes; None for what has no place there: directory markers, and keys that would
/// lead out of it.
fn below(prefix: &str, key: &str) -> Option<PathBuf> {
    let rest = key.strip_prefix(prefix)?;
    let fits = !rest.is_empty() && rest.split('/').all(|part| !matches!(part, "" | "." | ".."));
    fits.then(|| PathBuf::from(rest))
}

fn fetch(client: &Client<'_>, uri: &Uri, place: &Path) -> Result<(), Error> {
    if let Some(directory) = place.parent() {
        fs::create_dir_all(directory)?;
    }
    client.get(uri, &mut File::create(place)?)
}

/// Makes the directory that an output will be in; any user of a container may write there.
pub(crate) fn make_room(transfer: &Transfer, root: &Path) -> Result<(), Failure> {
    let place = root.join(&transfer.place);
    let directory = if transfer.uri.is_prefix() { place.as_path() } else { place.parent().unwrap_or(root) };
    let made =
        fs::create_dir_all(directory).and_then(|()| fs::set_permissions(directory, fs::Permissions::from_mode(0o777)));
    made.map_err(|source| Failure::Upload { uri: transfer.uri.clone(), source: source.into() })
}

/// Stores a file, or all files under a directory. Each object appears whole or not at all.
pub(crate) fn upload(client: &Client<'_>, transfer: &Transfer, root: &Path) -> Result<(), Failure> {
    let (uri, place) = (&transfer.uri, root.join(&transfer.place));
    if !uri.is_prefix() {
        return store(client, uri, &place);
    }
    let mut files = Vec::new();
    let listed = files_under(&place, &mut files);
    listed.map_err(|source| Failure::Upload { uri: uri.clone(), source: source.into() })?;
    for file in files {
        let rest = file.strip_prefix(&place).unwrap_or(&file).to_string_lossy().into_owned();
        store(client, &uri.sibling(format!("{}{rest}", uri.key)), &file)?;
    }
    Ok(())
}

fn store(client: &Client<'_>, uri: &Uri, file: &Path) -> Result<(), Failure> {
    let is_file = fs::symlink_metadata(file).is_ok_and(|found| found.is_file());
    if !is_file {
        return Err(Failure::Nothing { uri: uri.clone() });
    }
    let stored = File::open(file).map_err(Error::from).and_then(|mut file| client.put(uri, &mut file));
    stored.map_err(|source| Failure::Upload { uri: uri.clone(), source })
}

/// Regular files only: a link could lead out of the directory.
fn files_under(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files_under(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
