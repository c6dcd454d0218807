//! What an event looks like from outside.

use super::*;
use crate::jobs::fixture::{Bench, JOB, array, context, current, finished, job};
use longshore_engine::Change;
use longshore_engine::entity::Event;
use longshore_store::EventQuery;

const ARN: &str = "arn:aws:batch:eu-west-1:123456789012";

fn event(seq: u64, kind: &str, subject: &Value, run: &Value) -> Change {
    let event = json!({ "seq": seq, "at": 1_655_301_703_999_i64, "kind": kind, "subject": subject, "run": run });
    let event: Event = serde_json::from_value(event).unwrap();
    Change::AppendEvent(Box::new(event))
}

fn one(job: &str) -> Value {
    json!({ "One": job })
}

/// The envelopes of all events over these rows.
fn envelopes(rows: Vec<Change>) -> Vec<Value> {
    let bench = Bench::new(rows);
    let query = EventQuery { limit: 100, ..EventQuery::default() };
    let page = Envelopes::new(bench.service.reader.clone(), context()).page(&query).unwrap();
    page.events.into_iter().map(|(_, envelope)| envelope).collect()
}

#[test]
fn ev_4_envelope_has_all_members_and_an_id_of_its_own() {
    let run = json!({ "status": "RUNNABLE" });
    let told = envelopes(vec![
        job(&json!({})),
        event(1, "StateChange", &one(JOB), &run),
        event(2, "StateChange", &one(JOB), &run),
    ]);
    let mut first = told[0].clone();
    let (id, detail) = (first["id"].take(), first["detail"].take());
    let expected = json!({
        "version": "0", "id": null, "detail-type": "Batch Job State Change", "source": "aws.batch",
        "account": "123456789012", "time": "2022-06-15T14:01:43Z", "region": "eu-west-1",
        "resources": [format!("{ARN}:job/{JOB}")], "detail": null,
    });
    assert_eq!(first, expected);
    assert_eq!((id.as_str().unwrap().len(), &detail["status"]), (36, &json!("RUNNABLE")));
    assert_ne!(id, told[1]["id"]);
}

#[test]
fn ev_1_job_is_shown_as_it_was_then() {
    let running = json!({ "status": "RUNNING", "started_at": 2_000, "current": current() });
    let row = job(&json!({ "run": { "status": "SUCCEEDED", "started_at": 2_000, "stopped_at": 3_000,
        "status_reason": "Essential container in task exited", "attempts": [finished(0)] } }));
    let told = envelopes(vec![row, event(1, "StateChange", &one(JOB), &running)]);
    let detail = &told[0]["detail"];
    assert_eq!((&detail["status"], &detail["attempts"]), (&json!("RUNNING"), &json!([])));
    assert_eq!((&detail["startedAt"], detail.get("stoppedAt")), (&json!(2_000), None));
    assert!(detail["container"]["logStreamName"].is_string());
}

#[test]
fn ev_2_tags_name_the_job_and_propagate_tags_is_always_there() {
    let told = envelopes(vec![
        job(&json!({ "tags": { "a": "1" } })),
        event(1, "StateChange", &one(JOB), &json!({ "status": "RUNNABLE" })),
    ]);
    let detail = &told[0]["detail"];
    assert_eq!(detail["tags"], json!({ "a": "1", "resourceArn": format!("{ARN}:job/{JOB}") }));
    assert_eq!((&detail["propagateTags"], &detail["eksAttempts"]), (&json!(false), &json!([])));
}

#[test]
fn ev_2_child_names_its_array_and_has_its_index() {
    let children = json!({ "Children": { "array": JOB, "ranges": [[0, 2]] } });
    let told = envelopes(vec![
        array(&json!({ "tags": { "a": "1" } })),
        event(3, "StateChange", &children, &json!({ "status": "RUNNABLE" })),
    ]);
    assert_eq!(told.len(), 3);
    assert_eq!(told[2]["resources"], json!([format!("{ARN}:job/{JOB}:2")]));
    let detail = &told[2]["detail"];
    assert_eq!(detail["arrayProperties"], json!({ "index": 2, "statusSummary": {} }));
    assert_eq!(detail["tags"], json!({ "resourceArn": format!("{ARN}:job/{JOB}") }));
}

#[test]
fn ev_3_blocked_queue_is_a_resource_too() {
    let run = json!({ "status": "RUNNABLE", "status_reason": "MISCONFIGURATION:X - y" });
    let told = envelopes(vec![job(&json!({})), event(1, "QueueBlocked", &one(JOB), &run)]);
    assert_eq!(told[0]["detail-type"], "Batch Job Queue Blocked");
    assert_eq!(told[0]["resources"], json!([format!("{ARN}:job/{JOB}"), format!("{ARN}:job-queue/q")]));
    assert_eq!(told[0]["detail"]["statusReason"], "MISCONFIGURATION:X - y");
}

#[test]
fn event_of_a_job_that_is_gone_is_left_out() {
    assert_eq!(
        envelopes(vec![event(1, "StateChange", &one(JOB), &json!({ "status": "RUNNABLE" }))]),
        Vec::<Value>::new()
    );
}
