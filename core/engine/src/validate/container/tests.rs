//! Containers at their bounds.

use super::{container, user};
use crate::command::ContainerInput;
use crate::entity::EnvironmentVariable;
use crate::validate::Platform::Ec2;
use crate::validate::check_refused;
use longshore_types::Document;
use serde_json::{Value, json};

fn input() -> ContainerInput {
    ContainerInput {
        image: Some("busybox".into()),
        resource_requirements: vec![("VCPU".into(), "1".into()), ("MEMORY".into(), "64".into())],
        ..ContainerInput::default()
    }
}

fn document(document: Value) -> ContainerInput {
    let Value::Object(members) = document else { panic!("an object") };
    ContainerInput { document: Document(members), ..input() }
}

#[test]
fn container_minimal_or_with_deprecated_members_is_accepted() {
    assert_eq!(container(&input(), Ec2).unwrap().image, "busybox");
    let deprecated = ContainerInput { vcpus: Some(1), memory: Some(4), resource_requirements: vec![], ..input() };
    assert_eq!(container(&deprecated, Ec2).unwrap().memory, Some(4));
}

#[test]
fn log_1_group_and_prefix_are_taken_from_the_options() {
    let options = json!({ "awslogs-group": "/mine", "awslogs-stream-prefix": "run" });
    let logged = document(json!({ "logConfiguration": { "logDriver": "awslogs", "options": options } }));
    let container = container(&logged, Ec2).unwrap();
    assert_eq!(container.log_group.as_deref(), Some("/mine"));
    assert_eq!(container.log_stream_prefix.as_deref(), Some("run"));
    assert_eq!(container.document, logged.document);
}

#[test]
fn cpu_2_image_and_amounts_are_required() {
    let requirements = |entries: &[(&str, &str)]| {
        entries.iter().map(|(kind, value)| ((*kind).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let both = "Cannot use both ECS containerProperties vcpus/memory and resourceRequirement VCPU/MEMORY.";
    let unnamed = EnvironmentVariable { name: String::new(), value: Some("x".into()) };
    for (input, text) in [
        (ContainerInput { image: None, ..input() }, "ECS Container Image must be provided."),
        (ContainerInput { image: Some(String::new()), ..input() }, "ECS Container Image must be provided."),
        (ContainerInput { resource_requirements: requirements(&[("MEMORY", "4")]), ..input() }, "vCPU is required."),
        (ContainerInput { resource_requirements: requirements(&[("VCPU", "1")]), ..input() }, "Memory is required."),
        (ContainerInput { vcpus: Some(1), ..input() }, both),
        (ContainerInput { memory: Some(64), ..input() }, both),
        (
            ContainerInput { vcpus: Some(0), resource_requirements: requirements(&[("MEMORY", "4")]), ..input() },
            "vCPU must be at least 1, got 0.",
        ),
        (
            ContainerInput { memory: Some(3), resource_requirements: requirements(&[("VCPU", "1")]), ..input() },
            "Memory must be at least 4 Mib, got 3 Mib.",
        ),
        (ContainerInput { environment: vec![(None, unnamed)], ..input() }, "Environment variable name is required."),
    ] {
        check_refused(container(&input, Ec2), text);
    }
    let long = ContainerInput { image: Some("a b".into()), ..input() };
    assert!(container(&long, Ec2).is_err());
}

#[test]
fn sub_12_user_with_a_group_is_refused() {
    for good in ["root", "1000", "_a-b"] {
        assert_eq!(user(good), Ok(()), "{good}");
    }
    for bad in ["", "1000:1000", "Root", "-a", &"a".repeat(32)] {
        check_refused(user(bad), &format!("User '{bad}' does not match regex ^([a-z0-9_][a-z0-9_-]{{0,30}})$"));
    }
}
