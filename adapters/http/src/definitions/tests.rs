//! Definitions, registered and described.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

fn arn(id: &str) -> String {
    format!("arn:aws:batch:eu-west-1:123456789012:job-definition/{id}")
}

fn request(name: &str) -> Value {
    json!({
        "jobDefinitionName": name, "type": "container",
        "containerProperties": {
            "image": "busybox", "command": ["echo", "hi"],
            "resourceRequirements": [{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }],
        },
    })
}

async fn described(server: &Running, body: Value) -> Vec<Value> {
    server.ok("DescribeJobDefinitions", body).await["jobDefinitions"].as_array().unwrap().clone()
}

/// The definitions that a request lists, as `name:revision`.
async fn ids(server: &Running, body: Value) -> Vec<String> {
    let id = |definition: &Value| {
        format!("{}:{}", definition["jobDefinitionName"].as_str().unwrap(), definition["revision"])
    };
    described(server, body).await.iter().map(id).collect()
}

/// A server with `a:1`, `a:2` and `b:1`, of which `a:1` is INACTIVE.
async fn server() -> Running {
    let server = Live::start().await;
    for name in ["a", "a", "b"] {
        server.ok("RegisterJobDefinition", request(name)).await;
    }
    assert_eq!(server.ok("DeregisterJobDefinition", json!({ "jobDefinition": arn("a:1") })).await, json!({}));
    server
}

#[tokio::test]
async fn jd_5_minimal_definition_is_described_with_aws_defaults() {
    let server = Live::start().await;
    let registered = server.ok("RegisterJobDefinition", request("d")).await;
    let expected = json!({ "jobDefinitionName": "d", "jobDefinitionArn": arn("d:1"), "revision": 1 });
    assert_eq!(registered, expected);
    let expected = json!({
        "jobDefinitionName": "d", "jobDefinitionArn": arn("d:1"), "revision": 1, "status": "ACTIVE",
        "type": "container", "parameters": {}, "tags": {}, "containerOrchestrationType": "ECS",
        "containerProperties": {
            "image": "busybox", "command": ["echo", "hi"], "environment": [], "volumes": [], "mountPoints": [],
            "ulimits": [], "secrets": [],
            "resourceRequirements": [{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }],
        },
    });
    assert_eq!(described(&server, json!({ "jobDefinitions": ["d:1"] })).await, [expected]);
}

#[tokio::test]
async fn jd_5_everything_registered_is_echoed() {
    let server = Live::start().await;
    let container = json!({
        "image": "busybox", "vcpus": 1, "memory": 64, "command": [], "user": "nobody", "privileged": true,
        "environment": [{ "name": "A", "value": "1" }, { "name": "B" }], "jobRoleArn": "arn:aws:iam::1:role/r",
        "volumes": [{ "name": "v", "host": { "sourcePath": "/x" } }], "resourceRequirements": [],
        "mountPoints": [{ "sourceVolume": "v", "containerPath": "/x", "readOnly": false }], "ulimits": [], "secrets": [],
        "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/g" }, "secretOptions": [] },
    });
    let members = json!({
        "jobDefinitionName": "d", "type": "container", "parameters": { "p": "1" }, "schedulingPriority": 3,
        "containerProperties": container, "propagateTags": false, "timeout": { "attemptDurationSeconds": 60 },
        "retryStrategy": { "attempts": 2, "evaluateOnExit": [{ "onExitCode": "1*", "action": "retry" }] },
        "platformCapabilities": ["EC2"], "tags": { "t": "" },
    });
    server.ok("RegisterJobDefinition", members.clone()).await;
    let described = described(&server, json!({ "jobDefinitionName": "d" })).await.remove(0);
    for (member, value) in members.as_object().unwrap() {
        assert_eq!(&described[member], value, "{member}");
    }
}

#[tokio::test]
async fn jd_5_node_properties_are_echoed() {
    let server = Live::start().await;
    let range = json!({ "targetNodes": "0:", "container": request("")["containerProperties"] });
    let nodes = json!({ "numNodes": 2, "mainNode": 0, "nodeRangeProperties": [range] });
    let definition = json!({ "jobDefinitionName": "m", "type": "multinode", "nodeProperties": nodes });
    server.ok("RegisterJobDefinition", definition).await;
    let described = &described(&server, json!({})).await[0];
    assert_eq!((&described["type"], &described["nodeProperties"]), (&json!("multinode"), &nodes));
}

