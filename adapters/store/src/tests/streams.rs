//! Log streams.

use super::rows::{at, stream};
use crate::{Reader, Store, StreamCursor, StreamQuery};
use longshore_engine::Change;
use longshore_engine::entity::LogStream;

fn with(streams: &[LogStream]) -> (tempfile::TempDir, Reader) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("longshore.db")).unwrap();
    let reader = store.reader();
    let changes = streams.iter().map(|row| Change::PutLogStream(Box::new(row.clone()))).collect();
    super::write(store, vec![changes]);
    (directory, reader)
}

#[test]
fn groups_are_listed_once_each_by_prefix() {
    let rows = [stream("/a", "p", 1, None), stream("/b", "p", 2, None), stream("/b", "p", 3, None)];
    let (_directory, reader) = with(&rows);
    assert_eq!(reader.log_groups("").unwrap(), ["/a", "/b"]);
    assert_eq!(reader.log_groups("/b").unwrap(), ["/b"]);
    assert_eq!(reader.log_groups("/c").unwrap(), [""; 0]);
}

#[test]
fn stream_is_found_by_name_and_replaced_when_its_attempt_ends() {
    let (open, ended) = (stream("/a", "p", 1, None), stream("/a", "p", 1, Some(9)));
    let (_directory, reader) = with(&[open.clone(), ended.clone()]);
    assert_eq!(reader.log_stream("/a", &open.name).unwrap(), Some(ended));
    assert_eq!(reader.log_stream("/b", &open.name).unwrap(), None);
}

#[test]
fn streams_page_by_name_within_group_and_prefix() {
    let rows = [
        stream("/a", "one", 1, None),
        stream("/a", "one", 2, None),
        stream("/a", "one", 3, None),
        stream("/a", "two", 4, None),
        stream("/b", "one", 5, None),
    ];
    let (_directory, reader) = with(&rows);
    let mut query = StreamQuery { group: "/a".into(), prefix: "one/".into(), limit: 2, ..StreamQuery::default() };
    assert_eq!(reader.log_streams(&query).unwrap(), rows[..2]);
    query.after = Some(rows[1].name.clone());
    assert_eq!(reader.log_streams(&query).unwrap(), rows[2..3]);
}

#[test]
fn live_since_leaves_out_what_ended_before() {
    let rows = [stream("/a", "p", 1, Some(5)), stream("/a", "p", 2, None), stream("/a", "p", 3, Some(50))];
    let (_directory, reader) = with(&rows);
    let query = StreamQuery { group: "/a".into(), live_since: Some(at(20)), limit: 9, ..StreamQuery::default() };
    assert_eq!(reader.log_streams(&query).unwrap(), rows[1..]);
}

#[test]
fn latest_streams_are_the_running_then_by_end_page_by_page() {
    let rows = [
        stream("/a", "p", 1, Some(5)),
        stream("/a", "p", 2, None),
        stream("/a", "p", 3, Some(50)),
        stream("/a", "p", 4, None),
    ];
    let (_directory, reader) = with(&rows);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = reader.latest_log_streams("/a", after.as_ref(), 1).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(StreamCursor { ended_at: last.ended_at, name: last.name.clone() });
        seen.extend(page);
    }
    assert_eq!(seen, [3, 1, 2, 0].map(|index| rows[index].clone()));
}
