//! One sentence for the status reason.

use super::{Ahead, Blockage, ClosedEnvironment, HeldUp, Obstacle, Queued, Short, Wait};
use longshore_types::{JobRef, JobStatus, Resources};
use std::fmt;

impl fmt::Display for Wait {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dependencies { on, more } => {
                let jobs = on.iter().map(JobRef::to_string).collect::<Vec<_>>().join(", ");
                write!(formatter, "Waiting for {jobs}{} to succeed", if *more { " and others" } else { "" })
            }
            Self::Children { counts } => {
                let shown = JobStatus::ALL.into_iter().filter(|status| counts[*status as usize] > 0);
                let shown: Vec<String> = shown.map(|status| format!("{} {status}", counts[status as usize])).collect();
                write!(formatter, "Waiting for its children: {}", shown.join(", "))
            }
            Self::Place(queued) => queued.fmt(formatter),
        }
    }
}

impl fmt::Display for Queued {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = &self.queue;
        if let Some(blocked) = &self.blocked {
            let text = blocked.to_string();
            write!(formatter, "{text}{} ", if text.ends_with('.') { "" } else { "." })?;
        }
        match &self.obstacle {
            Obstacle::NoEnvironment { closed } => {
                let of = |closed: &ClosedEnvironment| format!("{} is {}", closed.name, closed.because);
                let closed: Vec<String> = closed.iter().map(of).collect();
                return write!(
                    formatter,
                    "No compute environment of job queue {queue} takes jobs: {}",
                    closed.join(", ")
                );
            }
            Obstacle::NoHost => write!(formatter, "No host is connected")?,
            Obstacle::Oversized(short) => write!(formatter, "Too large even for idle hosts: lacks {short}")?,
            Obstacle::Short(short) => write!(formatter, "Lacks {short}")?,
            Obstacle::HeldUp(held) => write!(formatter, "Fits, but {held}")?,
            Obstacle::Kept => write!(formatter, "Fits, but what is left is kept for shares that are not active yet")?,
            Obstacle::Turn => write!(formatter, "Fits and starts in its turn")?,
        }
        if !matches!(self.obstacle, Obstacle::Oversized(_)) {
            write!(formatter, "; {} in job queue {queue}", self.ahead)?;
        }
        if !self.queues_ahead.is_empty() {
            let names: Vec<&str> = self.queues_ahead.iter().map(|name| name.as_str()).collect();
            write!(formatter, ", after job queue {}", names.join(", "))?;
        }
        match self.attempt {
            (1, _) => Ok(()),
            (next, most) => write!(formatter, ", for attempt {next} of {most}"),
        }
    }
}

/// AWS's texts (`SCH-10`).
impl fmt::Display for Blockage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capacity { instance_types } => write!(
                formatter,
                "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type \
                 [{}]",
                instance_types.join(", ")
            ),
            Self::InvalidEnvironments => {
                formatter.write_str("ACTION_REQUIRED - CE(s) associated with the job queue are invalid.")
            }
            Self::Undetermined => {
                formatter.write_str("UNDETERMINED - Batch job is blocked, root cause is undetermined.")
            }
        }
    }
}

impl fmt::Display for Ahead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.jobs, self.more) {
            (jobs, true) => write!(formatter, "more than {jobs} jobs are ahead"),
            (0, false) => write!(formatter, "first"),
            (1, false) => write!(formatter, "1 job is ahead"),
            (jobs, false) => write!(formatter, "{jobs} jobs are ahead"),
        }
    }
}

impl fmt::Display for Short {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = &self.environment;
        let on_host = |host: &super::ShortOnHost| {
            format!("{} on host {} of compute environment {environment}", amount(host.missing), host.name)
        };
        let mut parts: Vec<String> = self.hosts.iter().map(on_host).collect();
        if self.cap_missing > 0 {
            parts
                .push(format!("{} vCPU of the maxvCpus of compute environment {environment}", vcpus(self.cap_missing)));
        }
        let of_consumable =
            |(name, quantity): &(longshore_types::Name, u64)| format!("{quantity} of consumable resource {name}");
        parts.extend(self.consumables.iter().map(of_consumable));
        formatter.write_str(&parts.join(" and "))
    }
}

impl fmt::Display for HeldUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reserved.as_slice() {
            [] => write!(formatter, "job {} at the head of the queue has to start first", self.by),
            hosts => write!(formatter, "the room is reserved for job {} on host {}", self.by, hosts.join(", ")),
        }
    }
}

/// Only what there is of it: `2 vCPU, 512 MiB, 1 GPU`.
fn amount(of: Resources) -> String {
    let mut parts = Vec::new();
    if of.vcpu_milli > 0 {
        parts.push(format!("{} vCPU", vcpus(of.vcpu_milli)));
    }
    if of.memory_mib > 0 {
        parts.push(format!("{} MiB of memory", of.memory_mib));
    }
    if of.gpus > 0 {
        parts.push(format!("{} GPU", of.gpus));
    }
    parts.join(", ")
}

/// Thousandths as a decimal number without trailing zeros.
fn vcpus(milli: u64) -> String {
    let text = format!("{}.{:03}", milli / 1_000, milli % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
