//! What is run of a pod.

use super::Pod;
use crate::entity::TaskContainer;
use longshore_types::{Document, Resources};
use serde_json::{Value, json};

fn pod(properties: Value) -> Pod {
    let Value::Object(members) = properties else { panic!("a pod is an object") };
    Pod::new(Document(members))
}

fn asking(vcpu_milli: u64, memory_mib: u64, gpus: u64) -> Resources {
    Resources { vcpu_milli, memory_mib, gpus }
}

#[test]
fn eks_2_requests_count_before_limits_and_the_least_where_nothing_is_said() {
    let containers = json!([
        { "image": "a", "name": "a", "resources": { "limits": { "cpu": "2", "memory": "64Mi" }, "requests": { "cpu": "500m" } } },
        { "image": "b", "name": "b", "resources": { "limits": { "nvidia.com/gpu": "1" } } },
    ]);
    let pod = pod(json!({ "containers": containers }));
    let demands: Vec<Resources> = pod.task.containers.iter().map(|part| part.container.demand()).collect();
    assert_eq!(demands, [asking(500, 64, 0), asking(250, 4, 1)]);
    assert_eq!(pod.demand(), asking(750, 68, 1));
}

#[test]
fn init_container_that_asks_for_more_decides_the_demand() {
    let init = json!([{ "image": "i", "name": "i", "resources": { "requests": { "cpu": "1", "memory": "8Mi" } } }]);
    let pod = pod(json!({ "containers": [{ "image": "a" }, { "image": "b", "name": "b" }], "initContainers": init }));
    assert_eq!(pod.demand(), asking(1_000, 8, 0));
}

#[test]
fn eks_10_user_of_the_pod_counts_where_the_container_names_none() {
    let pod = pod(json!({
        "securityContext": { "runAsUser": 1000, "runAsGroup": 100 },
        "containers": [{ "image": "a" }, { "image": "b", "name": "b", "securityContext": { "runAsUser": 5 } }],
    }));
    let users: Vec<Option<String>> = pod.task.containers.iter().map(|part| part.container.user.clone()).collect();
    assert_eq!(users, [Some("1000:100".into()), Some("5:100".into())]);
}

#[test]
fn eks_1_container_without_a_name_is_called_default() {
    let pod = pod(json!({ "containers": [{ "image": "a", "command": ["x"], "args": ["y"] }] }));
    let [TaskContainer { name, container, .. }] = &pod.task.containers[..] else { panic!("it has one container") };
    assert_eq!((name.as_str(), container.image.as_str()), ("Default", "a"));
    assert_eq!((&container.entrypoint, &container.command), (&vec!["x".to_owned()], &vec!["y".to_owned()]));
}

#[test]
fn st_1_init_containers_run_in_order_before_all_others() {
    let init = json!([{ "image": "i", "name": "i" }, { "image": "j", "name": "j" }]);
    let pod = pod(
        json!({ "containers": [{ "image": "a", "name": "a" }, { "image": "b", "name": "b" }], "initContainers": init }),
    );
    let after = |part: &TaskContainer| {
        let names: Vec<&str> = part.depends_on.iter().map(|dependency| dependency.container.as_str()).collect();
        (part.name.clone(), part.is_essential(), names.join(" "))
    };
    let expected = [("i", false, ""), ("j", false, "i"), ("a", true, "j"), ("b", true, "j")];
    let found: Vec<_> = pod.task.containers.iter().map(after).collect();
    assert_eq!(found, expected.map(|(name, essential, after)| (name.to_owned(), essential, after.to_owned())));
}

#[test]
fn eks_3_network_of_the_pod_is_that_of_its_containers() {
    let settings = |network: Value| {
        let mut properties = json!({ "containers": [{ "image": "a" }] });
        properties["hostNetwork"] = network;
        Value::Object(pod(properties).task.document.0)
    };
    assert_eq!(settings(json!(false)), json!({ "hostNetwork": false }));
    assert_eq!(settings(json!(null)), json!({}));
}
