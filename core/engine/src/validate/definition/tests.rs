//! Kinds of definitions and the platforms they fit.

use super::{Platform, definition_kind, platform};
use crate::command::{ContainerInput, RegisterJobDefinition};
use crate::entity::DefinitionKind;
use crate::validate::check_refused;
use longshore_types::Document;
use serde_json::json;

fn definition(kind: &str, container: bool, others: &[&str]) -> RegisterJobDefinition {
    RegisterJobDefinition {
        kind: kind.into(),
        container: container.then(ContainerInput::default),
        document: Document(others.iter().map(|member| ((*member).to_owned(), json!({}))).collect()),
        ..RegisterJobDefinition::default()
    }
}

#[test]
fn jd_2_definition_has_the_properties_of_its_kind_and_no_other() {
    let container = definition("container", true, &[]);
    assert_eq!(definition_kind(&container, Platform::Ec2), Ok(DefinitionKind::Container));
    let nodes = definition("multinode", false, &["nodeProperties"]);
    assert_eq!(definition_kind(&nodes, Platform::Ec2), Ok(DefinitionKind::Multinode));
    for (command, text) in [
        (
            definition("container", true, &["ecsProperties"]),
            "Cannot use both ECS containerProperties and ecsProperties",
        ),
        (
            definition("container", true, &["eksProperties"]),
            "Cannot use both ECS containerProperties and eksProperties",
        ),
        (
            definition("container", false, &["ecsProperties", "eksProperties"]),
            "Cannot use both ecsProperties and eksProperties",
        ),
        (
            definition("multinode", false, &["nodeProperties", "eksProperties"]),
            "Cannot use both nodeProperties and eksProperties",
        ),
        (definition("multinode", true, &[]), "Node properties of multinode job is required."),
    ] {
        check_refused(definition_kind(&command, Platform::Ec2), text);
    }
    check_refused(definition_kind(&nodes, Platform::Fargate), "Fargate does not support MNP jobs");
    check_refused(definition_kind(&nodes, Platform::ManagedInstances), "MANAGED_INSTANCES does not support MNP jobs");
    let text = "Cannot use ECS containerProperties for MANAGED_INSTANCES";
    check_refused(definition_kind(&container, Platform::ManagedInstances), text);
}

#[test]
fn fg_1_platform_is_one_known_capability() {
    let of = |names: &[&str]| platform(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(of(&[]), Ok(Platform::Ec2));
    assert_eq!(of(&["FARGATE"]), Ok(Platform::Fargate));
    check_refused(of(&["EC2", "FARGATE"]), "Exactly 1 capability must be provided.");
    let text = "Capability GCP is not valid. Valid capabilities: [FARGATE, EC2, MANAGED_INSTANCES]";
    check_refused(of(&["GCP"]), text);
}
