//! Rows that nobody of ours wrote: they are read or refused with their table and key; none ends the program.

use super::rows::*;
use super::write;
use crate::Store;
use longshore_engine::Change;
use longshore_engine::entity::ChildDefault;
use longshore_hostile::Hostile;
use longshore_types::JobStatus;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;

const INPUTS: usize = 1_000;

/// A row of each kind that has a maker.
fn changes() -> Vec<Change> {
    let parent = array(3, 4, ChildDefault::Runnable);
    vec![
        Change::PutEnvironment(environment("ce", "because").into()),
        Change::PutQueue(queue("q", 1).into()),
        Change::PutDefinition(definition("d", 1, true).into()),
        Change::PutJob(Arc::new(job(1, JobStatus::Runnable))),
        Change::PutJob(Arc::new(job(2, JobStatus::Succeeded))),
        Change::PutChild(Box::new(child(&parent, 1, JobStatus::Failed))),
        Change::PutJob(Arc::new(parent)),
        Change::PutHost(host(1, 2).into()),
        Change::PutLogStream(stream("g", "p", 1, None).into()),
    ]
}

/// Every text column of every table: (table, column, an example).
fn texts(db: &Connection) -> Vec<(String, String, String)> {
    let query = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'";
    let mut statement = db.prepare(query).unwrap();
    let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let columns: Vec<(String, String)> = columns.map(Result::unwrap).collect();
    let example = |(table, column): (String, String)| {
        let query = format!("SELECT {column} FROM {table} WHERE typeof({column}) = 'text' LIMIT 1");
        Some((table, column, db.query_row(&query, [], |row| row.get(0)).ok()?))
    };
    columns.into_iter().filter_map(example).collect()
}

/// Reads all that there is, in each of the ways in which it is read.
fn read_all(store: &Store) -> bool {
    let loaded = store.load().is_ok();
    let everything = store.reader().everything().is_ok();
    let audited = store.reader().audit(&mut |_| {}).is_ok();
    loaded && everything && audited
}

fn open(path: &Path) -> Connection {
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "synchronous", "OFF").unwrap();
    db
}

#[test]
fn hostile_rows_are_read_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("longshore.db");
    write(Store::open(&path).unwrap(), vec![changes()]);
    let (store, db) = (Store::open(&path).unwrap(), open(&path));
    assert!(read_all(&store));
    let columns = texts(&db);
    let mut refused = 0;
    let mut inputs = Hostile::new(1, columns.iter().map(|(_, _, example)| example.clone())).texts();
    for (table, column, example) in columns.iter().cycle().take(INPUTS) {
        let text = inputs.next().unwrap();
        let set = format!("UPDATE {table} SET {column} = ?1 WHERE {column} = ?2");
        // Some columns have to differ from row to row, and what is there already could not be told from the damage.
        let there = format!("SELECT count(*) FROM {table} WHERE {column} = ?");
        let there: i64 = db.query_row(&there, [&text], |row| row.get(0)).unwrap();
        if there == 0 && db.execute(&set, [&text, example]).is_ok() {
            refused += usize::from(!read_all(&store));
            db.execute(&set, [example, &text]).unwrap();
        }
    }
    assert!(read_all(&store) && refused > INPUTS / 20, "only {refused} were refused");
}
