//! The compact result file of one child: its bytes, checked on reading. README.md documents the format; a change
//! needs a new version.

#[cfg(test)]
mod tests;

use crate::mix::mix;
use crate::network::{Naming, Network};
use crate::record::Record;
use crate::search::Outcome;
use crate::share::Share;

const MAGIC: [u8; 8] = *b"SHPATHS\x01";
const HEADER: usize = 48;
const RECORD: usize = 40;
const CHECK: usize = 8;
/// In a record: the origin reaches nothing.
const NOBODY: u32 = u32::MAX;

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Error {
    #[error("{name} is not a result file of this version: it does not start with SHPATHS and version 1")]
    Magic { name: String },
    #[error("{name} is damaged: {length} bytes, expected at least {expected}; run its child again")]
    Short { name: String, length: usize, expected: usize },
    #[error("{name} is damaged: checksum {found:016x}, expected {expected:016x}; run its child again")]
    Checksum { name: String, found: u64, expected: u64 },
    #[error("{name} contradicts itself: {what}; run its child again")]
    Contradiction { name: String, what: &'static str },
}

/// What a result file says about the network that it was computed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) fingerprint: u64,
    pub(crate) nodes: u32,
    pub(crate) decimals: u8,
    pub(crate) naming: Naming,
}

impl Subject {
    pub(crate) fn of(network: &Network) -> Self {
        Self {
            fingerprint: network.fingerprint(),
            nodes: network.nodes,
            decimals: network.decimals,
            naming: network.naming,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResultFile {
    pub(crate) subject: Subject,
    pub(crate) share: Share,
    pub(crate) records: Vec<Record>,
    /// All distances by origin and destination, if the child was asked for them.
    pub(crate) distances: Option<Vec<Vec<Option<u64>>>>,
}

impl ResultFile {
    pub(crate) fn new(subject: Subject, share: Share, outcomes: Vec<Outcome>, with_distances: bool) -> Self {
        let (records, distances) = outcomes.into_iter().map(|outcome| (outcome.record, outcome.distances)).unzip();
        Self { subject, share, records, distances: Some(distances).filter(|_| with_distances) }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.records.len() * RECORD + CHECK);
        bytes.extend(MAGIC);
        bytes.extend(self.subject.fingerprint.to_le_bytes());
        let first = self.share.origins(self.subject.nodes).start;
        for value in [self.subject.nodes, self.share.index, self.share.size, first, self.records.len() as u32] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.push(self.subject.decimals);
        bytes.push(u8::from(self.subject.naming == Naming::Letters));
        bytes.push(u8::from(self.distances.is_some()));
        bytes.resize(HEADER, 0);
        for record in &self.records {
            encode_record(record, &mut bytes);
        }
        for distance in self.distances.iter().flatten().flatten() {
            encode_distance(*distance, &mut bytes);
        }
        bytes.extend(checksum(&bytes).to_le_bytes());
        bytes
    }

    /// `name` is for messages.
    pub(crate) fn decode(bytes: &[u8], name: &str) -> Result<Self, Error> {
        let mut reader = open(bytes, name)?;
        let fingerprint = u64::from_le_bytes(reader.array()?);
        let [nodes, index, size, first, count] =
            [reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?];
        let [decimals, letters, with_distances, ..] = reader.array::<12>()?;
        let naming = if letters == 1 { Naming::Letters } else { Naming::Numbers };
        let subject = Subject { fingerprint, nodes, decimals, naming };
        let share = Share::new(index, size).map_err(|_| reader.contradiction("the index is not below the size"))?;
        let origins = share.origins(nodes);
        if origins.start != first || origins.len() != count as usize {
            return Err(reader.contradiction("its origins are not this child's share"));
        }
        let records = origins.map(|origin| reader.record(origin)).collect::<Result<Vec<_>, _>>()?;
        let distances = match with_distances {
            0 => None,
            _ => Some(records.iter().map(|_| reader.distances(nodes)).collect::<Result<_, _>>()?),
        };
        if !reader.bytes.is_empty() {
            return Err(reader.contradiction("bytes follow the last record"));
        }
        Ok(Self { subject, share, records, distances })
    }
}

/// Checks the frame: magic and checksum.
fn open<'a>(bytes: &'a [u8], name: &'a str) -> Result<Reader<'a>, Error> {
    let expected = HEADER + CHECK;
    if !bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) {
        return Err(Error::Magic { name: name.to_owned() });
    }
    let short = || Error::Short { name: name.to_owned(), length: bytes.len(), expected };
    let (content, check) = bytes.split_last_chunk::<CHECK>().filter(|_| bytes.len() >= expected).ok_or_else(short)?;
    let (found, expected) = (checksum(content), u64::from_le_bytes(*check));
    if found != expected {
        return Err(Error::Checksum { name: name.to_owned(), found, expected });
    }
    Ok(Reader { bytes: &content[MAGIC.len()..], name })
}

fn encode_record(record: &Record, bytes: &mut Vec<u8>) {
    let (distance, destination) = record.farthest.unwrap_or((0, NOBODY));
    bytes.extend(record.reachable.to_le_bytes());
    bytes.extend(destination.to_le_bytes());
    bytes.extend(distance.to_le_bytes());
    bytes.extend(record.sum.to_le_bytes());
    bytes.extend(record.checksum.to_le_bytes());
}

/// LEB128 of the distance plus one; 0 where there is no path.
fn encode_distance(distance: Option<u64>, bytes: &mut Vec<u8>) {
    let mut rest = distance.map_or(0, |distance| distance + 1);
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Eight bytes at a time, then the length: any change of a byte changes it.
fn checksum(bytes: &[u8]) -> u64 {
    let word = |chunk: &[u8]| chunk.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
    let state = bytes.chunks(8).fold(0, |state, chunk| mix(state ^ word(chunk)));
    mix(state ^ bytes.len() as u64)
}

/// The bytes still to be read.
struct Reader<'a> {
    bytes: &'a [u8],
    name: &'a str,
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(|| Error::Short {
            name: self.name.to_owned(),
            length: self.bytes.len(),
            expected: N,
        })?;
        self.bytes = rest;
        Ok(*head)
    }

    fn u32(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn record(&mut self, origin: u32) -> Result<Record, Error> {
        let reachable = self.u32()?;
        let destination = self.u32()?;
        let distance = u64::from_le_bytes(self.array()?);
        let sum = u128::from_le_bytes(self.array()?);
        let farthest = (destination != NOBODY).then_some((distance, destination));
        Ok(Record { origin, reachable, sum, farthest, checksum: u64::from_le_bytes(self.array()?) })
    }

    fn distances(&mut self, nodes: u32) -> Result<Vec<Option<u64>>, Error> {
        (0..nodes).map(|_| self.distance()).collect()
    }

    fn distance(&mut self) -> Result<Option<u64>, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value.checked_sub(1));
            }
        }
        Err(self.contradiction("a distance has more than 64 bits"))
    }

    fn contradiction(&self, what: &'static str) -> Error {
        Error::Contradiction { name: self.name.to_owned(), what }
    }
}
