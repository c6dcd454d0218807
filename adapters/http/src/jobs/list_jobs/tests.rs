//! What ListJobs lists, in which order, and how its pages go on.

use super::list_jobs;
use crate::failure::Failure;
use crate::jobs::fixture::{Bench, JOB, OTHER_JOB, array, child, context, finished, job};
use longshore_api_batch::types::{KeyValuesPair, ListJobsRequest, ListJobsResponse};
use longshore_engine::Change;
use serde_json::{Value, json};

fn of_queue() -> ListJobsRequest {
    ListJobsRequest { job_queue: Some("q".to_owned()), ..ListJobsRequest::default() }
}

fn filtered(name: &str, values: &[&str]) -> ListJobsRequest {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    let filter = KeyValuesPair { name: Some(name.to_owned()), values: Some(values) };
    ListJobsRequest { filters: Some(vec![filter]), ..of_queue() }
}

async fn listed(rows: Vec<Change>, request: ListJobsRequest) -> Result<ListJobsResponse, Failure> {
    let bench = Bench::new(rows);
    list_jobs(&bench.service, &context(), request).await
}

async fn names(rows: Vec<Change>, request: ListJobsRequest) -> Vec<String> {
    let response = listed(rows, request).await.unwrap();
    response.job_summary_list.unwrap().into_iter().map(|job| job.job_name.unwrap()).collect()
}

async fn refusal(request: ListJobsRequest) -> String {
    listed(Vec::new(), request).await.unwrap_err().to_string()
}

/// A job whose id ends in its number.
fn numbered(seq: u64, name: &str, status: &str) -> Change {
    let id = format!("11111111-2222-4333-8444-{seq:012}");
    job(&json!({ "id": id, "seq": seq, "name": name, "created_at": 1_000 + seq, "run": { "status": status } }))
}

fn several() -> Vec<Change> {
    vec![numbered(1, "one", "RUNNING"), numbered(2, "Two", "FAILED"), numbered(3, "two-b", "RUNNING")]
}

#[tokio::test]
async fn lst_1_exactly_one_scope_is_asked_for() {
    let both = ListJobsRequest { array_job_id: Some(JOB.to_owned()), ..of_queue() };
    let text = "Exactly one of jobQueue, arrayJobId and multiNodeJobId must be given.";
    assert_eq!(refusal(both).await, text);
    assert_eq!(refusal(ListJobsRequest::default()).await, text);
}

#[tokio::test]
async fn err_3_unknown_queue_is_refused_by_name() {
    let request = ListJobsRequest { job_queue: Some("none".to_owned()), ..ListJobsRequest::default() };
    assert_eq!(refusal(request).await, "JobQueue none not found.");
}

#[tokio::test]
async fn lst_2_running_jobs_are_the_default_newest_first() {
    assert_eq!(names(several(), of_queue()).await, ["two-b", "one"]);
}

#[tokio::test]
async fn id_3_queue_may_be_given_by_arn() {
    let arn = "arn:aws:batch:eu-west-1:123456789012:job-queue/q".to_owned();
    let request = ListJobsRequest { job_queue: Some(arn), ..ListJobsRequest::default() };
    assert_eq!(names(several(), request).await, ["two-b", "one"]);
}

#[tokio::test]
async fn lst_3_filters_list_every_status_and_ignore_job_status() {
    let by_name = ListJobsRequest { job_status: Some("RUNNING".to_owned()), ..filtered("JOB_NAME", &["TWO*"]) };
    assert_eq!(names(several(), by_name).await, ["two-b", "Two"]);
    assert_eq!(names(several(), filtered("JOB_NAME", &["two"])).await, ["Two"]);
    assert_eq!(names(several(), filtered("JOB_DEFINITION", &["d"])).await.len(), 3);
    assert_eq!(names(several(), filtered("JOB_DEFINITION", &["e", "d*"])).await.len(), 3);
    assert_eq!(names(several(), filtered("JOB_DEFINITION", &["D"])).await, [""; 0]);
    for (revision, count) in [(7, 3), (8, 0)] {
        let arn = format!("arn:aws:batch:eu-west-1:123456789012:job-definition/d:{revision}");
        assert_eq!(names(several(), filtered("JOB_DEFINITION", &[&arn])).await.len(), count);
    }
    assert_eq!(names(several(), filtered("AFTER_CREATED_AT", &["1001"])).await, ["two-b", "Two"]);
    assert_eq!(names(several(), filtered("BEFORE_CREATED_AT", &["1003"])).await, ["Two", "one"]);
}

#[tokio::test]
async fn lst_3_share_identifier_heeds_job_status() {
    let shared = |seq: u64, status: &str| {
        let id = format!("11111111-2222-4333-8444-{seq:012}");
        let name = format!("n{seq}");
        job(&json!({ "id": id, "seq": seq, "name": name, "share_identifier": "s", "run": { "status": status } }))
    };
    let rows = || vec![shared(1, "RUNNING"), shared(2, "FAILED"), numbered(3, "plain", "RUNNING")];
    assert_eq!(names(rows(), filtered("SHARE_IDENTIFIER", &["s"])).await, ["n2", "n1"]);
    let running = ListJobsRequest { job_status: Some("RUNNING".to_owned()), ..filtered("SHARE_IDENTIFIER", &["s"]) };
    assert_eq!(names(rows(), running).await, ["n1"]);
}

