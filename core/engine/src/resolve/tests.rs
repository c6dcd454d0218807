//! Overrides and parameters (`RES-2`, `RES-3`, `SUB-10`).

use super::{apply_overrides, substitute};
use crate::command::ContainerOverrides;
use crate::entity::{Container, EnvironmentVariable, ResourceKind, ResourceRequirement};

fn variable(name: &str, value: &str) -> EnvironmentVariable {
    EnvironmentVariable { name: name.into(), value: Some(value.into()) }
}

fn requirement(kind: ResourceKind, value: &str) -> ResourceRequirement {
    ResourceRequirement { kind, value: value.into() }
}

fn check(word: &str, result: &str) {
    let parameters = [("a", "1"), ("b-c", "Ref::a")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    assert_eq!(substitute(&[word.to_owned()], &parameters), Ok(vec![result.to_owned()]), "{word}");
}

#[test]
fn res_3_references_are_replaced_in_one_pass() {
    check("Ref::a", "1");
    check("Ref::b-c", "Ref::a");
    check("echo Ref::a; Ref::b-c!", "echo 1; Ref::a!");
    check("s3://b/Ref::nope/x", "s3://b/Ref::nope/x");
    check("Ref::", "Ref::");
    check("Ref::a.Ref::a", "1.1");
}

#[test]
fn sub_10_word_that_is_an_unknown_reference_is_refused() {
    let error = substitute(&["Ref::nope".to_owned()], &[].into()).unwrap_err();
    assert_eq!(error.to_string(), "Unable to substitute value. No parameter found for reference nope");
}

#[test]
fn res_2_environment_merges_by_name_and_requirements_by_type() {
    let container = Container {
        environment: vec![variable("A", "1"), variable("B", "2")],
        resource_requirements: vec![requirement(ResourceKind::Vcpu, "1")],
        ..Container::default()
    };
    let overrides = ContainerOverrides {
        environment: vec![variable("B", "3"), variable("C", "4")],
        ..ContainerOverrides::default()
    };
    let requirements = [requirement(ResourceKind::Memory, "64"), requirement(ResourceKind::Vcpu, "2")];
    let result = apply_overrides(&container, &overrides, &requirements);
    assert_eq!(result.environment, [variable("A", "1"), variable("B", "3"), variable("C", "4")]);
    assert_eq!(
        result.resource_requirements,
        [requirement(ResourceKind::Vcpu, "2"), requirement(ResourceKind::Memory, "64")]
    );
}

#[test]
fn res_2_deprecated_overrides_reach_only_deprecated_definitions() {
    let overrides = ContainerOverrides { vcpus: Some(8), memory: Some(9), ..ContainerOverrides::default() };
    let modern =
        Container { resource_requirements: vec![requirement(ResourceKind::Vcpu, "1")], ..Container::default() };
    assert_eq!(apply_overrides(&modern, &overrides, &[]).vcpus, None);
    let old = Container { vcpus: Some(1), memory: Some(2), ..Container::default() };
    let result = apply_overrides(&old, &overrides, &[]);
    assert_eq!((result.vcpus, result.memory), (Some(8), Some(9)));
}
