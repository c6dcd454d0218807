//! A backup that is read: its manifest, and its files in the order of its list, each beside its sum. A directory and an
//! archive are read alike, file by file, whatever they hold.

use super::manifest::{FORMAT, LISTING, MANIFEST, Manifest};
use super::progress::Progress;
use super::sink::Hashing;
use super::{Error, Result, lines};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A backup with a manifest that this version knows.
pub(super) struct Backup {
    path: PathBuf,
    pub(super) manifest: Manifest,
    list: Box<dyn BufRead>,
    is_archive: bool,
}

/// What is done with a file's bytes.
pub(super) type Take<'a> = dyn FnMut(&str, &mut dyn Read) -> Result<()> + 'a;

impl Backup {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let is_archive = path.is_file();
        let (manifest, list) = if is_archive { in_archive(path)? } else { in_directory(path)? };
        let manifest: Manifest = serde_json::from_slice(&manifest)
            .map_err(|error| Error::damaged(path, format!("its manifest cannot be read: {error}")))?;
        if manifest.format > FORMAT {
            return Err(Error::NewerFormat { path: path.to_owned(), found: manifest.format, known: FORMAT });
        }
        Ok(Self { path: path.to_owned(), manifest, list, is_archive })
    }

    /// Hands every file to `take`. Fails at the first that is not as it was written.
    pub(super) fn each(mut self, progress: &mut Progress<'_>, take: &mut Take<'_>) -> Result<Manifest> {
        let mut seen = lines::Lines::new(io::sink());
        if self.is_archive {
            let file = File::open(&self.path).map_err(Error::reading(&self.path))?;
            let mut archive = tar::Archive::new(file);
            let mut entries = archive.entries().map_err(Error::reading(&self.path))?;
            while let Some((name, sum)) = lines::next(&mut self.list, &self.path)? {
                let entry = entries.next().and_then(std::result::Result::ok);
                let mut entry = entry.filter(|entry| entry.path_bytes() == name.as_bytes());
                let entry = entry.as_mut().ok_or_else(|| missing(&self.path, &name))?;
                let bytes = checked(&self.path, (&name, &sum), entry, (&mut *progress, &mut *take))?;
                seen.add(&name, (bytes, &sum)).map_err(Error::reading(&self.path))?;
            }
        } else {
            while let Some((name, sum)) = lines::next(&mut self.list, &self.path)? {
                let mut file = File::open(self.path.join(&name)).map_err(|_| missing(&self.path, &name))?;
                let bytes = checked(&self.path, (&name, &sum), &mut file, (&mut *progress, &mut *take))?;
                seen.add(&name, (bytes, &sum)).map_err(Error::reading(&self.path))?;
            }
        }
        let whole = (seen.files, seen.bytes) == (self.manifest.files, self.manifest.bytes);
        let sum = seen.finish().map_err(Error::reading(&self.path))?;
        if !whole || sum != self.manifest.listing {
            return Err(Error::damaged(&self.path, "its list of files is not the one that was written"));
        }
        Ok(self.manifest)
    }
}

fn missing(backup: &Path, name: &str) -> Error {
    Error::damaged(backup, format!("{name} is missing"))
}

/// Hands a file to `take`, and compares its sum.
fn checked(
    backup: &Path,
    (name, sum): (&str, &str),
    source: &mut dyn Read,
    (progress, take): (&mut Progress<'_>, &mut Take<'_>),
) -> Result<u64> {
    let mut counted = Counted { source, bytes: 0 };
    let mut hashing = Hashing { source: &mut counted, hash: Sha256::new(), name, progress, stopped: None };
    let taken = take(name, &mut hashing);
    let Hashing { hash, stopped, .. } = hashing;
    if let Some(stopped) = stopped {
        return Err(stopped);
    }
    taken?;
    if lines::hex(&hash.finalize()) != sum {
        return Err(Error::damaged(backup, format!("{name} is not as it was written")));
    }
    Ok(counted.bytes)
}

struct Counted<'a> {
    source: &'a mut dyn Read,
    bytes: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

type Heads = (Vec<u8>, Box<dyn BufRead>);

fn in_directory(path: &Path) -> Result<Heads> {
    let manifest = std::fs::read(path.join(MANIFEST)).map_err(|_| Error::NoManifest { path: path.to_owned() })?;
    let list = File::open(path.join(LISTING)).map_err(|_| missing(path, LISTING))?;
    Ok((manifest, Box::new(BufReader::new(list))))
}

/// Both are at the end of the archive; all before them is skipped, not read.
fn in_archive(path: &Path) -> Result<Heads> {
    let none = || Error::NoManifest { path: path.to_owned() };
    let mut archive = tar::Archive::new(File::open(path).map_err(Error::reading(path))?);
    let (mut manifest, mut list) = (None, None);
    for entry in archive.entries_with_seek().map_err(|_| none())? {
        let mut entry = entry.map_err(|_| none())?;
        if *entry.path_bytes() == *LISTING.as_bytes() {
            list = Some((entry.raw_file_position(), entry.size()));
        } else if *entry.path_bytes() == *MANIFEST.as_bytes() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(Error::reading(path))?;
            manifest = Some(bytes);
        }
    }
    let (Some(manifest), Some((at, bytes))) = (manifest, list) else { return Err(none()) };
    let mut file = File::open(path).map_err(Error::reading(path))?;
    file.seek(SeekFrom::Start(at)).map_err(Error::reading(path))?;
    Ok((manifest, Box::new(BufReader::new(file.take(bytes)))))
}
