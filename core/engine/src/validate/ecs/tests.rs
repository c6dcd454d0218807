//! Tasks of several containers.

use super::ecs_properties;
use crate::validate::Platform::{Ec2, ManagedInstances};
use crate::validate::check_refused;
use serde_json::{Value, json};

fn container(name: &str, members: Value) -> Value {
    let requirements = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    let mut container = json!({ "name": name, "image": "busybox", "resourceRequirements": requirements });
    container.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    container
}

fn task(containers: &[Value], members: Value) -> Value {
    let mut task = json!({ "containers": containers });
    task.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({ "taskProperties": [task] })
}

fn depends(on: &str, condition: &str) -> Value {
    json!({ "dependsOn": [{ "containerName": on, "condition": condition }] })
}

#[test]
fn mc_1_mc_2_mc_6_refusals_have_aws_texts() {
    let (plain, side) = (container("a", json!({})), container("b", json!({ "essential": false })));
    let pair = |second: Value| task(&[plain.clone(), second], json!({}));
    assert_eq!(ecs_properties(&task(&[side.clone(), container("c", depends("b", "SUCCESS"))], json!({})), Ec2), Ok(()));
    for (properties, text) in [
        (task(&[], json!({})), "Number of containers must be between 1 and 10"),
        (task(&[side], json!({})), "At least one container must be set as essential"),
        (
            task(&[container("a", depends("a", "START"))], json!({})),
            "Container dependency can not be used in a single-container job.",
        ),
        (pair(container("b", depends("z", "START"))), "containerName z must reference a defined container."),
        (
            pair(container("b", depends("a", "SOON"))),
            "TaskContainer dependency SOON is not valid. Valid values are: [START, COMPLETE, SUCCESS]",
        ),
        (
            pair(container("b", depends("a", "SUCCESS"))),
            "The container target of a dependency can not have condition SUCCESS if the target is essential",
        ),
        (
            task(std::slice::from_ref(&plain), json!({ "ipcMode": "x" })),
            "ipcMode x is not valid. Valid values are: [host, task, none]",
        ),
        (
            task(std::slice::from_ref(&plain), json!({ "pidMode": "x" })),
            "Capability x is not valid. Valid capabilities: [host, task]",
        ),
        (task(&[container("a", json!({ "resourceRequirements": [] }))], json!({})), "vCPU is required."),
    ] {
        check_refused(ecs_properties(&properties, Ec2), text);
    }
}

#[test]
fn mi_1_managed_instances_run_linux_only() {
    let on = |family: &str| {
        let platform = json!({ "runtimePlatform": { "operatingSystemFamily": family } });
        ecs_properties(&task(&[container("a", json!({}))], platform), ManagedInstances)
    };
    let text = "runtimePlatform for MANAGED_INSTANCES only supports LINUX operating system family.";
    check_refused(on("WINDOWS_SERVER_2022_CORE"), text);
    assert_eq!(on("LINUX"), Ok(()));
}

#[test]
fn mc_7_log_router_needs_a_container_that_runs_as_root() {
    let firelens = json!({ "user": "nobody", "firelensConfiguration": { "type": "fluentd" } });
    let alone = task(&[container("a", firelens.clone())], json!({}));
    let text = "When a firelensConfiguration object is specified, at least one container has to run as root";
    check_refused(ecs_properties(&alone, Ec2), text);
    let with_root = task(&[container("a", firelens), container("b", json!({ "user": "root" }))], json!({}));
    assert_eq!(ecs_properties(&with_root, Ec2), Ok(()));
}
