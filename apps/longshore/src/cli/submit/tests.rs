//! The requests that arguments of `submit` mean.

use clap::Parser;
use serde_json::json;

use super::*;

#[derive(Debug, Parser)]
struct Only {
    #[command(flatten)]
    args: Args,
}

#[track_caller]
fn check(arguments: &str, expected: serde_json::Value) {
    let parsed = Only::parse_from(["submit"].into_iter().chain(arguments.split(' ')));
    assert_eq!(serde_json::to_value(parsed.args.request()).unwrap(), expected);
}

#[test]
fn command_alone_runs_on_the_default_queue() {
    let expected = json!({
        "jobName": "echo", "jobQueue": "default", "jobDefinition": "host",
        "containerOverrides": { "command": ["echo", "hello"] },
    });
    check("-- /bin/echo hello", {
        let mut with_path = expected;
        with_path["containerOverrides"]["command"][0] = json!("/bin/echo");
        with_path
    });
}

#[test]
fn every_option_reaches_the_request() {
    check(
        "--name n --queue q --definition d:3 --vcpus 0.5 --memory 512 --env A=1 --env B=x=y --param p=v --array 5 \
         --depends-on a:N_TO_N --depends-on SEQUENTIAL --attempts 3 --timeout 10m --tag t=u -- run --fast",
        json!({
            "jobName": "n", "jobQueue": "q", "jobDefinition": "d:3",
            "containerOverrides": {
                "command": ["run", "--fast"],
                "environment": [{ "name": "A", "value": "1" }, { "name": "B", "value": "x=y" }],
                "resourceRequirements": [{ "type": "VCPU", "value": "0.5" }, { "type": "MEMORY", "value": "512" }],
            },
            "parameters": { "p": "v" },
            "arrayProperties": { "size": 5 },
            "dependsOn": [{ "jobId": "a", "type": "N_TO_N" }, { "type": "SEQUENTIAL" }],
            "retryStrategy": { "attempts": 3 },
            "timeout": { "attemptDurationSeconds": 600 },
            "tags": { "t": "u" },
        }),
    );
}

#[test]
fn definition_without_command_sends_no_overrides() {
    check("--definition ml", json!({ "jobName": "ml", "jobQueue": "default", "jobDefinition": "ml" }));
}

#[test]
fn array_of_one_is_refused() {
    assert!(Only::try_parse_from(["submit", "--array", "1", "--", "true"]).is_err());
}
