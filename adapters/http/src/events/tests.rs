//! Events over the port: read on, filtered, waited for.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

async fn get(server: &Running, query: &str) -> Value {
    let answer = server.send("GET", &format!("/longshore/v1/events?{query}"), &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn told(answer: &Value) -> Vec<(u64, String)> {
    let events = answer["events"].as_array().unwrap().iter();
    events.map(|e| (e["seq"].as_u64().unwrap(), e["event"]["detail"]["status"].as_str().unwrap().to_owned())).collect()
}

async fn submit(server: &Running, size: u32) -> String {
    let array = (size > 0).then(|| json!({ "size": size }));
    let mut job = json!({ "jobName": "j", "jobQueue": "q", "jobDefinition": "d" });
    job["arrayProperties"] = array.unwrap_or_else(|| json!({}));
    server.ok("SubmitJob", job).await["jobId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn events_are_read_on_by_number_and_selected_by_job_status_and_queue() {
    let server = Live::with_queue().await;
    let first = submit(&server, 0).await;
    let second = submit(&server, 3).await;
    server.ok("CancelJob", json!({ "jobId": first, "reason": "r" })).await;
    let all = get(&server, "").await;
    let statuses: Vec<String> = told(&all).into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, ["RUNNABLE", "PENDING", "RUNNABLE", "RUNNABLE", "RUNNABLE", "FAILED"]);
    assert_eq!((&all["next"], &all["last"]), (&json!(6), &json!(6)));
    let page = get(&server, "after=2&limit=2").await;
    assert_eq!((told(&page), &page["next"]), (vec![(3, "RUNNABLE".into()), (4, "RUNNABLE".into())], &json!(4)));
    assert_eq!(told(&get(&server, &format!("job={first}")).await), [(1, "RUNNABLE".into()), (6, "FAILED".into())]);
    assert_eq!(told(&get(&server, &format!("job={second}")).await).len(), 4);
    assert_eq!(told(&get(&server, &format!("job={second}%3A1")).await), [(4, "RUNNABLE".into())]);
    assert_eq!(told(&get(&server, "status=PENDING,FAILED").await), [(2, "PENDING".into()), (6, "FAILED".into())]);
    assert_eq!(told(&get(&server, "queue=q").await).len(), 6);
    assert_eq!(get(&server, "queue=other").await, json!({ "events": [], "next": 6, "last": 6 }));
    assert_eq!(told(&get(&server, "since=1000").await).len(), 6);
    assert_eq!(told(&get(&server, "since=1001").await), []);
}

#[tokio::test]
async fn request_that_waits_is_answered_by_the_next_event() {
    let server = Live::with_queue().await;
    let waiting = get(&server, "wait_ms=20000");
    let (told_then, _) = tokio::join!(waiting, submit(&server, 0));
    assert_eq!(told(&told_then), [(1, "RUNNABLE".into())]);
}

#[tokio::test]
async fn wait_without_an_event_ends_with_nothing() {
    let server = Live::with_queue().await;
    assert_eq!(get(&server, "wait_ms=1").await, json!({ "events": [], "next": 0, "last": 0 }));
}

#[tokio::test]
async fn parameters_that_mean_nothing_are_refused() {
    let server = Live::with_queue().await;
    for query in ["after=x", "job=x", "status=x", "colour=red", "queue=a%20b"] {
        let answer = server.send("GET", &format!("/longshore/v1/events?{query}"), &[], "").await;
        assert_eq!((answer.status, answer.error_type()), (400, "ClientException"), "{query}");
    }
}
