//! The server's side: the control plane over its store. Killing it loses everything but the rows.

use longshore_control::{Control, Input, LinkId, Output, Token};
use longshore_engine::command::{
    ComputeResourcesInput, ContainerInput, CreateComputeEnvironment, CreateConsumableResource, CreateJobQueue,
    CreateSchedulingPolicy, EnvironmentOrderInput, FairShareInput, PolicyRef, RegisterJobDefinition,
};
use longshore_engine::{Change, Command, Config, Engine, Error, Response, Rows};
use longshore_protocol::ControlMessage;
use longshore_types::{Document, Resources, Timestamp};
use serde_json::json;
use std::collections::VecDeque;

/// The main node of multi-node jobs.
pub(crate) const MAIN_NODE: u32 = 1;

pub(crate) struct Plane {
    control: Control,
    pub(crate) rows: Rows,
    /// A commit that is being written.
    pending: Option<(u64, Vec<Change>)>,
    pub(crate) replies: VecDeque<(Token, Result<Response, Error>)>,
    pub(crate) messages: VecDeque<(LinkId, ControlMessage)>,
}

impl Plane {
    /// A server with an environment, a queue and a definition.
    pub(crate) fn new(seed: u64) -> Self {
        let mut plane = Self::over(Timestamp::default(), Engine::new(Config::default(), seed), Rows::default());
        for command in setup() {
            plane.handle(Timestamp::from_millis(1), Input::Request { token: Token(0), command });
            plane.write_all(Timestamp::from_millis(1));
        }
        assert!(plane.replies.drain(..).all(|(_, result)| result.is_ok()));
        plane
    }

    fn over(now: Timestamp, engine: Engine, rows: Rows) -> Self {
        let control = Control::new(now, engine);
        Self { control, rows, pending: None, replies: VecDeque::new(), messages: VecDeque::new() }
    }

    /// Killed and started again: what was not written is gone, and so is what had not left.
    pub(crate) fn kill(&mut self, now: Timestamp, seed: u64) {
        let rows = std::mem::take(&mut self.rows);
        let engine = Engine::restore(Config::default(), seed, now, rows.snapshot());
        *self = Self::over(now, engine, rows);
    }

    pub(crate) fn handle(&mut self, now: Timestamp, input: Input) {
        self.control.handle(now, input);
        self.poll();
    }

    fn poll(&mut self) {
        while let Some(output) = self.control.poll() {
            match output {
                Output::Commit { number, changes } => self.pending = Some((number, changes)),
                Output::Reply { token, result } => self.replies.push_back((token, result)),
                Output::Answer { token, .. } => panic!("nobody asks here: {token:?}"),
                Output::ToAgent { link, message } => self.messages.push_back((link, message)),
            }
        }
    }

    /// The store writes the pending commit, if there is one.
    pub(crate) fn write(&mut self, now: Timestamp) -> bool {
        let Some((number, changes)) = self.pending.take() else { return false };
        changes.into_iter().for_each(|change| self.rows.apply(change));
        self.handle(now, Input::Committed { through: number });
        true
    }

    pub(crate) fn write_all(&mut self, now: Timestamp) {
        while self.write(now) {}
    }

    /// Whether nothing is counted as used.
    pub(crate) fn is_idle(&self) -> bool {
        let fleet = self.control.engine().fleet();
        let hosts = fleet.hosts().values().all(|host| host.used == Resources::default() && host.attempts.is_empty());
        hosts && self.control.engine().environments().keys().all(|name| fleet.environment_used_milli(name) == 0)
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.control.next_deadline()
    }
}

fn setup() -> Vec<Command> {
    let members = serde_json::json!({
        "instanceRole": "r", "instanceTypes": ["optimal"], "subnets": ["s"], "securityGroupIds": ["g"],
    });
    let environment = CreateComputeEnvironment {
        name: "ce".into(),
        kind: "MANAGED".into(),
        compute: Some(ComputeResourcesInput {
            kind: Some("EC2".into()),
            min_vcpus: Some(0),
            max_vcpus: Some(64),
            desired_vcpus: None,
            document: Document(members.as_object().cloned().unwrap_or_default()),
        }),
        ..CreateComputeEnvironment::default()
    };
    let queue = CreateJobQueue {
        name: "q".into(),
        environments: vec![EnvironmentOrderInput { order: 1, environment: "ce".into() }],
        ..CreateJobQueue::default()
    };
    let definition = RegisterJobDefinition {
        name: "d".into(),
        kind: "container".into(),
        container: Some(ContainerInput {
            image: Some("host".into()),
            command: vec!["true".into()],
            resource_requirements: vec![("VCPU".into(), "1".into()), ("MEMORY".into(), "64".into())],
            ..ContainerInput::default()
        }),
        ..RegisterJobDefinition::default()
    };
    let task = RegisterJobDefinition {
        name: "t".into(),
        kind: "container".into(),
        document: Document(task().as_object().cloned().unwrap_or_default()),
        ..RegisterJobDefinition::default()
    };
    let licences =
        CreateConsumableResource { name: "licence".into(), total: Some(2), ..CreateConsumableResource::default() };
    let fair_share = FairShareInput { reservation: Some(20), ..FairShareInput::default() };
    let policy =
        CreateSchedulingPolicy { name: "p".into(), fair_share: Some(fair_share), ..CreateSchedulingPolicy::default() };
    let policy_ref = PolicyRef { text: "p".into(), name: "p".parse().ok() };
    let fair = CreateJobQueue { name: "fair".into(), scheduling_policy: Some(policy_ref), ..queue.clone() };
    vec![
        Command::CreateSchedulingPolicy(Box::new(policy)),
        Command::CreateConsumableResource(Box::new(licences)),
        Command::RegisterJobDefinition(Box::new(task)),
        Command::CreateComputeEnvironment(Box::new(environment)),
        Command::CreateJobQueue(Box::new(queue)),
        Command::CreateJobQueue(Box::new(fair)),
        Command::RegisterJobDefinition(Box::new(definition)),
        Command::RegisterJobDefinition(Box::new(multinode())),
    ]
}

/// A container that prepares, the essential one after it, and one beside that.
fn task() -> serde_json::Value {
    let needs = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    let container = |name: &str, essential: bool, depends_on: serde_json::Value| {
        json!({
            "name": name, "image": "host", "command": ["true"], "resourceRequirements": needs, "essential": essential,
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

/// Two nodes, the second of them the main one.
fn multinode() -> RegisterJobDefinition {
    let requirements = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    let container = json!({ "image": "host", "command": ["true"], "resourceRequirements": requirements });
    let ranges = json!([{ "targetNodes": "0:", "container": container }]);
    let nodes = json!({ "numNodes": 2, "mainNode": MAIN_NODE, "nodeRangeProperties": ranges });
    RegisterJobDefinition {
        name: "m".into(),
        kind: "multinode".into(),
        document: Document([("nodeProperties".to_owned(), nodes)].into_iter().collect()),
        ..RegisterJobDefinition::default()
    }
}
