//! What every world begins with, as commands: environments `ce` and `eks`; queues `q`, `fair` with the policy `p`, and
//! `pods`; definitions `d` (a container), `t` (a task of three), `m` (two nodes, the second one the main node) and `pod`;
//! consumable resources `licence` and, used up by who gets it, `token`.

use longshore_engine::Command;
use longshore_engine::command::{
    ComputeResourcesInput, ConsumableInput, ContainerInput, CreateComputeEnvironment, CreateConsumableResource,
    CreateJobQueue, CreateSchedulingPolicy, EnvironmentOrderInput, FairShareInput, PolicyRef, RegisterJobDefinition,
};
use longshore_types::Document;
use serde_json::{Value, json};

/// The main node of jobs of the definition `m`.
pub(crate) const MAIN_NODE: u32 = 1;

/// What one attempt, container or node of the definitions asks for.
const MEMORY_MIB: &str = "64";

pub(crate) fn commands() -> Vec<Command> {
    let fair_share = FairShareInput { reservation: Some(20), ..FairShareInput::default() };
    let policy =
        CreateSchedulingPolicy { name: "p".into(), fair_share: Some(fair_share), ..CreateSchedulingPolicy::default() };
    let mut commands = vec![
        Command::CreateSchedulingPolicy(Box::new(policy)),
        environment("ce", "EC2", 64),
        eks_environment(),
        queue("q", &["ce".into()], 1, None),
        queue("fair", &["ce".into()], 1, Some("p")),
        queue("pods", &["eks".into()], 1, None),
        consumable("licence", 2, "REPLENISHABLE"),
        consumable("token", 50, "NON_REPLENISHABLE"),
    ];
    commands.extend(["d", "t", "m", "pod"].map(definition));
    commands
}

/// The members of a JSON object.
pub(crate) fn document(value: Value) -> Document {
    match value {
        Value::Object(members) => Document(members),
        _ => Document::default(),
    }
}

/// A managed environment: `EC2` or `FARGATE`.
pub(crate) fn environment(name: &str, kind: &str, max: i64) -> Command {
    let members = match kind {
        "FARGATE" => json!({ "securityGroupIds": ["g"], "subnets": ["s"] }),
        _ => json!({
            "instanceRole": "r", "instanceTypes": ["optimal"], "subnets": ["s"], "securityGroupIds": ["g"],
            "allocationStrategy": "BEST_FIT_PROGRESSIVE",
        }),
    };
    let compute = ComputeResourcesInput {
        kind: Some(kind.to_owned()),
        min_vcpus: (kind == "EC2").then_some(0),
        max_vcpus: Some(max),
        document: document(members),
        ..ComputeResourcesInput::default()
    };
    let environment = CreateComputeEnvironment {
        name: name.to_owned(),
        kind: "MANAGED".into(),
        compute: Some(compute),
        ..CreateComputeEnvironment::default()
    };
    Command::CreateComputeEnvironment(Box::new(environment))
}

fn eks_environment() -> Command {
    let Command::CreateComputeEnvironment(mut environment) = environment("eks", "EC2", 64) else {
        unreachable!("an environment is created by a command of that kind")
    };
    let cluster = json!({ "eksClusterArn": "arn:aws:eks:r:1:cluster/c", "kubernetesNamespace": "jobs" });
    environment.document = document(json!({ "eksConfiguration": cluster }));
    Command::CreateComputeEnvironment(environment)
}

pub(crate) fn order(environments: &[String]) -> Vec<EnvironmentOrderInput> {
    let entry =
        |(order, environment): (i64, &String)| EnvironmentOrderInput { order, environment: environment.clone() };
    (1..).zip(environments).map(entry).collect()
}

pub(crate) fn queue(name: &str, environments: &[String], priority: i64, policy: Option<&str>) -> Command {
    Command::CreateJobQueue(Box::new(CreateJobQueue {
        name: name.to_owned(),
        priority,
        environments: order(environments),
        scheduling_policy: policy.map(policy_ref),
        ..CreateJobQueue::default()
    }))
}

pub(crate) fn policy_ref(name: &str) -> PolicyRef {
    PolicyRef { text: format!("arn:aws:batch:r:1:scheduling-policy/{name}"), name: name.parse().ok() }
}

pub(crate) fn consumable(name: &str, total: i64, kind: &str) -> Command {
    Command::CreateConsumableResource(Box::new(CreateConsumableResource {
        name: name.to_owned(),
        total: Some(total),
        kind: Some(kind.to_owned()),
        ..CreateConsumableResource::default()
    }))
}

/// `licence:2` as a need of a consumable resource.
pub(crate) fn need(text: &str) -> ConsumableInput {
    let (resource, quantity) = text.split_once(':').unwrap_or((text, "1"));
    ConsumableInput { resource: resource.to_owned(), quantity: quantity.parse().ok() }
}

/// The next revision of one of the definitions.
pub(crate) fn definition(name: &str) -> Command {
    let register = RegisterJobDefinition { name: name.to_owned(), kind: "container".into(), ..Default::default() };
    let register = match name {
        "t" => RegisterJobDefinition { document: document(task()), ..register },
        "pod" => RegisterJobDefinition { document: document(pod()), ..register },
        "m" => RegisterJobDefinition { kind: "multinode".into(), document: document(nodes()), ..register },
        _ => RegisterJobDefinition { container: Some(container()), ..register },
    };
    Command::RegisterJobDefinition(Box::new(register))
}

fn container() -> ContainerInput {
    ContainerInput {
        image: Some("host".into()),
        command: vec!["true".into()],
        resource_requirements: vec![("VCPU".into(), "1".into()), ("MEMORY".into(), MEMORY_MIB.into())],
        ..ContainerInput::default()
    }
}

fn needs() -> Value {
    json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": MEMORY_MIB }])
}

/// A container that prepares, the essential one after it, and one beside that.
fn task() -> Value {
    let container = |name: &str, essential: bool, depends_on: Value| {
        json!({
            "name": name, "image": "host", "command": ["true"], "resourceRequirements": needs(), "essential": essential,
            "dependsOn": depends_on,
        })
    };
    let after = |name: &str, condition: &str| json!([{ "containerName": name, "condition": condition }]);
    let containers = [
        container("init", false, json!([])),
        container("main", true, after("init", "COMPLETE")),
        container("beside", false, after("main", "START")),
    ];
    json!({ "ecsProperties": { "taskProperties": [{ "containers": containers }] } })
}

fn pod() -> Value {
    let container = |name: &str| {
        let resources = json!({ "limits": { "cpu": "1", "memory": "64Mi" } });
        json!({ "name": name, "image": "busybox", "command": ["true"], "resources": resources })
    };
    json!({ "eksProperties": { "podProperties": { "containers": [container("one"), container("two")] } } })
}

fn nodes() -> Value {
    let container = json!({ "image": "host", "command": ["true"], "resourceRequirements": needs() });
    let ranges = json!([{ "targetNodes": "0:", "container": container }]);
    json!({ "nodeProperties": { "numNodes": 2, "mainNode": MAIN_NODE, "nodeRangeProperties": ranges } })
}
