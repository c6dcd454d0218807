//! Why a job waits, as plain data, and as the one sentence that a status reason shows. It must be true: granting what is
//! named here, with those ahead gone, starts the job.

mod sentence;

use longshore_types::{HostId, JobRef, Name, Resources};

/// What a job that has not started is waiting for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// SUBMITTED or PENDING: these have to succeed first (`DEP-1`, `DEP-6`, `DEP-7`).
    Dependencies {
        /// The first of them.
        on: Vec<JobRef>,
        /// Whether there are more.
        more: bool,
    },
    /// The parent of an array: it waits for its children, of which so many have each status (`ARR-2`).
    Children {
        /// By `JobStatus as usize`.
        counts: [u32; 7],
    },
    /// RUNNABLE: it waits for a place.
    Place(Box<Queued>),
}

/// What a RUNNABLE job is waiting for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Its queue.
    pub queue: Name,
    /// What stands in its way, those ahead aside.
    pub obstacle: Obstacle,
    /// RUNNABLE jobs of its queue that are served before it.
    pub ahead: Ahead,
    /// Queues that are served before its own and in which jobs wait for a place, best first.
    pub queues_ahead: Vec<Name>,
    /// Which attempt it waits for, and how many it has at most (`RTY-1`).
    pub attempt: (u32, u32),
    /// What AWS would call it, once its queue counts as blocked (`SCH-10`).
    pub blocked: Option<Blockage>,
}

/// What keeps the head of a queue from being placed (`SCH-10`), as far as it may pass; what can never run is judged apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blockage {
    /// Hosts, and nothing else, are short: more of them are not to be had.
    Capacity {
        /// What kinds of hosts the compute environment asks for.
        instance_types: Vec<String>,
    },
    /// Every compute environment of the queue is INVALID.
    InvalidEnvironments,
    /// Some compute environments may become usable, but none is.
    Undetermined,
}

/// A compute environment that takes no jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedEnvironment {
    /// Its name.
    pub name: Name,
    /// `DISABLED`, or the status that it has instead of VALID.
    pub because: &'static str,
}

/// A bounded count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// How many were counted.
    pub jobs: u32,
    /// Whether there are more.
    pub more: bool,
}

/// What stands in the way of a RUNNABLE job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// None of its queue's compute environments is enabled and valid (`SCH-3`, `SCH-4`).
    NoEnvironment {
        /// All of them, in order.
        closed: Vec<ClosedEnvironment>,
    },
    /// No host is connected.
    NoHost,
    /// No host could hold it even if everything were idle: this is missing even then (`SCH-11`).
    Oversized(Short),
    /// This is missing now.
    Short(Short),
    /// It would fit, but somebody ahead holds it up.
    HeldUp(HeldUp),
    /// It would fit, but what is left of its queue's vCPUs is kept for shares that are not active yet (`FSS-4`).
    Kept,
    /// Nothing: it starts in its turn.
    Turn,
}

/// What is missing on the nearest fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// The compute environment.
    pub environment: Name,
    /// Milli-vCPU that its `maxvCpus` lacks.
    pub cap_missing: u64,
    /// Hosts and what each lacks; those that lack nothing are left out.
    pub hosts: Vec<ShortOnHost>,
    /// Consumable resources and how much of each is lacking.
    pub consumables: Vec<(Name, u64)>,
}

/// What a host lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortOnHost {
    /// The host.
    pub host: HostId,
    /// Its name.
    pub name: String,
    /// What it lacks.
    pub missing: Resources,
}

/// Who holds a job up that would fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldUp {
    /// The job that has to start first.
    pub by: JobRef,
    /// The hosts that are reserved for it, by name; none where a head blocks its queue (`SCH-1`).
    pub reserved: Vec<String>,
}

/// What can be asked about the state in memory; it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Why these jobs wait.
    Explain(Vec<JobRef>),
    /// What the status reasons of these say while they wait: under AWS's rules only the head of a queue has one, once the
    /// queue counts as blocked (`SCH-10`).
    StatusReasons(Vec<JobRef>),
    /// The front of a queue (`SNP-1`).
    Snapshot(Name),
    /// How much there is of everything.
    Census,
}

/// What a question is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// In the order asked; `None` for what does not wait or is not in memory.
    Waits(Vec<Option<Wait>>),
    /// In the order asked; `None` for what does not wait, is not in memory, or has nothing to say.
    Reasons(Vec<Option<String>>),
    /// `None` if there is no such queue.
    Snapshot(Option<Box<crate::QueueSnapshot>>),
    /// The counts.
    Census(Box<crate::Census>),
}
