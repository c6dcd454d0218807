//! What `describe` shows of jobs in different states.

use serde_json::json;

use super::*;

#[track_caller]
fn check(job: serde_json::Value, expected: &str) {
    let job: Job = serde_json::from_value(job).unwrap();
    assert_eq!(anstream::adapter::strip_str(&summary(&job)).to_string(), expected);
}

#[test]
fn job_that_failed_twice_shows_both_attempts() {
    check(
        json!({
            "jobId": "6a9f", "jobName": "sum", "status": "FAILED", "statusReason": "Essential container in task exited",
            "jobQueue": "arn:aws:batch:us-east-1:000000000000:job-queue/default",
            "jobDefinition": "arn:aws:batch:us-east-1:000000000000:job-definition/host:1",
            "createdAt": 1000, "startedAt": 5000, "stopped_at": 0, "stoppedAt": 6500,
            "container": { "image": "host", "command": ["sh", "-c", "exit 3"], "exitCode": 3, "logStreamName": "host/default/b",
                "resourceRequirements": [{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "512" }] },
            "attempts": [
                { "startedAt": 2000, "stoppedAt": 2040, "statusReason": "exited",
                  "container": { "exitCode": 3, "logStreamName": "host/default/a" } },
                { "startedAt": 5000, "stoppedAt": 6500,
                  "container": { "exitCode": 3, "reason": "OutOfMemoryError", "logStreamName": "host/default/b" } },
            ],
        }),
        "\
sum 6a9f
  status     FAILED
  reason     Essential container in task exited
  queue      default
  definition host:1
  image      host
  command    sh -c 'exit 3'
  needs      VCPU 1, MEMORY 512
  created    1970-01-01T00:00:01.000Z
  started    1970-01-01T00:00:05.000Z
  stopped    1970-01-01T00:00:06.500Z
  ran        1.5s
  exit code  3
  log        host/default/b
  attempt 1: started 1970-01-01T00:00:02.000Z, ran 40ms, exit code 3, exited, log host/default/a
  attempt 2: started 1970-01-01T00:00:05.000Z, ran 1.5s, exit code 3, OutOfMemoryError, log host/default/b",
    );
}

#[test]
fn array_parent_shows_counts_in_the_order_of_life() {
    check(
        json!({
            "jobId": "6a9f", "jobName": "sum", "status": "PENDING", "jobQueue": "default", "jobDefinition": "host",
            "arrayProperties": { "size": 5, "statusSummary": { "SUCCEEDED": 2, "RUNNING": 3, "FAILED": 0 } },
            "dependsOn": [{ "jobId": "77b0", "type": "N_TO_N" }, { "type": "SEQUENTIAL" }],
        }),
        "\
sum 6a9f
  status     PENDING
  queue      default
  definition host
  array      5 children: 3 RUNNING, 2 SUCCEEDED
  waits for  77b0 (N_TO_N), SEQUENTIAL",
    );
}

#[test]
fn word_with_quote_is_quoted_for_the_shell() {
    assert_eq!(quoted(&["echo".into(), "it's".into(), String::new()]), r"echo 'it'\''s' ''");
}

#[test]
fn job_of_several_containers_shows_each() {
    let requirements = json!([{ "type": "VCPU", "value": "1" }]);
    let containers = json!([
        { "name": "init", "image": "host", "command": ["true"], "essential": false, "exitCode": 0,
          "resourceRequirements": requirements, "logStreamName": "t/init/a" },
        { "name": "main", "image": "host", "exitCode": 3, "reason": "why", "logStreamName": "t/main/a" },
    ]);
    let ended = json!([
        { "name": "init", "exitCode": 0, "logStreamName": "t/init/a" },
        { "name": "main", "exitCode": 3, "reason": "why", "logStreamName": "t/main/a" },
    ]);
    check(
        json!({
            "jobId": "6a9f", "jobName": "sum", "status": "FAILED", "jobQueue": "default", "jobDefinition": "t:1",
            "ecsProperties": { "taskProperties": [{ "containers": containers }] },
            "attempts": [{ "statusReason": "exited", "taskProperties": [{ "containers": ended }] }],
        }),
        "\
sum 6a9f
  status     FAILED
  queue      default
  definition t:1
  container  init: image host, command true, needs VCPU 1, not essential, exit code 0, log t/init/a
  container  main: image host, exit code 3, why, log t/main/a
  exit code  3
  attempt 1: exited
    init: exit code 0, log t/init/a
    main: exit code 3, why, log t/main/a",
    );
}
