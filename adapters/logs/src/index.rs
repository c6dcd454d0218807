//! The index beside an output file: 16-byte records (offset: u64, time in ms: i64, little-endian), which say that the
//! bytes before `offset` existed at `time`. Offsets increase, times do not decrease, so both are searched by halving.

use crate::error::Error;
use longshore_types::Timestamp;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

const RECORD_BYTES: u64 = 16;
/// Records read at a time: a page of the disk cache.
const BLOCK_RECORDS: u64 = 256;

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) offset: u64,
    pub(crate) time: Timestamp,
}

/// The records that an index had when it was opened.
#[derive(Debug)]
pub(crate) struct Index {
    file: Option<File>,
    path: PathBuf,
    count: u64,
    block: Vec<u8>,
    block_at: u64,
}

impl Index {
    /// Opens an index; a file that is not there has no records, and a torn last record is none.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Error> {
        let (file, length) = match open(&path) {
            Ok(opened) => opened.unzip(),
            Err(source) => return Err(Error::Read { path, source }),
        };
        let count = length.unwrap_or(0) / RECORD_BYTES;
        Ok(Self { file, path, count, block: Vec::new(), block_at: 0 })
    }

    /// The last record.
    pub(crate) fn last(&mut self) -> Result<Option<Record>, Error> {
        self.count.checked_sub(1).map(|last| self.record(last)).transpose()
    }

    /// The first record that covers the bytes before `offset`.
    pub(crate) fn covering(&mut self, offset: u64) -> Result<Option<Record>, Error> {
        let at = self.first_where(|record| record.offset >= offset)?;
        if at < self.count { self.record(at).map(Some) } else { Ok(None) }
    }

    /// The last record before `time`, and whether it is the last of all (true, too, when there are no records).
    pub(crate) fn before(&mut self, time: Timestamp) -> Result<(Option<Record>, bool), Error> {
        let at = self.first_where(|record| record.time >= time)?;
        let record = at.checked_sub(1).map(|before| self.record(before)).transpose()?;
        Ok((record, at == self.count))
    }

    /// The number of the first record for which `holds`, which holds for all after it.
    fn first_where(&mut self, holds: impl Fn(Record) -> bool) -> Result<u64, Error> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if holds(self.record(middle)?) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }

    fn record(&mut self, number: u64) -> Result<Record, Error> {
        let block_at = number / BLOCK_RECORDS * BLOCK_RECORDS;
        if self.block.is_empty() || self.block_at != block_at {
            self.load(block_at)?;
        }
        let at = usize::try_from((number - block_at) * RECORD_BYTES).unwrap_or(usize::MAX);
        let word = |from: usize| self.block.get(from..)?.first_chunk::<8>().copied();
        let words = word(at).zip(at.checked_add(8).and_then(word));
        let (offset, time) = words.ok_or_else(|| self.failed(io::ErrorKind::UnexpectedEof.into()))?;
        let time = Timestamp::from_millis(i64::from_le_bytes(time));
        Ok(Record { offset: u64::from_le_bytes(offset), time })
    }

    fn load(&mut self, block_at: u64) -> Result<(), Error> {
        let records = BLOCK_RECORDS.min(self.count - block_at);
        let mut block = vec![0; usize::try_from(records * RECORD_BYTES).unwrap_or(0)];
        if let Some(file) = &self.file {
            file.read_exact_at(&mut block, block_at * RECORD_BYTES).map_err(|source| self.failed(source))?;
        }
        (self.block, self.block_at) = (block, block_at);
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Read { path: self.path.clone(), source }
    }
}

/// Opens a file and gives its length; nothing when there is none.
pub(crate) fn open(path: &std::path::Path) -> io::Result<Option<(File, u64)>> {
    match File::open(path) {
        Ok(file) => {
            let length = file.metadata()?.len();
            Ok(Some((file, length)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
