//! Records found in an index of more than one block.

use super::{Index, Record};
use longshore_types::Timestamp;

fn record(offset: u64, time: i64) -> Record {
    Record { offset, time: Timestamp::from_millis(time) }
}

/// A thousand records: (10, 1), (20, 1), (30, 2), (40, 2), …
fn index() -> (tempfile::TempDir, Index) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.idx");
    let records = (1..=1_000_u64).flat_map(|n| [(10 * n).to_le_bytes(), n.div_ceil(2).to_le_bytes()].concat());
    std::fs::write(&path, records.collect::<Vec<u8>>()).unwrap();
    (directory, Index::open(path).unwrap())
}

#[test]
fn covering_is_the_first_record_that_reaches_the_offset() {
    let (_directory, mut index) = index();
    assert_eq!(index.covering(1).unwrap(), Some(record(10, 1)));
    assert_eq!(index.covering(10).unwrap(), Some(record(10, 1)));
    assert_eq!(index.covering(11).unwrap(), Some(record(20, 1)));
    assert_eq!(index.covering(7_005).unwrap(), Some(record(7_010, 351)));
    assert_eq!(index.covering(10_001).unwrap(), None);
}

#[test]
fn before_is_the_last_record_of_an_earlier_time() {
    let (_directory, mut index) = index();
    assert_eq!(index.before(Timestamp::from_millis(1)).unwrap(), (None, false));
    assert_eq!(index.before(Timestamp::from_millis(2)).unwrap(), (Some(record(20, 1)), false));
    assert_eq!(index.before(Timestamp::from_millis(501)).unwrap(), (Some(record(10_000, 500)), true));
}
