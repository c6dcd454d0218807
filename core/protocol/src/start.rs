//! What an agent is told to run: an attempt, which is one container or a task of several.

use longshore_types::{AttemptId, Document, JobRef, Resources};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Everything an agent needs to run an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartAttempt {
    /// The attempt.
    pub attempt: AttemptId,
    /// The job, child or node that it is an attempt of.
    pub job: JobRef,
    /// The attempt's number within the job, from 1. No job runs under two numbers at once.
    pub epoch: u32,
    /// What it may use: the sum over its containers (`MC-5`).
    pub demand: Resources,
    /// Milliseconds after its start at which it is stopped (`TMO-1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// The address that is the attempt's own, where attempts have one (`MNP-4`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Ipv4Addr>,
    /// What runs: at least one container, at least one of them essential.
    pub containers: Vec<StartContainer>,
    /// When the attempt ends.
    #[serde(default, skip_serializing_if = "TaskEnd::is_default")]
    pub end: TaskEnd,
    /// Whose place it takes, if it was given ahead; without it the place is its own. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<Seat>,
}

/// A place on the host that attempts have one after the other: the next starts when none of those before it is held any
/// more. It bears the id of the first that had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The first attempt that had it; it may have ended long ago.
    pub of: AttemptId,
    /// Milliseconds after its arrival at which an attempt that still waits is given back.
    pub patience_ms: u64,
}

impl StartAttempt {
    /// The seat that it has, or waits for.
    pub fn seat_id(&self) -> AttemptId {
        self.seat.map_or(self.attempt, |seat| seat.of)
    }
}

/// When an attempt of several containers ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskEnd {
    /// With the first essential container: the others are stopped (`MC-3`).
    #[default]
    AnyEssential,
    /// With the last essential container, as pods do (`EKS-1`).
    AllEssential,
}

impl TaskEnd {
    /// Whether it need not be said.
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One container of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartContainer {
    /// Its name within the attempt; `default` for the container of a job that has only one.
    pub name: String,
    /// Names its output; no other container ever has the same. Of a job that is one container it is the attempt.
    pub output: AttemptId,
    /// How to run it.
    pub runtime: Runtime,
    /// The image; `host` for processes.
    pub image: String,
    /// Replaces the image's ENTRYPOINT unless empty (`ENV-4`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// The command with its arguments; empty means the image's own.
    pub command: Vec<String>,
    /// The whole environment, `AWS_BATCH_*` included (`ENV-1`, `ENV-3`), later entries winning.
    pub environment: Vec<(String, String)>,
    /// What it may use.
    pub demand: Resources,
    /// The user to run as (`SUB-12`), when one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether the attempt ends when it does (`MC-3`).
    pub essential: bool,
    /// What it waits for before it starts (`MC-2`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<ContainerDependency>,
    /// Milliseconds after its start within which it must be what COMPLETE and SUCCESS dependencies wait for (`MC-4`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_timeout_ms: Option<u64>,
    /// Milliseconds between SIGTERM and SIGKILL, if it asked for its own (`MC-4`, `STOP-1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_grace_ms: Option<u64>,
    /// What else was asked of the container, by its names in the API: `mountPoints`, `ulimits`, `linuxParameters`,
    /// `secrets`, … and the task's `volumes`, `pidMode`, `ipcMode`.
    #[serde(default, skip_serializing_if = "Document::is_empty")]
    pub settings: Document,
    /// Whether `s3://` arguments are files of the host, and which of them are outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staging: Option<Staging>,
    /// URLs of endpoints that it reaches where its network is not the host's, the server's own first: the operator's,
    /// whatever its variables say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<String>,
}

impl StartContainer {
    /// The name of the container of a job that has only one.
    pub const ONLY: &str = "default";

    /// The container of a job that has only one, which asks for nothing and runs what its image does.
    pub fn only(output: AttemptId, runtime: Runtime, image: impl Into<String>) -> Self {
        Self {
            name: Self::ONLY.to_owned(),
            output,
            runtime,
            image: image.into(),
            entrypoint: Vec::new(),
            command: Vec::new(),
            environment: Vec::new(),
            demand: Resources::default(),
            user: None,
            essential: true,
            depends_on: Vec::new(),
            start_timeout_ms: None,
            stop_grace_ms: None,
            settings: Document::default(),
            staging: None,
            reach: Vec::new(),
        }
    }
}

/// How a container is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    /// A process of the host: image name `host`.
    Process,
    /// An OCI container.
    Oci,
}

/// What a container waits for (`MC-2`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerDependency {
    /// The other container's name.
    pub container: String,
    /// What it must have done.
    pub condition: Condition,
}

/// What a container waits for another one to have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Condition {
    /// It has started.
    Start,
    /// It has ended, however.
    Complete,
    /// It has exited with 0.
    Success,
}

impl Condition {
    /// The condition as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "START",
            Self::Complete => "COMPLETE",
            Self::Success => "SUCCESS",
        }
    }
}

/// That the `s3://` arguments of a command are downloaded before it starts, or uploaded when it has succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staging {
    /// The options, or the beginnings of the URIs, that are outputs; empty where a rule decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
}
