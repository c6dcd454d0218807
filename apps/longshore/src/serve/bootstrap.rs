//! What a fresh server has, so that the first `submit` works: environment and queue `default`, job definition `host`.
//! Only what was never there is created: what somebody deleted stays deleted.

use super::commander::LoopHandle;
use crate::cli::ServeOptions;
use anyhow::Context;
use longshore_engine::command::{
    ComputeResourcesInput, ContainerInput, CreateComputeEnvironment, CreateJobQueue, EnvironmentOrderInput,
    RegisterJobDefinition,
};
use longshore_engine::{Command, Error};
use longshore_http::{CommandError, Commander};
use longshore_types::Document;
use serde_json::json;
use std::path::Path;

/// The name of the environment and the queue.
const DEFAULT: &str = "default";
/// More vCPUs than any host has: the host alone is the limit.
const MAX_VCPUS: i64 = 100_000;

pub(super) async fn run(handle: &LoopHandle, options: &ServeOptions) -> anyhow::Result<()> {
    let marker = options.data_dir.join("bootstrapped");
    if marker.exists() {
        return Ok(());
    }
    let commands = [
        Command::CreateComputeEnvironment(Box::new(environment())),
        Command::CreateJobQueue(Box::new(queue())),
        Command::RegisterJobDefinition(Box::new(definition())),
    ];
    for command in commands {
        match handle.command(command).await {
            Ok(_) | Err(CommandError::Refused(Error::AlreadyExists)) => {}
            Err(error) => return Err(error).context("failed to create the default environment, queue and definition"),
        }
    }
    mark(&marker).with_context(|| format!("failed to write {}", marker.display()))
}

fn mark(marker: &Path) -> std::io::Result<()> {
    std::fs::write(marker, "The default environment, queue and definition have been created once.\n")
}

fn document(value: serde_json::Value) -> Document {
    match value {
        serde_json::Value::Object(members) => Document(members),
        _ => Document::default(),
    }
}

fn environment() -> CreateComputeEnvironment {
    let placeholders = json!({
        "instanceRole": "longshore",
        "instanceTypes": ["optimal"],
        "securityGroupIds": ["sg-longshore"],
        "subnets": ["subnet-longshore"],
    });
    CreateComputeEnvironment {
        name: DEFAULT.into(),
        kind: "MANAGED".into(),
        compute: Some(ComputeResourcesInput {
            kind: Some("EC2".into()),
            min_vcpus: Some(0),
            max_vcpus: Some(MAX_VCPUS),
            desired_vcpus: None,
            document: document(placeholders),
        }),
        valid_at_once: true,
        ..CreateComputeEnvironment::default()
    }
}

fn queue() -> CreateJobQueue {
    CreateJobQueue {
        name: DEFAULT.into(),
        priority: 1,
        environments: vec![EnvironmentOrderInput { order: 1, environment: DEFAULT.into() }],
        valid_at_once: true,
        ..CreateJobQueue::default()
    }
}

fn definition() -> RegisterJobDefinition {
    RegisterJobDefinition {
        name: "host".into(),
        kind: "container".into(),
        container: Some(ContainerInput {
            image: Some("host".into()),
            command: vec!["true".into()],
            resource_requirements: vec![("VCPU".into(), "1".into()), ("MEMORY".into(), "512".into())],
            ..ContainerInput::default()
        }),
        ..RegisterJobDefinition::default()
    }
}
