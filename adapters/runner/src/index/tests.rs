//! Records of growth.

use super::{Index, RECORD_BYTES, TICK, Watch};
use crate::output::{create, index_path, output_path};
use longshore_types::{AttemptId, Timestamp};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tempfile::TempDir;

const ATTEMPT: AttemptId = AttemptId::from_random(7);

/// An attempt that started two ticks ago.
struct Old {
    directory: TempDir,
    index: Index,
    output: std::fs::File,
}

impl Old {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let index = Index::new(directory.path().to_owned());
        let started = Instant::now().checked_sub(2 * TICK).unwrap();
        let watch = Watch { attempt: ATTEMPT, started, written: Mutex::default() };
        index.running().insert(ATTEMPT, Arc::new(watch));
        let output = create(&output_path(directory.path(), ATTEMPT)).unwrap();
        Self { directory, index, output }
    }

    fn write(&mut self, text: &str) -> &mut Self {
        self.output.write_all(text.as_bytes()).unwrap();
        self
    }

    fn tick(&mut self, now: i64) -> &mut Self {
        self.index.tick(Timestamp::from_millis(now));
        self
    }

    fn end(&mut self, now: i64) -> &mut Self {
        self.index.ended(ATTEMPT, Timestamp::from_millis(now));
        self
    }

    fn check(&self, expected: &[(u64, i64)]) {
        let bytes = std::fs::read(index_path(self.directory.path(), ATTEMPT)).unwrap_or_default();
        let records = bytes.chunks(RECORD_BYTES).map(|record| {
            let (offset, at) = record.split_at(8);
            (u64::from_le_bytes(offset.try_into().unwrap()), i64::from_le_bytes(at.try_into().unwrap()))
        });
        assert_eq!(records.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn growth_between_ticks_is_recorded_once() {
    Old::new().write("abc").tick(10).tick(20).write("de").tick(30).check(&[(3, 10), (5, 30)]);
}

#[test]
fn end_records_what_the_last_tick_did_not_see() {
    Old::new().write("abc").tick(10).write("de").end(20).check(&[(3, 10), (5, 20)]);
    Old::new().write("abc").end(20).check(&[(3, 20)]);
}

#[test]
fn end_without_growth_records_nothing() {
    Old::new().write("abc").tick(10).end(20).check(&[(3, 10)]);
    Old::new().end(20).check(&[]);
}

#[test]
fn clock_that_goes_back_does_not_take_the_index_along() {
    Old::new().write("abc").tick(10).write("d").tick(5).check(&[(3, 10), (4, 10)]);
}

#[test]
fn short_attempt_has_no_index() {
    let mut old = Old::new();
    old.index.started(ATTEMPT);
    old.write("abc").tick(10).end(20).check(&[]);
}
