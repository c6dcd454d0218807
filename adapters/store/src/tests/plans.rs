//! How the database finds what readers ask for: whatever pages through rows that may be a million walks along an index from
//! where the page begins. It never passes over a table from its start, and never sorts.

use super::rows::{array, at, child, id, job, name, needing, stream};
use crate::{
    ChildQuery, ConsumableJobQuery, DefinitionPattern, EventQuery, JobQuery, Pattern, Reader, Select, Store,
    StreamCursor, StreamQuery,
};
use longshore_engine::Change;
use longshore_engine::entity::ChildDefault;
use longshore_types::{JobRef, JobStatus};
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

thread_local! {
    /// The statements that readers have run on this thread, as they were prepared.
    static SEEN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes what is run on a connection.
pub(crate) fn watch(db: &mut Connection) {
    db.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note)).unwrap();
}

fn note(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(statement, _) = event {
        SEEN.with_borrow_mut(|seen| seen.insert(statement.sql().into_owned()));
    }
}

fn everything_that_pages(reader: &Reader) {
    let all = || JobStatus::ALL.to_vec();
    let (exact, prefix) = (|| Pattern::Exact("a".into()), || Pattern::Prefix("a".into()));
    let selections = [
        Select::Status(all()),
        Select::Name(vec![exact(), prefix()]),
        Select::Definition(vec![DefinitionPattern::Name(exact()), DefinitionPattern::Name(prefix())]),
        Select::Created { after: Some(at(1)), before: Some(at(9)) },
        Select::Share(vec!["s".into()], all()),
    ];
    for select in selections {
        let mut query = JobQuery { queue: name("q"), select, after: None, limit: 1 };
        query.after = reader.list_jobs(&query).unwrap().next;
        reader.list_jobs(&query).unwrap();
    }
    for statuses in [all(), vec![JobStatus::Succeeded]] {
        reader.list_children(&ChildQuery { array: id(1), statuses, after: Some(0), limit: 1 }).unwrap();
    }
    reader.jobs(&[JobRef::Job(id(2)), JobRef::Child(id(1), 0)]).unwrap();
    let needing = ConsumableJobQuery { resource: name("c"), statuses: all(), names: Vec::new(), after: None, limit: 1 };
    reader.consumable_jobs(&needing).unwrap();
    reader.events(&EventQuery { after: 1, limit: 1, ..EventQuery::default() }).unwrap();
    reader.event_bounds().unwrap();
    reader.events_before(at(5)).unwrap();
    reader.log_groups("/").unwrap();
    reader.log_group_created_at("/a").unwrap();
    reader.log_stream("/a", "x").unwrap();
    reader.log_streams(&StreamQuery { group: "/a".into(), limit: 1, ..StreamQuery::default() }).unwrap();
    let after = StreamCursor { ended_at: Some(at(9)), name: "x".into() };
    reader.latest_log_streams("/a", None, 2).unwrap();
    reader.latest_log_streams("/a", Some(&after), 2).unwrap();
}

#[test]
fn whatever_is_paged_is_found_in_an_index_that_is_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.db");
    let store = Store::open(&path).unwrap();
    let reader = store.reader();
    let parent = array(1, 3, ChildDefault::Runnable);
    let mut changes = vec![Change::PutChild(Box::new(child(&parent, 0, JobStatus::Succeeded)))];
    changes.push(Change::PutJob(Arc::new(parent)));
    changes.extend((2..5).map(|seq| Change::PutJob(Arc::new(job(seq, JobStatus::Runnable)))));
    changes.push(Change::PutJob(Arc::new(needing(5, JobStatus::Runnable, &["c"]))));
    changes.extend((1..4).map(|number| Change::PutLogStream(Box::new(stream("/a", "p", number, Some(9))))));
    super::write(store, vec![changes]);
    everything_that_pages(&reader);
    let db = Connection::open(&path).unwrap();
    let seen = SEEN.take();
    let selects: Vec<&String> = seen.iter().filter(|text| text.trim_start().starts_with("SELECT")).collect();
    assert!(selects.len() >= 18, "what readers run is not seen: {selects:?}");
    for text in selects {
        let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
        let plan: Vec<String> = plan.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        // The first or last entry of an order is found at its end.
        let edge = text.contains("ORDER BY seq ASC LIMIT 1") || text.contains("ORDER BY seq DESC LIMIT 1");
        let bad = |step: &&String| step.contains("TEMP B-TREE") || step.starts_with("SCAN") && !edge;
        assert_eq!(plan.iter().find(bad), None, "{text}\n{plan:?}");
    }
}
