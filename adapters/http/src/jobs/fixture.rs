//! A store with rows and a control plane that answers as told.

use crate::commander::{BoxFuture, CommandError, Commander};
use crate::context::Context;
use crate::services::BatchService;
use crate::testing::quotas;
use longshore_engine::entity::{ChildRow, Job};
use longshore_engine::{Change, Command, Response};
use longshore_store::Store;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

pub(crate) const JOB: &str = "11111111-2222-4333-8444-555555555555";
pub(crate) const OTHER_JOB: &str = "99999999-2222-4333-8444-555555555555";
pub(crate) const CLUSTER: &str = "AWSBatch-ce-6d1d8a4e-90d1-4f5c-8a0b-3f0f5f0e2a11";
pub(crate) const HOST: &str = "0000000000000000000000000000000a";

/// The service under test and what stands behind it.
pub(crate) struct Bench {
    pub(crate) service: BatchService,
    pub(crate) control: Arc<Control>,
    _directory: TempDir,
}

/// Gives its answers in turn and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Control {
    pub(crate) answers: Mutex<VecDeque<Result<Response, CommandError>>>,
    pub(crate) asked: Mutex<Vec<Command>>,
}

impl Commander for Control {
    fn command(&self, command: Command) -> BoxFuture<'_, Result<Response, CommandError>> {
        self.asked.lock().unwrap().push(command);
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { answer.unwrap_or(Err(CommandError::Unavailable)) })
    }

    fn ask(&self, _question: longshore_engine::Question) -> BoxFuture<'_, Option<longshore_engine::Answer>> {
        Box::pin(async { None })
    }
}

impl Bench {
    /// A service over these rows, an environment `ce` and a queue `q`.
    pub(crate) fn new(rows: Vec<Change>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path().join("longshore.db")).unwrap();
        let reader = store.reader();
        let (done, outcomes) = channel();
        let writer = store.writer(move |outcome| done.send(outcome).unwrap()).unwrap();
        let mut changes = vec![environment("EC2"), queue()];
        changes.extend(rows);
        writer.commit(1, changes).unwrap();
        outcomes.recv().unwrap().unwrap();
        let control = Arc::new(Control::default());
        let service = BatchService { commander: Arc::clone(&control) as Arc<dyn Commander>, reader, quotas: quotas() };
        Self { service, control, _directory: directory }
    }

    /// What the control plane answers next.
    pub(crate) fn answer(&self, answer: Result<Response, CommandError>) {
        self.control.answers.lock().unwrap().push_back(answer);
    }

    pub(crate) fn asked(&self) -> Vec<Command> {
        self.control.asked.lock().unwrap().clone()
    }
}

pub(crate) fn context() -> Context {
    Context::new("eu-west-1", &"123456789012".into())
}

pub(crate) fn environment(kind: &str) -> Change {
    let row = json!({
        "name": "ce", "uuid": "6d1d8a4e-90d1-4f5c-8a0b-3f0f5f0e2a11", "managed": true, "state": "ENABLED",
        "status": "VALID", "status_reason": "", "compute": { "kind": kind, "max_vcpus": 4 }, "created_at": 1,
    });
    Change::PutEnvironment(Box::new(serde_json::from_value(row).unwrap()))
}

fn queue() -> Change {
    let row = json!({
        "name": "q", "state": "ENABLED", "status": "VALID", "status_reason": "", "priority": 1, "environments": [],
        "created_at": 1,
    });
    Change::PutQueue(Box::new(serde_json::from_value(row).unwrap()))
}

/// `value` with the members of `changes` put over it, objects member by member.
fn merge(value: &mut Value, changes: &Value) {
    match (value, changes) {
        (Value::Object(members), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(members.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
        (value, changes) => *value = changes.clone(),
    }
}

/// A RUNNABLE job `name` of definition `d:7`, with changes to its row.
pub(crate) fn job_row(changes: &Value) -> Job {
    let mut row = json!({
        "id": JOB, "seq": 1, "name": "name", "queue": "q", "definition": { "name": "d", "revision": 7 },
        "spec": {
            "work": { "container": {
                "image": "busybox",
                "resource_requirements": [{ "kind": "VCPU", "value": "1" }, { "kind": "MEMORY", "value": "64" }],
            } },
            "demand": { "vcpu_milli": 1000, "memory_mib": 64 },
        },
        "created_at": 1_000,
        "run": { "status": "RUNNABLE" },
    });
    merge(&mut row, changes);
    serde_json::from_value(row).unwrap()
}

pub(crate) fn job(changes: &Value) -> Change {
    Change::PutJob(Arc::new(job_row(changes)))
}

/// An array of three children, all RUNNABLE unless they have rows.
pub(crate) fn array(changes: &Value) -> Change {
    let mut row = json!({
        "run": { "status": "PENDING" },
        "array": {
            "size": 3, "spawned_at": 2_000, "counts": [0, 0, 2, 0, 0, 1, 0], "counted_at": 3_000, "default": "Runnable",
        },
    });
    merge(&mut row, changes);
    job(&row)
}

pub(crate) fn child(index: u32, run: &Value) -> Change {
    let row: ChildRow = serde_json::from_value(json!({ "job": JOB, "index": index, "run": run })).unwrap();
    Change::PutChild(Box::new(row))
}

/// An attempt under way.
pub(crate) fn current() -> Value {
    json!({
        "id": attempt_id(), "host": HOST, "incarnation": 1, "environment": "ce", "placed_at": 1_500,
        "log_stream": stream_name(),
    })
}

/// An attempt that ended with this exit code.
pub(crate) fn finished(exit_code: i32) -> Value {
    json!({
        "id": attempt_id(), "host": HOST, "environment": "ce", "started_at": 2_000, "stopped_at": 3_000,
        "exit_code": exit_code, "status_reason": "Essential container in task exited", "log_stream": stream_name(),
    })
}

pub(crate) fn attempt_id() -> &'static str {
    "de853efd79000000000000000000000f"
}

pub(crate) fn stream_name() -> String {
    format!("d/default/{}", attempt_id())
}

pub(crate) fn task_arn() -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task/{CLUSTER}/{}", attempt_id())
}

pub(crate) fn instance_arn() -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:container-instance/{CLUSTER}/{HOST}")
}
