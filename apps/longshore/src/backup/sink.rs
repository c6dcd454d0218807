//! Where the files of a backup go: below a directory, or one after the other into a tar archive.

use super::progress::Progress;
use super::{Error, Result, lines};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// How much is copied between two looks whether to go on.
const CHUNK: usize = 1 << 18;
/// Readable by whoever may read the data directory's files: by the owner.
const MODE: u32 = 0o600;

/// Takes files.
pub(super) enum Sink {
    Directory(PathBuf),
    Archive(PathBuf, tar::Builder<File>),
}

/// A file's size and its SHA-256, in hexadecimal digits.
pub(super) type Sum = (u64, String);

impl Sink {
    pub(super) fn archive(path: PathBuf) -> Result<Self> {
        let file = File::options().write(true).create_new(true).open(&path).map_err(Error::writing(&path))?;
        Ok(Self::Archive(path, tar::Builder::new(file)))
    }

    /// The file `from` as `name`; what is appended to it meanwhile is left out.
    pub(super) fn add(&mut self, name: &str, from: &Path, progress: &mut Progress<'_>) -> Result<Sum> {
        let file = File::open(from).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::Vanished { path: from.to_owned() },
            _ => Error::Read { path: from.to_owned(), source },
        })?;
        let bytes = file.metadata().map_err(Error::reading(from))?.len();
        let mut source = Hashing { source: file.take(bytes), hash: Sha256::new(), name, progress, stopped: None };
        let written = match self {
            Self::Directory(root) => write_below(root, name, &mut source),
            Self::Archive(path, tar) => append(tar, (name, bytes), &mut source).map_err(Error::writing(&*path)),
        };
        if let Some(stopped) = source.stopped {
            return Err(stopped);
        }
        written?;
        if source.source.limit() > 0 {
            return Err(Error::Read { path: from.to_owned(), source: io::ErrorKind::UnexpectedEof.into() });
        }
        Ok((bytes, lines::hex(&source.hash.finalize())))
    }

    /// Nothing more comes.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Self::Directory(_) => Ok(()),
            Self::Archive(path, tar) => tar.into_inner().map(drop).map_err(Error::writing(path)),
        }
    }
}

/// Copies a stream to a new file below `root`; its directories are made.
pub(super) fn write_below(root: &Path, name: &str, source: &mut (impl Read + ?Sized)) -> Result<()> {
    let path = root.join(name);
    let parent = path.parent().unwrap_or(root);
    fs::create_dir_all(parent).map_err(Error::writing(parent))?;
    let mut file = File::options().write(true).create_new(true).open(&path).map_err(Error::writing(&path))?;
    copy(source, &mut file).map_err(Error::writing(&path))
}

fn append(
    tar: &mut tar::Builder<File>,
    (name, bytes): (&str, u64),
    source: &mut (impl Read + ?Sized),
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(MODE);
    tar.append_data(&mut header, name, source)
}

fn copy(source: &mut (impl Read + ?Sized), target: &mut impl Write) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk)? {
            0 => return Ok(()),
            read => target.write_all(&chunk[..read])?,
        }
    }
}

/// A stream that is hashed, and that ends early when the user wants to stop.
pub(super) struct Hashing<'a, 'b, R> {
    pub(super) source: R,
    pub(super) hash: Sha256,
    pub(super) name: &'a str,
    pub(super) progress: &'a mut Progress<'b>,
    pub(super) stopped: Option<Error>,
}

impl<R: Read> Read for Hashing<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.hash.update(&buffer[..read]);
        if let Err(stopped) = self.progress.add(self.name, read as u64) {
            self.stopped = Some(stopped);
            return Err(io::Error::other("given up"));
        }
        Ok(read)
    }
}

/// Reads a stream to its end, for its sum alone.
pub(super) fn drain(source: &mut (impl Read + ?Sized)) -> io::Result<()> {
    copy(source, &mut io::sink())
}
