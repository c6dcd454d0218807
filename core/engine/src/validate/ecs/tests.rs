//! Tasks of several containers.

use super::ecs_properties;
use crate::validate::Platform::{Ec2, Fargate, ManagedInstances};
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
    assert_eq!(
        ecs_properties(&task(&[side.clone(), container("c", depends("b", "SUCCESS"))], json!({})), Ec2).map(|_| ()),
        Ok(())
    );
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
    assert!(on("LINUX").is_ok());
}

#[test]
fn mc_7_log_router_needs_a_container_that_runs_as_root() {
    let firelens = json!({ "user": "nobody", "firelensConfiguration": { "type": "fluentd" } });
    let alone = task(&[container("a", firelens.clone())], json!({}));
    let text = "When a firelensConfiguration object is specified, at least one container has to run as root";
    check_refused(ecs_properties(&alone, Ec2), text);
    let with_root = task(&[container("a", firelens), container("b", json!({ "user": "root" }))], json!({}));
    assert!(ecs_properties(&with_root, Ec2).is_ok());
}

fn accepted(properties: &Value) -> crate::entity::Task {
    ecs_properties(properties, Ec2).unwrap()
}

#[test]
fn task_is_taken_apart_and_the_rest_is_kept() {
    let members = json!({
        "essential": false, "command": ["a"], "environment": [{ "name": "A", "value": "1" }], "startTimeout": 5,
        "stopTimeout": 7, "user": "u", "mountPoints": [],
        "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-stream-prefix": "p" } },
    });
    let dependent = container("c", depends("b", "COMPLETE"));
    let task = accepted(&task(&[container("b", members), dependent], json!({ "taskRoleArn": "r" })));
    assert_eq!(task.document.0, *json!({ "taskRoleArn": "r" }).as_object().unwrap());
    let [first, second] = task.containers.as_slice() else { panic!("two containers") };
    assert_eq!((first.is_essential(), second.is_essential()), (false, true));
    assert_eq!((first.start_timeout_s, first.stop_timeout_s), (Some(5), Some(7)));
    assert_eq!(first.container.log_stream_prefix.as_deref(), Some("p"));
    assert_eq!(first.container.document.0.keys().collect::<Vec<_>>(), ["logConfiguration", "mountPoints"]);
    assert_eq!((second.depends_on[0].container.as_str(), second.depends_on[0].condition.as_str()), ("b", "COMPLETE"));
}

#[test]
fn only_container_needs_no_name() {
    let mut alone = container("x", json!({}));
    alone.as_object_mut().unwrap().remove("name");
    assert_eq!(accepted(&task(&[alone], json!({}))).containers[0].name, "default");
}

#[test]
fn mc_1_mc_2_mc_4_mc_7_names_cycles_times_and_routers_are_checked() {
    let side = |name: &str, members: Value| {
        let mut side = container(name, members);
        side["essential"] = json!(false);
        side
    };
    let of = |containers: &[Value]| task(containers, json!({}));
    let main = container("main", json!({}));
    let router = json!({ "firelensConfiguration": { "type": "fluentd" }, "user": "nobody" });
    let odd_router = json!({ "firelensConfiguration": { "type": "odd" } });
    let user = "User 'a:b' does not match regex ^([a-z0-9_][a-z0-9_-]{0,30})$";
    for (properties, text) in [
        (of(&[main.clone(), main.clone()]), "The container name: main must be unique in multi-container job."),
        (
            of(&[main.clone(), container("a b", json!({}))]),
            "A container name must be provided, with up to 255 letters, numbers, hyphens and underscores",
        ),
        (
            of(&[main, side("a", depends("b", "START")), side("b", depends("a", "START"))]),
            "The dependencies of container a form a cycle.",
        ),
        (of(&[container("a", json!({ "stopTimeout": 1 }))]), "stopTimeout must be at least 2 seconds, got 1."),
        (
            of(&[container("a", router)]),
            "When a firelensConfiguration object is specified, at least one container has to run as root",
        ),
        (
            of(&[container("a", odd_router)]),
            "firelensConfiguration type odd is not valid. Valid types: [fluentd, fluentbit]",
        ),
        (of(&[container("a", json!({ "user": "a:b" }))]), user),
    ] {
        check_refused(ecs_properties(&properties, Ec2), text);
    }
}

#[test]
fn fg_1_containers_on_fargate_are_summed_and_each_is_checked() {
    let sized = |name: &str, vcpu: &str, members: Value| {
        let mut sized = container(name, members);
        sized["resourceRequirements"] =
            json!([{ "type": "VCPU", "value": vcpu }, { "type": "MEMORY", "value": "512" }]);
        sized
    };
    let role = json!({ "executionRoleArn": "r" });
    let check = |containers: &[Value], role: &Value| ecs_properties(&task(containers, role.clone()), Fargate);
    let pair = [sized("a", "0.25", json!({})), sized("b", "0.25", json!({}))];
    assert!(check(&pair, &role).is_ok(), "half a vCPU and 1024 MiB");
    check_refused(check(&pair, &json!({})), "executionRoleArn is required for Fargate jobs.");
    let text = "Fargate resource requirements (VCPU=0.5, MEMORY=512) not valid.";
    check_refused(check(&[sized("a", "0.5", json!({}))], &role), text);
    let text = "stopTimeout can be at most 120 seconds on Fargate, got 121.";
    check_refused(check(&[sized("a", "0.25", json!({ "stopTimeout": 121 }))], &role), text);
    let text = "linuxParameter.sharedMemorySize is not allowed for Fargate.";
    check_refused(check(&[sized("a", "0.25", json!({ "linuxParameters": { "sharedMemorySize": 1 } }))], &role), text);
}

#[test]
fn fg_3_members_of_fargate_are_refused_on_ec2() {
    let properties = task(&[container("a", json!({}))], json!({ "ephemeralStorage": { "sizeInGiB": 30 } }));
    check_refused(ecs_properties(&properties, Ec2), "ephemeralStorage not applicable for EC2.");
}
