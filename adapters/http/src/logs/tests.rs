//! CloudWatch Logs over a real socket, a real database and real files.

use crate::LogsService;
use crate::testing::{Answer, Running};
use longshore_engine::Change;
use longshore_engine::entity::LogStream;
use longshore_logs::LogReader;
use longshore_store::Store;
use longshore_types::{AttemptId, JobId, JobRef, Timestamp};
use serde_json::{Value, json};
use std::sync::mpsc::channel;
use tempfile::TempDir;

const GROUP: &str = "/aws/batch/job";

/// A server with some streams, each of which has ended and written its lines.
struct Logs {
    server: Running,
    _directory: TempDir,
}

/// Group, stream, when it began and ended, what it wrote.
type Written<'a> = (&'a str, &'a str, (i64, i64), &'a str);

impl Logs {
    async fn with(streams: &[Written<'_>]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path().join("longshore.db")).unwrap();
        let reader = store.reader();
        let output = directory.path().join("output");
        let mut changes = Vec::new();
        for (index, (group, name, (from, to), text)) in streams.iter().enumerate() {
            let attempt = AttemptId::from_random(u128::try_from(index).unwrap());
            let folder = output.join(&attempt.to_string()[..2]);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{attempt}.log")), text).unwrap();
            changes.push(Change::PutLogStream(Box::new(LogStream {
                group: (*group).into(),
                name: (*name).into(),
                attempt,
                job: JobRef::Job(JobId::from_random(1)),
                created_at: Timestamp::from_millis(*from),
                ended_at: Some(Timestamp::from_millis(*to)),
            })));
        }
        let (done, outcome) = channel();
        let writer = store.writer(move |result| drop(done.send(result))).unwrap();
        writer.commit(1, changes).unwrap();
        outcome.recv().unwrap().unwrap();
        let logs = LogsService { reader, output: LogReader::new(&output) };
        Self { server: Running::with(|services| services.logs = logs).await, _directory: directory }
    }

    async fn call(&self, operation: &str, body: Value) -> Answer {
        let target = format!("Logs_20140328.{operation}");
        let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
        self.server.send("POST", "/", &headers, &body.to_string()).await
    }

    async fn ok(&self, operation: &str, body: Value) -> Value {
        let answer = self.call(operation, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    async fn refused(&self, operation: &str, body: Value) -> (String, String) {
        let answer = self.call(operation, body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        let text = answer.json()["message"].as_str().unwrap().to_owned();
        (answer.error_type().to_owned(), text)
    }
}

fn messages(answer: &Value) -> Vec<&str> {
    answer["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn cwl_2_events_are_read_page_by_page_until_the_token_repeats() {
    let logs = Logs::with(&[(GROUP, "d/default/1", (10, 20), "a\nb\nc\n")]).await;
    let mut request = json!({"logGroupName": GROUP, "logStreamName": "d/default/1", "startFromHead": true, "limit": 2});
    let first = logs.ok("GetLogEvents", request.clone()).await;
    assert_eq!(messages(&first), ["a", "b"]);
    assert_eq!(first["events"][0]["timestamp"], 20);
    request["nextToken"] = first["nextForwardToken"].clone();
    let second = logs.ok("GetLogEvents", request.clone()).await;
    assert_eq!(messages(&second), ["c"]);
    request["nextToken"] = second["nextForwardToken"].clone();
    let end = logs.ok("GetLogEvents", request.clone()).await;
    assert_eq!((messages(&end), &end["nextForwardToken"]), (vec![], &request["nextToken"]));
}

#[tokio::test]
async fn cwl_2_newest_page_comes_first_and_the_group_may_be_an_arn() {
    let logs = Logs::with(&[(GROUP, "s", (10, 20), "a\nb\nc\n")]).await;
    let arn = format!("arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:*");
    let page = logs.ok("GetLogEvents", json!({"logGroupIdentifier": arn, "logStreamName": "s", "limit": 1})).await;
    assert_eq!(messages(&page), ["c"]);
}

#[tokio::test]
async fn cwl_1_what_does_not_exist_is_refused_by_name() {
    let logs = Logs::with(&[]).await;
    let missing = |group: &str| json!({"logGroupName": group, "logStreamName": "s"});
    let kind = "ResourceNotFoundException".to_owned();
    let group = logs.refused("GetLogEvents", missing("nope")).await;
    assert_eq!(group, (kind.clone(), "The specified log group does not exist.".into()));
    let stream = logs.refused("GetLogEvents", missing(GROUP)).await;
    assert_eq!(stream, (kind, "The specified log stream does not exist.".into()));
}

#[tokio::test]
async fn cwl_2_cwl_3_parameters_that_exclude_each_other_are_refused() {
    let logs = Logs::with(&[(GROUP, "s", (10, 20), "a\n")]).await;
    for (operation, body) in [
        ("GetLogEvents", json!({"logStreamName": "s"})),
        ("GetLogEvents", json!({"logGroupName": GROUP})),
        ("GetLogEvents", json!({"logGroupName": GROUP, "logGroupIdentifier": GROUP, "logStreamName": "s"})),
        ("GetLogEvents", json!({"logGroupName": GROUP, "logStreamName": "s", "limit": 10_001})),
        ("GetLogEvents", json!({"logGroupName": GROUP, "logStreamName": "s", "nextToken": "f/1/s"})),
        ("FilterLogEvents", json!({"logGroupName": GROUP, "logStreamNames": ["s"], "logStreamNamePrefix": "s"})),
        ("FilterLogEvents", json!({"logGroupName": GROUP, "filterPattern": "{ $.a = "})),
        ("DescribeLogStreams", json!({"logGroupName": GROUP, "logStreamNamePrefix": "s", "orderBy": "LastEventTime"})),
        ("DescribeLogStreams", json!({"logGroupName": GROUP, "limit": 51})),
        ("DescribeLogGroups", json!({"logGroupNamePrefix": "a", "logGroupNamePattern": "b"})),
        ("DescribeLogGroups", json!({"nextToken": "x"})),
    ] {
        let (kind, text) = logs.refused(operation, body.clone()).await;
        assert_eq!(kind, "InvalidParameterException", "{operation} {body}: {text}");
    }
}

#[tokio::test]
async fn cwl_3_events_of_streams_are_interleaved_filtered_and_named() {
    let streams = [(GROUP, "a", (10, 20), "x 1\ny 1\n"), (GROUP, "b", (10, 15), "x 2\n"), ("g", "a", (1, 2), "x 3\n")];
    let logs = Logs::with(&streams).await;
    let found = logs.ok("FilterLogEvents", json!({"logGroupName": GROUP, "filterPattern": "x"})).await;
    assert_eq!(messages(&found), ["x 2", "x 1"]);
    assert_eq!(found["events"][0]["logStreamName"], "b");
    assert_eq!((&found["searchedLogStreams"], found.get("nextToken")), (&json!([]), None));
    let later = logs.ok("FilterLogEvents", json!({"logGroupName": GROUP, "startTime": 16})).await;
    assert_eq!(messages(&later), ["x 1", "y 1"]);
    let named = logs.ok("FilterLogEvents", json!({"logGroupName": GROUP, "logStreamNames": ["b"]})).await;
    assert_eq!(messages(&named), ["x 2"]);
    let missing = logs.refused("FilterLogEvents", json!({"logGroupName": GROUP, "logStreamNames": ["c"]})).await;
    assert_eq!(missing.0, "ResourceNotFoundException");
}

#[tokio::test]
async fn cwl_4_streams_are_listed_in_all_four_orders_and_page_by_page() {
    let streams = [(GROUP, "a", (1, 30), "1\n"), (GROUP, "b", (2, 10), "2\n"), (GROUP, "c", (3, 20), "")];
    let logs = Logs::with(&streams).await;
    for (by, descending, expected) in [
        ("LogStreamName", false, ["a", "b", "c"]),
        ("LogStreamName", true, ["c", "b", "a"]),
        ("LastEventTime", true, ["a", "c", "b"]),
        ("LastEventTime", false, ["b", "c", "a"]),
    ] {
        let mut request = json!({"logGroupName": GROUP, "orderBy": by, "descending": descending, "limit": 2});
        let first = logs.ok("DescribeLogStreams", request.clone()).await;
        request["nextToken"] = first["nextToken"].clone();
        let second = logs.ok("DescribeLogStreams", request).await;
        assert_eq!(second.get("nextToken"), None);
        let both = [&first, &second].into_iter().flat_map(|page| page["logStreams"].as_array().unwrap());
        let names: Vec<_> = both.map(|stream| stream["logStreamName"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{by} {descending}");
    }
}

#[tokio::test]
async fn cwl_4_stream_tells_its_times_and_a_silent_one_has_none() {
    let logs = Logs::with(&[(GROUP, "a", (1, 30), "1\n"), (GROUP, "b", (2, 10), "")]).await;
    let page = logs.ok("DescribeLogStreams", json!({"logGroupName": GROUP})).await;
    let (loud, silent) = (&page["logStreams"][0], &page["logStreams"][1]);
    assert_eq!(loud["arn"], format!("arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:log-stream:a"));
    assert_eq!(
        (&loud["creationTime"], &loud["lastEventTimestamp"], &loud["storedBytes"]),
        (&json!(1), &json!(30), &json!(0))
    );
    assert_eq!(silent.get("firstEventTimestamp"), None);
}

#[tokio::test]
async fn cwl_4_groups_are_listed_and_the_default_one_is_always_there() {
    let logs = Logs::with(&[("custom", "a", (7, 30), "1\n")]).await;
    let page = logs.ok("DescribeLogGroups", json!({})).await;
    let names: Vec<_> = page["logGroups"].as_array().unwrap().iter().map(|group| &group["logGroupName"]).collect();
    assert_eq!(names, [GROUP, "custom"]);
    let custom = logs.ok("DescribeLogGroups", json!({"logGroupNamePattern": "ust"})).await;
    let group = &custom["logGroups"][0];
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:custom";
    assert_eq!((&group["arn"], &group["logGroupArn"]), (&json!(format!("{arn}:*")), &json!(arn)));
    assert_eq!(group["creationTime"], 7);
}

#[tokio::test]
async fn operation_that_is_not_built_says_so() {
    let logs = Logs::with(&[]).await;
    let (_, text) = logs.refused("CreateLogGroup", json!({"logGroupName": "g"})).await;
    assert_eq!(text, "The operation CreateLogGroup is not implemented by this version of Longshore.");
}
