//! The end of a run, for people and for programs.

use serde_json::json;

use super::*;

fn summary(jobs: serde_json::Value, unsubmitted: &[&str]) -> Summary {
    let jobs: Vec<Job> = serde_json::from_value(jobs).unwrap();
    let total = jobs.len() + unsubmitted.len();
    Summary {
        name: "sums".to_owned(),
        jobs,
        unsubmitted: unsubmitted.iter().map(|name| (*name).to_owned()).collect(),
        results: vec!["s3://results/".to_owned()],
        data_dir: Some("/data/sums".into()),
        wall: Duration::from_millis(61_500),
        total,
    }
}

#[track_caller]
fn check(summary: &Summary, expected: &str) {
    assert_eq!(anstream::adapter::strip_str(&summary.render()).to_string(), expected);
}

#[test]
fn run_that_succeeded_tells_where_results_are() {
    let summary = summary(
        json!([
            { "jobId": "6a9f", "jobName": "paths", "status": "SUCCEEDED", "startedAt": 0, "stoppedAt": 2500,
              "arrayProperties": { "size": 5, "statusSummary": { "SUCCEEDED": 5 } } },
            { "jobId": "77b0", "jobName": "sum", "status": "SUCCEEDED", "statusReason": "Essential container in task exited",
              "startedAt": 3000, "stoppedAt": 3010 },
        ]),
        &[],
    );
    assert!(summary.succeeded());
    check(
        &summary,
        "
JOB    STATUS     CHILDREN       RAN   ID    REASON
paths  SUCCEEDED  5/5 succeeded  2.5s  6a9f
sum    SUCCEEDED  -              10ms  77b0

sums: 2 of 2 jobs succeeded in 1m 1s
Results: s3://results/
Logs and data: /data/sums
To look at them again: longshore serve --data-dir /data/sums",
    );
}

#[test]
fn run_that_was_cut_short_names_what_was_never_submitted() {
    let jobs = json!([{ "jobId": "6a9f", "jobName": "paths", "status": "FAILED", "statusReason": "interrupted" }]);
    let summary = summary(jobs, &["sum"]);
    assert!(!summary.succeeded());
    check(
        &summary,
        "
JOB    STATUS         CHILDREN  RAN  ID    REASON
paths  FAILED         -         -    6a9f  interrupted
sum    not submitted  -         -    -

sums: 0 of 2 jobs succeeded in 1m 1s
Logs and data: /data/sums
To look at them again: longshore serve --data-dir /data/sums",
    );
}

#[test]
fn run_whose_jobs_were_lost_sight_of_has_not_succeeded() {
    let lost = Summary { total: 1, ..summary(json!([]), &[]) };
    assert!(!lost.succeeded());
    assert_eq!(lost.to_json()["succeeded"], false);
}
