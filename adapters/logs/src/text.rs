//! The bytes of an output file up to a fixed end, read by position through one buffer. Knows of lines no more than
//! where their ends are.

use crate::error::Error;
use crate::index;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// The first bytes of a file, however it grows meanwhile.
#[derive(Debug)]
pub(crate) struct Text {
    file: Option<File>,
    path: PathBuf,
    end: u64,
    ahead: usize,
    buffer: Vec<u8>,
    buffer_at: u64,
    straddling: Vec<u8>,
}

impl Text {
    /// Opens a file, to be read `ahead` bytes at a time; a file that is not there is empty.
    pub(crate) fn open(path: PathBuf, ahead: usize) -> Result<Self, Error> {
        let (file, length) = match index::open(&path) {
            Ok(opened) => opened.unzip(),
            Err(source) => return Err(Error::Read { path, source }),
        };
        let (buffer, straddling, end) = (Vec::new(), Vec::new(), length.unwrap_or(0));
        Ok(Self { file, path, end, ahead, buffer, buffer_at: 0, straddling })
    }

    /// Where the bytes end.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// Forgets what comes after `end`.
    pub(crate) fn cut_off(&mut self, end: u64) {
        self.end = self.end.min(end);
    }

    /// The byte at `position`; nothing at the end.
    pub(crate) fn byte(&mut self, position: u64) -> Result<Option<u8>, Error> {
        Ok(self.window(position)?.first().copied())
    }

    /// The first newline in `from..to`.
    pub(crate) fn newline(&mut self, from: u64, to: u64) -> Result<Option<u64>, Error> {
        let mut position = from;
        while position < to {
            let window = self.window(position)?;
            let part = &window[..window.len().min(offset_of(position, to))];
            if part.is_empty() {
                return Ok(None);
            }
            match memchr::memchr(b'\n', part) {
                Some(at) => return Ok(Some(position + at as u64)),
                None => position += part.len() as u64,
            }
        }
        Ok(None)
    }

    /// The last newline in `from..to`.
    pub(crate) fn newline_back(&mut self, from: u64, to: u64) -> Result<Option<u64>, Error> {
        let mut end = to;
        while from < end {
            let start = from.max(end.saturating_sub(self.ahead as u64));
            let part = self.bytes(start, end)?;
            if let Some(at) = memchr::memrchr(b'\n', part) {
                return Ok(Some(start + at as u64));
            }
            end = start;
        }
        Ok(None)
    }

    /// The bytes of `from..to`, fewer at the end. What only ends in the buffer is read beside it: a line whose end has
    /// just been found does not move the buffer back.
    pub(crate) fn bytes(&mut self, from: u64, to: u64) -> Result<&[u8], Error> {
        let length = offset_of(from, to.min(self.end));
        let straddles = from < self.buffer_at && from + length as u64 > self.buffer_at;
        if !straddles && self.window(from)?.len() >= length {
            let at = offset_of(self.buffer_at, from);
            return Ok(&self.buffer[at..at + length]);
        }
        let mut straddling = std::mem::take(&mut self.straddling);
        straddling.resize(length, 0);
        let read = self.read(&mut straddling, from)?;
        straddling.truncate(read);
        self.straddling = straddling;
        Ok(&self.straddling)
    }

    /// What is buffered from `position` on, after reading ahead if that is nothing. Empty at the end only.
    fn window(&mut self, position: u64) -> Result<&[u8], Error> {
        let buffered = self.buffer_at..self.buffer_at + self.buffer.len() as u64;
        if !buffered.contains(&position) {
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.resize(self.ahead.min(offset_of(position, self.end)), 0);
            let read = self.read(&mut buffer, position)?;
            buffer.truncate(read);
            (self.buffer, self.buffer_at) = (buffer, position);
        }
        Ok(&self.buffer[offset_of(self.buffer_at, position)..])
    }

    /// Fills `into`, and says how much of it; less than all only where the file has been truncated.
    fn read(&self, into: &mut [u8], position: u64) -> Result<usize, Error> {
        let Some(file) = &self.file else { return Ok(0) };
        let mut filled = 0;
        while filled < into.len() {
            match file.read_at(&mut into[filled..], position + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(Error::Read { path: self.path.clone(), source }),
            }
        }
        Ok(filled)
    }
}

/// How far `to` is after `from`.
fn offset_of(from: u64, to: u64) -> usize {
    usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX)
}
