//! Bringing a workload's inputs to its buckets and fetching its results.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::client::{Client, S3};
use crate::output;
use crate::workload::{Download, Upload, Workload};

/// Creates the buckets and stores every file that is to be uploaded.
pub(super) fn upload(client: &Client, workload: &Workload) -> anyhow::Result<()> {
    let s3 = client.s3();
    for bucket in &workload.buckets {
        s3.create_bucket(bucket)?;
    }
    for Upload { from, to } in &workload.uploads {
        if from.is_dir() {
            upload_directory(&s3, from, &to.bucket, &to.key)?;
        } else {
            s3.put_file(from, &to.bucket, &key_for(from, &to.key))?;
        }
        output::say(format!("uploaded {} to {to}", from.display()));
    }
    Ok(())
}

/// A key that ends in a slash, or is empty, is a place for the file under its own name.
fn key_for(file: &Path, key: &str) -> String {
    if !key.is_empty() && !key.ends_with('/') {
        return key.to_owned();
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    format!("{key}{name}")
}

fn upload_directory(s3: &S3<'_>, directory: &Path, bucket: &str, prefix: &str) -> anyhow::Result<()> {
    let prefix = if prefix.is_empty() || prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}/") };
    let entries = std::fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let key = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            upload_directory(s3, &path, bucket, &key)?;
        } else {
            s3.put_file(&path, bucket, &key)?;
        }
    }
    Ok(())
}

/// Fetches every object below each download's prefix.
pub(super) fn download(client: &Client, workload: &Workload) -> anyhow::Result<()> {
    let s3 = client.s3();
    for Download { from, to } in &workload.downloads {
        let keys = s3.list(&from.bucket, &from.key)?;
        for key in &keys {
            let Some(path) = destination(to, &from.key, key) else {
                output::warn(format!(
                    "left s3://{}/{key} where it is: it would land outside {}",
                    from.bucket,
                    to.display()
                ));
                continue;
            };
            s3.get_file(&from.bucket, key, &path)?;
        }
        let objects = if keys.len() == 1 { "object" } else { "objects" };
        output::say(format!("fetched {} {objects} from {from} to {}", keys.len(), to.display()));
    }
    Ok(())
}

/// Where the object goes; nothing for keys that would leave the directory, or that stand for a directory.
fn destination(to: &Path, prefix: &str, key: &str) -> Option<PathBuf> {
    let directory = prefix.rfind('/').map_or("", |end| &prefix[..=end]);
    let rest = key.strip_prefix(directory)?;
    let parts = || rest.split('/');
    let safe = parts().all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains('\0'));
    safe.then(|| to.join(parts().collect::<PathBuf>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upload_to_a_place_keeps_the_file_name() {
        assert_eq!(key_for(Path::new("/data/a.gr"), "in/"), "in/a.gr");
        assert_eq!(key_for(Path::new("/data/a.gr"), ""), "a.gr");
        assert_eq!(key_for(Path::new("/data/a.gr"), "in/b.gr"), "in/b.gr");
    }

    #[test]
    fn object_that_would_escape_is_left_alone() {
        let to = Path::new("/out");
        assert_eq!(destination(to, "", "a/b"), Some("/out/a/b".into()));
        assert_eq!(destination(to, "run/par", "run/part-1"), Some("/out/part-1".into()));
        assert_eq!(destination(to, "run/", "run/../../etc/passwd"), None);
        assert_eq!(destination(to, "", "/etc/passwd"), None);
        assert_eq!(destination(to, "", "a/"), None);
    }
}
