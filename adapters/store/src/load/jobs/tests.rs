//! Whoever decodes which rows, all of them come, and a bad one is named.

use super::*;
use crate::tests::rows::{id, job};
use longshore_types::JobStatus;

const QUERY: &str = "SELECT doc, id FROM jobs ORDER BY id";

/// A table of so many jobs; those that have no document of their own get this one.
fn table(jobs: u64, bad: Option<u64>) -> (Connection, Vec<Arc<Job>>) {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch("CREATE TABLE jobs (id TEXT, doc TEXT); BEGIN").unwrap();
    let jobs: Vec<Arc<Job>> = (1..=jobs).map(|seq| Arc::new(job(seq, JobStatus::Runnable))).collect();
    for job in &jobs {
        let doc = if bad == Some(job.seq) { "{}".into() } else { serde_json::to_string(&**job).unwrap() };
        db.execute("INSERT INTO jobs VALUES (?, ?)", [job.id.to_string(), doc]).unwrap();
    }
    db.execute_batch("COMMIT").unwrap();
    (db, jobs)
}

fn check(helpers: usize, count: usize) {
    let (db, mut jobs) = table(count as u64, None);
    let mut read = read_with(&db, (QUERY, []), helpers).unwrap();
    read.sort_by_key(|job| job.seq);
    jobs.sort_by_key(|job| job.seq);
    assert_eq!(read, jobs, "{helpers} helpers, {count} rows");
}

#[test]
fn any_number_of_rows_and_helpers_reads_every_job_once() {
    for helpers in [0, 1, 3] {
        for count in [0, 1, BATCH, BATCH * 5 + 1] {
            check(helpers, count);
        }
    }
}

#[test]
fn row_that_is_no_job_is_named_whoever_decodes_it() {
    for helpers in [0, 1, 3] {
        let (db, _) = table(2_000, Some(1_234));
        let error = read_with(&db, (QUERY, []), helpers).unwrap_err();
        assert!(matches!(error, Error::Decode { table: "jobs", key, .. } if key == id(1_234).to_string()));
    }
}