#[tokio::test]
async fn jd_4_definitions_are_listed_by_descending_name_and_revision() {
    let server = server().await;
    assert_eq!(ids(&server, json!({})).await, ["b:1", "a:2", "a:1"]);
    assert_eq!(ids(&server, json!({ "status": "ACTIVE" })).await, ["b:1", "a:2"]);
    assert_eq!(ids(&server, json!({ "jobDefinitionName": "a" })).await, ["a:2", "a:1"]);
    assert_eq!(ids(&server, json!({ "jobDefinitionName": "a", "status": "INACTIVE" })).await, ["a:1"]);
    assert_eq!(ids(&server, json!({ "jobDefinitionName": "a b" })).await, Vec::<String>::new());
}

#[tokio::test]
async fn id_3_definitions_are_found_by_name_or_arn_with_or_without_revision() {
    let server = server().await;
    let list = json!({ "jobDefinitions": [arn("a:1"), "b:1", "a", arn("b"), "a:9", "none:1"] });
    assert_eq!(ids(&server, list).await, ["a:1", "b:1", "a:2", "b:1"]);
}

#[tokio::test]
async fn jd_4_list_excludes_other_members() {
    let server = server().await;
    let refused =
        server.refused("DescribeJobDefinitions", json!({ "jobDefinitions": ["a:1"], "status": "ACTIVE" })).await;
    assert_eq!(refused, "jobDefinitions can not be combined with other parameters.");
}

#[tokio::test]
async fn page_1_definitions_come_in_pages() {
    let server = server().await;
    let first = server.ok("DescribeJobDefinitions", json!({ "maxResults": 2 })).await;
    let second = json!({ "maxResults": 2, "nextToken": first["nextToken"] });
    assert_eq!(ids(&server, second).await, ["a:1"]);
    let other = json!({ "status": "ACTIVE", "nextToken": first["nextToken"] });
    assert!(server.refused("DescribeJobDefinitions", other).await.starts_with("nextToken is not valid"));
}

#[tokio::test]
async fn id_3_deregistration_needs_a_revision() {
    let server = server().await;
    let refused = server.refused("DeregisterJobDefinition", json!({ "jobDefinition": "a" })).await;
    assert_eq!(refused, "JobDefinition a is not valid. Give it as name:revision or as an ARN with a revision.");
}

#[tokio::test]
async fn texts_of_the_engine_reach_the_client() {
    let server = Live::start().await;
    let mut definition = request("d");
    definition["platformCapabilities"] = json!(["GCP"]);
    let refused = server.refused("RegisterJobDefinition", definition).await;
    let text = "Capability GCP is not valid. Valid capabilities: [FARGATE, EC2, MANAGED_INSTANCES]";
    assert!(refused.contains(text), "{refused}");
}

#[tokio::test]
async fn mc_1_task_is_described_with_the_lists_that_nobody_gave() {
    let server = Live::start().await;
    let requirements = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    let after = json!([{ "containerName": "init", "condition": "SUCCESS" }]);
    let task = json!({
        "taskRoleArn": "arn:aws:iam::1:role/r", "pidMode": "task",
        "containers": [
            { "name": "init", "image": "host", "essential": false, "resourceRequirements": requirements, "startTimeout": 9 },
            { "name": "main", "image": "host", "command": ["a"], "resourceRequirements": requirements, "dependsOn": after },
        ],
    });
    let request = json!({
        "jobDefinitionName": "t", "type": "container", "ecsProperties": { "taskProperties": [task.clone()] },
    });
    server.ok("RegisterJobDefinition", request).await;
    let mut expected = task;
    expected["volumes"] = json!([]);
    for container in expected["containers"].as_array_mut().unwrap() {
        for list in ["command", "dependsOn", "environment", "mountPoints", "secrets", "ulimits"] {
            let members = container.as_object_mut().unwrap();
            members.entry(list).or_insert_with(|| json!([]));
        }
    }
    let shown = described(&server, json!({ "jobDefinitions": ["t:1"] })).await.remove(0);
    assert_eq!(shown["ecsProperties"], json!({ "taskProperties": [expected] }));
    assert_eq!(shown.get("containerProperties"), None);
}
