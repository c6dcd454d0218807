//! Output files for tests, and a model of what is visible of them: all of it at once, in the plainest way.

use crate::snapshot::Sizes;
use crate::{LogReader, Stream};
use longshore_types::{AttemptId, Timestamp};
use proptest::prelude::*;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use tempfile::TempDir;

/// Sizes that make every buffer and limit bite in a file of a hundred bytes.
pub(crate) const SMALL: Sizes = Sizes { line: 16, ahead: 7, page: 40, scan: 24 };

/// An event as the model sees it: where it begins, where the next one does, its time and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) time: i64,
    pub(crate) text: String,
}

/// A directory of output.
pub(crate) struct Output {
    root: TempDir,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn small(&self) -> LogReader {
        LogReader::with_sizes(self.root.path(), SMALL)
    }

    pub(crate) fn reader(&self) -> LogReader {
        LogReader::new(self.root.path())
    }

    fn path(&self, stream: &Stream, extension: &str) -> PathBuf {
        let id = stream.attempt.to_string();
        let directory = self.root.path().join(&id[..2]);
        fs::create_dir_all(&directory).unwrap();
        directory.join(format!("{id}.{extension}"))
    }

    fn append(&self, stream: &Stream, extension: &str, bytes: &[u8]) {
        let path = self.path(stream, extension);
        File::options().create(true).append(true).open(path).unwrap().write_all(bytes).unwrap();
    }

    /// Appends output.
    pub(crate) fn write(&self, stream: &Stream, bytes: impl AsRef<[u8]>) {
        self.append(stream, "log", bytes.as_ref());
    }

    /// Puts something that cannot be read in the place of a stream's output.
    pub(crate) fn obstruct(&self, stream: &Stream) {
        fs::create_dir(self.path(stream, "log")).unwrap();
    }

    /// Appends bytes to the index.
    pub(crate) fn index(&self, stream: &Stream, bytes: &[u8]) {
        self.append(stream, "idx", bytes);
    }

    /// Appends a record that covers all that is there.
    pub(crate) fn record(&self, stream: &Stream, time: i64) {
        let length = self.path(stream, "log").metadata().unwrap().len();
        self.index(stream, &[length.to_le_bytes(), time.to_le_bytes()].concat());
    }

    /// Appends output and a record that covers it.
    pub(crate) fn write_at(&self, stream: &Stream, time: i64, bytes: impl AsRef<[u8]>) {
        self.write(stream, bytes);
        self.record(stream, time);
    }

    /// What is visible, in small sizes.
    pub(crate) fn model(&self, stream: &Stream) -> Vec<Seen> {
        let bytes = fs::read(self.path(stream, "log")).unwrap_or_default();
        let index = fs::read(self.path(stream, "idx")).unwrap_or_default();
        let word = |record: &[u8], at: usize| <[u8; 8]>::try_from(&record[at..at + 8]).unwrap();
        let records = index.chunks_exact(16);
        let records: Vec<(u64, i64)> =
            records.map(|r| (u64::from_le_bytes(word(r, 0)), i64::from_le_bytes(word(r, 8)))).collect();
        let last = records.last().copied();
        let ended = stream.ended_at.map(|ended| ended.as_millis().max(last.map_or(i64::MIN, |(_, time)| time)));
        let visible = if ended.is_some() { bytes.len() } else { last.map_or(0, |(offset, _)| offset) as usize };
        let time = |end: u64| {
            let covering = records.iter().find(|(offset, _)| *offset >= end);
            covering.map_or(ended.unwrap_or(0), |(_, time)| *time)
        };
        let seen = |start: usize, end: usize, text_end: usize| Seen {
            start: start as u64,
            end: end as u64,
            time: time(end as u64),
            text: String::from_utf8_lossy(&bytes[start..text_end]).into_owned(),
        };
        let mut events = Vec::new();
        let mut start = 0;
        while start < visible {
            let newline = bytes[start..visible].iter().position(|byte| *byte == b'\n').map(|at| start + at);
            let line_end = newline.unwrap_or(visible);
            let mut piece = start;
            if line_end - start > SMALL.line as usize {
                let stride = SMALL.line as usize - 4;
                for multiple in (0..line_end).step_by(stride).filter(|multiple| *multiple > start + 3) {
                    let cut = model_cut(&bytes[..=multiple]);
                    events.push(seen(piece, cut, cut));
                    piece = cut;
                }
            }
            match newline {
                Some(newline) => {
                    let returned = newline > piece && bytes[newline - 1] == b'\r';
                    events.push(seen(piece, newline + 1, newline - usize::from(returned)));
                }
                None if ended.is_some() && piece < visible => events.push(seen(piece, visible, visible)),
                None => {}
            }
            start = line_end + 1;
        }
        events
    }
}

/// The cut at the last byte: before the character that it is a part of, if it is valid as far as it goes.
fn model_cut(bytes: &[u8]) -> usize {
    let last = bytes.len() - 1;
    let lead = |back: usize| match bytes[last - back] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 0,
    };
    let continues = |back: usize| bytes[last - back] & 0xc0 == 0x80;
    let back = (1..=3).find(|&back| (0..back).all(continues) && lead(back) > back);
    last - back.unwrap_or(0)
}

/// Something that happens to the output of a running attempt.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// It writes.
    Write(Vec<u8>),
    /// The agent looks, this much later.
    Look(i64),
}

/// An attempt that writes and is looked at, with the clock of its agent.
pub(crate) struct Life {
    pub(crate) stream: Stream,
    pub(crate) now: i64,
    written: u64,
    recorded: u64,
}

impl Life {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, now: 1_000, written: 0, recorded: 0 }
    }

    pub(crate) fn step(&mut self, output: &Output, step: &Step) {
        match step {
            Step::Write(bytes) => {
                output.write(&self.stream, bytes);
                self.written += bytes.len() as u64;
            }
            Step::Look(later) => {
                self.now += later;
                if self.written > self.recorded {
                    output.record(&self.stream, self.now);
                    self.recorded = self.written;
                }
            }
        }
    }

    pub(crate) fn end(&mut self) {
        self.stream = ended(&self.stream, self.now + 5);
    }
}

/// Writes of lines, parts of lines, long lines and broken characters, and looks at them.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let part = prop_oneof![
        4 => "[a-c]{0,6}".prop_map(String::into_bytes),
        4 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => "[x€é😀]{5,20}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(0x80_u8..=0xff, 1..4),
    ];
    let bytes = proptest::collection::vec(part, 1..8).prop_map(|parts| parts.concat());
    let step = prop_oneof![3 => bytes.prop_map(Step::Write), 2 => (0_i64..4).prop_map(Step::Look)];
    proptest::collection::vec(step, 0..16)
}

/// A stream of its own number.
pub(crate) fn stream(number: u128) -> Stream {
    Stream {
        group: "/aws/batch/job".into(),
        name: format!("job/default/{number}"),
        attempt: AttemptId::from_random(number),
        created_at: Timestamp::from_millis(0),
        ended_at: None,
    }
}

/// The stream once its attempt has ended.
pub(crate) fn ended(stream: &Stream, time: i64) -> Stream {
    Stream { ended_at: Some(Timestamp::from_millis(time)), ..stream.clone() }
}
