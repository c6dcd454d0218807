//! The order and the table of `jobs`.

use super::*;
use crate::client::job::{ArrayProperties, Container};

fn job(id: &str, created_at: i64) -> Job {
    let status = "SUCCEEDED".to_owned();
    Job { job_id: id.into(), job_name: "sum".into(), status, created_at: Some(created_at), ..Job::default() }
}

fn rendered(jobs: &[Job], now_ms: i64) -> String {
    anstream::adapter::strip_str(&table(jobs, now_ms).render()).to_string()
}

#[test]
fn jobs_in_any_order_are_listed_newest_first() {
    let mut jobs = [job("old", 1), job("new", 3), job("mid", 2)];
    sort(&mut jobs);
    assert_eq!(jobs.map(|job| job.job_id), ["new", "mid", "old"]);
}

#[test]
fn table_shows_why_a_job_failed_and_nothing_for_success() {
    let container = Container { exit_code: Some(3), ..Container::default() };
    let failed = Job {
        status: "FAILED".into(),
        status_reason: Some("Essential container in task exited".into()),
        started_at: Some(61_000),
        stopped_at: Some(62_500),
        container: Some(container),
        ..job("b", 60_000)
    };
    let array = ArrayProperties { size: Some(5), ..ArrayProperties::default() };
    let parent = Job { array_properties: Some(array), ..job("a", 0) };
    let expected = "\
ID  NAME  STATUS     AGE    RAN   ARRAY  REASON
b   sum   FAILED     1m 0s  1.5s  -      exit code 3, Essential container in task exited
a   sum   SUCCEEDED  2m 0s  -     5";
    assert_eq!(rendered(&[failed, parent], 120_000), expected);
}
