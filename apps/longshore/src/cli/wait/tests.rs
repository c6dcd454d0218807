//! How counts and endings are told.

use super::*;
use crate::client::job::{ArrayProperties, Container};

fn job(status: &str) -> Job {
    Job { job_id: "id".into(), job_name: "name".into(), status: status.into(), ..Job::default() }
}

fn array(counts: &[(&str, u64)]) -> Job {
    let status_summary = counts.iter().map(|(status, count)| ((*status).to_owned(), *count)).collect();
    let properties = ArrayProperties { size: Some(10), index: None, status_summary };
    Job { array_properties: Some(properties), ..job("PENDING") }
}

#[test]
fn array_among_jobs_counts_with_its_children() {
    let jobs = [job("RUNNING"), array(&[("RUNNING", 3), ("SUCCEEDED", 7), ("FAILED", 0)])];
    assert_eq!(counts(&jobs), "4 RUNNING, 7 SUCCEEDED");
}

#[test]
fn job_failed_with_container_reason_tells_code_and_reason() {
    let container = Container { exit_code: Some(137), reason: Some("OutOfMemoryError".into()), ..Container::default() };
    let failed = Job { container: Some(container), status_reason: Some("exited".into()), ..job("FAILED") };
    let told = ending(&failed);
    assert!(told.ends_with("exit code 137: OutOfMemoryError"), "{told}");
}

#[test]
fn one_failed_job_among_many_decides_the_exit_code() {
    assert_eq!(report(&[job("SUCCEEDED"), job("FAILED")]), Exit::Failure);
    assert_eq!(report(&[job("SUCCEEDED"), job("SUCCEEDED")]), Exit::Success);
}