#[tokio::test]
async fn lst_3_filters_that_are_not_one_known_filter_with_good_values_are_refused() {
    let two = ListJobsRequest { filters: Some(vec![KeyValuesPair::default(); 2]), ..of_queue() };
    assert_eq!(refusal(two).await, "Only one filter can be used at a time.");
    assert!(refusal(filtered("job_name", &["x"])).await.starts_with("The filter job_name is not known."));
    assert_eq!(refusal(filtered("JOB_NAME", &[])).await, "The filter JOB_NAME needs at least one value.");
    let text = "The values of the filter AFTER_CREATED_AT are milliseconds since 1970, not \"today\".";
    assert_eq!(refusal(filtered("AFTER_CREATED_AT", &["today"])).await, text);
}

#[tokio::test]
async fn lst_4_page_1_pages_follow_each_other_without_gap_or_repetition() {
    let bench = Bench::new((1..=5).map(|seq| numbered(seq, &format!("n{seq}"), "RUNNING")).collect());
    for first in [of_queue(), filtered("JOB_NAME", &["n*"]), filtered("JOB_DEFINITION", &["d"])] {
        let mut request = ListJobsRequest { max_results: Some(2), ..first };
        let mut seen = Vec::new();
        loop {
            let response = list_jobs(&bench.service, &context(), request.clone()).await.unwrap();
            seen.extend(response.job_summary_list.unwrap().into_iter().map(|job| job.job_name.unwrap()));
            request.next_token = response.next_token;
            if request.next_token.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["n5", "n4", "n3", "n2", "n1"]);
    }
}

#[tokio::test]
async fn lst_4_asking_for_more_than_a_page_holds_gives_a_page_and_for_none_is_refused() {
    let many = ListJobsRequest { max_results: Some(5_000), ..of_queue() };
    assert_eq!(names(several(), many).await.len(), 2);
    let none = ListJobsRequest { max_results: Some(0), ..of_queue() };
    assert_eq!(refusal(none).await, "maxResults must be between 1 and 1000.");
}

#[tokio::test]
async fn page_2_token_of_another_query_or_garbage_is_refused() {
    let bench = Bench::new(several());
    let first = ListJobsRequest { max_results: Some(1), ..of_queue() };
    let token = list_jobs(&bench.service, &context(), first).await.unwrap().next_token;
    for (token, request) in [(token, filtered("JOB_NAME", &["t*"])), (Some("garbage".to_owned()), of_queue())] {
        let request = ListJobsRequest { next_token: token, ..request };
        let failure = list_jobs(&bench.service, &context(), request).await.unwrap_err();
        assert_eq!((failure.kind(), failure.status().as_u16()), ("ClientException", 400));
    }
}

#[tokio::test]
async fn lst_5_summary_has_what_applies_and_nothing_else() {
    let run = json!({
        "status": "FAILED", "status_reason": "Essential container in task exited", "started_at": 2_000,
        "stopped_at": 3_000, "attempts": [finished(1)], "terminated": true,
    });
    let request = ListJobsRequest { job_status: Some("FAILED".to_owned()), ..of_queue() };
    let response = listed(vec![job(&json!({ "run": run }))], request).await.unwrap();
    let expected = json!({ "jobSummaryList": [{
        "jobArn": format!("arn:aws:batch:eu-west-1:123456789012:job/{JOB}"),
        "jobId": JOB,
        "jobName": "name",
        "createdAt": 1_000,
        "status": "FAILED",
        "statusReason": "Essential container in task exited",
        "startedAt": 2_000,
        "stoppedAt": 3_000,
        "container": { "exitCode": 1 },
        "jobDefinition": "arn:aws:batch:eu-west-1:123456789012:job-definition/d:7",
        "isTerminated": true,
    }] });
    assert_eq!(serde_json::to_value(response).unwrap(), expected);
}

#[tokio::test]
async fn lst_7_queue_lists_parents_only() {
    let rows = vec![array(&json!({})), child(1, &json!({ "status": "RUNNING" }))];
    assert_eq!(names(rows, of_queue()).await, [""; 0]);
}

#[tokio::test]
async fn lst_8_children_are_listed_by_status_with_their_index() {
    let bench = Bench::new(vec![
        array(&json!({})),
        child(1, &json!({ "status": "RUNNING" })),
        job(&json!({ "id": OTHER_JOB, "seq": 2 })),
    ]);
    let children = |array: &str, status: Option<&str>| ListJobsRequest {
        array_job_id: Some(array.to_owned()),
        job_status: status.map(ToOwned::to_owned),
        max_results: Some(1),
        ..ListJobsRequest::default()
    };
    let list = async |request| {
        let response = list_jobs(&bench.service, &context(), request).await.unwrap();
        let more = response.next_token.clone();
        (serde_json::to_value(response).unwrap()["jobSummaryList"].as_array().unwrap().clone(), more)
    };
    let index = |jobs: &[Value]| jobs.iter().map(|job| job["arrayProperties"].clone()).collect::<Vec<_>>();
    let (running, more) = list(children(JOB, None)).await;
    assert_eq!((index(&running), more), (vec![json!({ "index": 1 })], None));
    assert_eq!(running[0]["jobId"], json!(format!("{JOB}:1")));
    let (runnable, more) = list(children(JOB, Some("RUNNABLE"))).await;
    assert_eq!(index(&runnable), [json!({ "index": 0 })]);
    let (rest, more) = list(ListJobsRequest { next_token: more, ..children(JOB, Some("RUNNABLE")) }).await;
    assert_eq!((index(&rest), more), (vec![json!({ "index": 2 })], None));
    let (of_single, _) = list(children(OTHER_JOB, Some("RUNNABLE"))).await;
    assert_eq!(of_single, [Value::Null; 0]);
}
