//! The verbs of scripts: what may be written, and what it means. docs/internals/simulation.md shows the same list; a test
//! compares the two.

/// What a verb is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A client asks the server for something.
    Command,
    /// Something breaks.
    Fault,
    /// Something is looked at and recorded.
    Look,
    /// An operator does something that the server does not notice.
    Operation,
}

/// A verb.
#[derive(Clone, Copy, Debug)]
pub struct Verb {
    /// Its name.
    pub name: &'static str,
    /// What its object is; empty if it has none.
    pub object: &'static str,
    /// What may be said beside.
    pub options: &'static [&'static str],
    /// What it is.
    pub kind: Kind,
}

impl Verb {
    /// How it is written.
    pub fn usage(&self) -> String {
        let options: String = self.options.iter().map(|option| format!(" [{option}=…]")).collect();
        let object = if self.object.is_empty() { String::new() } else { format!(" {}", self.object) };
        format!("TIME {}{object}{options}", self.name)
    }
}

const fn command(name: &'static str, object: &'static str, options: &'static [&'static str]) -> Verb {
    Verb { name, object, options, kind: Kind::Command }
}

const fn fault(name: &'static str, object: &'static str, options: &'static [&'static str]) -> Verb {
    Verb { name, object, options, kind: Kind::Fault }
}

const fn look(name: &'static str, object: &'static str) -> Verb {
    Verb { name, object, options: &[], kind: Kind::Look }
}

const fn operation(name: &'static str) -> Verb {
    Verb { name, object: "", options: &[], kind: Kind::Operation }
}

/// What SubmitJob can be given.
const SUBMIT: &[&str] = &[
    "queue",
    "definition",
    "does",
    "size",
    "after",
    "n-to-n",
    "sequential",
    "attempts",
    "timeout",
    "share",
    "priority",
    "needs",
    "vcpus",
];

/// Every verb.
pub const VERBS: &[Verb] = &[
    command("submit", "JOB", SUBMIT),
    command("cancel", "JOB", &[]),
    command("terminate", "JOB", &[]),
    command("tag", "JOB", &["key"]),
    command("untag", "JOB", &["key"]),
    command("register", "DEFINITION", &[]),
    command("deregister", "DEFINITION", &["revision"]),
    command("forget-definitions", "", &[]),
    command("forget-jobs", "", &[]),
    command("create-environment", "ENVIRONMENT", &["type", "max"]),
    command("update-environment", "ENVIRONMENT", &["state", "max", "replace"]),
    command("delete-environment", "ENVIRONMENT", &[]),
    command("create-queue", "QUEUE", &["environments", "priority", "policy"]),
    command("update-queue", "QUEUE", &["state", "environments", "priority"]),
    command("delete-queue", "QUEUE", &[]),
    command("create-policy", "POLICY", &["decay", "reservation", "weight"]),
    command("update-policy", "POLICY", &["decay", "reservation", "weight"]),
    command("delete-policy", "POLICY", &[]),
    command("create-consumable", "RESOURCE", &["total", "type"]),
    command("update-consumable", "RESOURCE", &["operation", "quantity"]),
    command("delete-consumable", "RESOURCE", &[]),
    command("create-service-environment", "ENVIRONMENT", &[]),
    command("update-service-environment", "ENVIRONMENT", &["state"]),
    command("delete-service-environment", "ENVIRONMENT", &[]),
    command("create-service-queue", "QUEUE", &["environments"]),
    command("create-quota-share", "SHARE", &["queue"]),
    command("update-quota-share", "SHARE", &["queue", "state"]),
    command("delete-quota-share", "SHARE", &["queue"]),
    command("submit-service", "JOB", &["queue", "share"]),
    command("update-service", "JOB", &["priority"]),
    command("terminate-service", "JOB", &[]),
    operation("backup"),
    fault("restore", "", &["down", "agents"]),
    fault("server-crash", "", &["commit", "down"]),
    fault("disk-slow", "", &["for", "by"]),
    fault("disk-fails", "", &["commit", "down"]),
    fault("cut", "HOST", &["lose"]),
    fault("partition", "HOST", &["direction", "for"]),
    fault("delay", "HOST", &["for", "by"]),
    fault("duplicate", "HOST", &["for"]),
    fault("agent-crash", "HOST", &["processes", "down"]),
    fault("agent-stop", "HOST", &[]),
    fault("host-dies", "HOST", &["down"]),
    fault("clock-jump", "WHOSE", &["by"]),
    fault("provider-late", "HOST", &["for", "by"]),
    fault("provider-twice", "HOST", &["for"]),
    fault("provider-never", "HOST", &["for"]),
    look("status", "JOB"),
    look("explain", "JOB"),
];
