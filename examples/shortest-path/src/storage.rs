//! Where networks come from and results go: a folder, or a bucket with a prefix. It must not look into the files.

mod credentials;
mod s3;

#[cfg(test)]
mod tests;

pub(crate) use s3::Client;

use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot {action} {path}", path = path.display())]
    File { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("`{address}` is not of the form s3://BUCKET/KEY")]
    Address { address: String },
    #[error(transparent)]
    S3(#[from] s3::Error),
}

/// Variables of the environment by name; empty ones count as absent.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process's own environment.
pub(crate) fn process_environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Named files in one place.
#[derive(Debug)]
pub(crate) enum Store {
    Folder(PathBuf),
    Bucket { client: Box<Client>, prefix: String },
}

impl Store {
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, Error> {
        match self {
            Self::Folder(folder) => read_file(&folder.join(name)),
            Self::Bucket { client, prefix } => Ok(client.get(&format!("{prefix}{name}"))?),
        }
    }

    /// Readers see the whole file or none.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Self::Folder(folder) => write_file(&folder.join(name), bytes),
            Self::Bucket { client, prefix } => Ok(client.put(&format!("{prefix}{name}"), bytes)?),
        }
    }

    /// The names that start with `start`, in order.
    pub(crate) fn names(&self, start: &str) -> Result<Vec<String>, Error> {
        let mut names = match self {
            Self::Folder(folder) => folder_names(folder)?,
            Self::Bucket { client, prefix } => {
                let strip = |key: String| key.strip_prefix(prefix.as_str()).map(str::to_owned);
                client.list(&format!("{prefix}{start}"))?.into_iter().filter_map(strip).collect()
            }
        };
        names.retain(|name| name.starts_with(start));
        names.sort();
        Ok(names)
    }

    /// A name as people write it.
    pub(crate) fn address(&self, name: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(name).display().to_string(),
            Self::Bucket { client, prefix } => client.address(&format!("{prefix}{name}")),
        }
    }
}

/// Reads a path or an `s3://` address.
pub(crate) fn read_address(address: &str, environment: Environment<'_>) -> Result<Vec<u8>, Error> {
    match split(address)? {
        None => read_file(Path::new(address)),
        Some((bucket, key)) => Ok(Client::new(bucket, environment)?.get(key)?),
    }
}

/// Writes to a path or an `s3://` address.
pub(crate) fn write_address(address: &str, bytes: &[u8], environment: Environment<'_>) -> Result<(), Error> {
    match split(address)? {
        None => write_file(Path::new(address), bytes),
        Some((bucket, key)) => Ok(Client::new(bucket, environment)?.put(key, bytes)?),
    }
}

/// Bucket and key of an `s3://` address; `None` for a path.
fn split(address: &str) -> Result<Option<(&str, &str)>, Error> {
    let Some(rest) = address.strip_prefix("s3://") else { return Ok(None) };
    match rest.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => Ok(Some((bucket, key))),
        _ => Err(Error::Address { address: address.to_owned() }),
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::File { action: "read", path: path.to_owned(), source })
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::File { action: "write", path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}.unfinished", std::process::id()));
    let written = std::fs::write(&unfinished, bytes).and_then(|()| std::fs::rename(&unfinished, path));
    written.map_err(|source| {
        _ = std::fs::remove_file(&unfinished);
        failed(source)
    })
}

fn folder_names(folder: &Path) -> Result<Vec<String>, Error> {
    let failed = |source| Error::File { action: "list", path: folder.to_owned(), source };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    entries
        .filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose())
        .collect::<Result<_, _>>()
        .map_err(failed)
}
