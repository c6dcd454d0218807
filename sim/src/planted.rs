//! Planted bugs: each spoils what passes between the server, its disk, its agents and its clients in the way in which a
//! bug of one of them would, so that a test can see the audit find it. They are planted where the simulated world and the
//! production code meet, so the code that ships has no place for them; only tests of this crate can choose one.

use longshore_engine::command::ComputeResourcesInput;
use longshore_engine::{Answer, Change, Command, Obstacle, Rows, Snapshot, Wait};
use longshore_protocol::{AgentMessage, AttemptEvent, EndCause};
use longshore_types::JobStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What no simulated world may have: a state that outlives it.
static MOOD: AtomicU64 = AtomicU64::new(0);

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Planted {
    /// Hosts are taken for twice as large as they are.
    HostsCountTwice,
    /// An agent that comes back is taken for a new one that holds nothing.
    AgentsForget,
    /// A status is told that the job never had.
    StatusIsMadeUp,
    /// A job that has failed is written again as succeeded.
    FailureIsForgiven,
    /// The disk says that it has written what a crash takes back.
    DiskLies,
    /// An exit with 0 is taken for one with 1.
    SuccessIsNotSeen,
    /// Children are counted twice.
    ChildrenCountTwice,
    /// `dependsOn` is not read.
    DependenciesAreIgnored,
    /// What is lent is not counted.
    LoansAreNotCounted,
    /// A share is said to use more than it does.
    SharesCountTwice,
    /// Every job that waits for a place is told that there is no host.
    ReasonIsInvented,
    /// The server does not wait for its disk.
    CommitIsNotWaitedFor,
    /// A restart misses a job.
    RestartForgets,
    /// The end of an attempt is acknowledged and not taken in.
    EndIsSwallowed,
    /// Outputs that nobody heard of are not written down.
    OutputsAreForgotten,
    /// Environments may use four times what they were given.
    LimitsAreRaised,
    /// When a job has ended is not written down.
    TimesAreLost,
    /// A restart takes the attempts of two jobs for one.
    RestartMixesUp,
    /// What a host has depends on what was simulated before.
    HostsHaveMoods,
}

impl Planted {
    pub(crate) const ALL: [Self; 19] = [
        Self::HostsCountTwice,
        Self::AgentsForget,
        Self::StatusIsMadeUp,
        Self::FailureIsForgiven,
        Self::DiskLies,
        Self::SuccessIsNotSeen,
        Self::ChildrenCountTwice,
        Self::DependenciesAreIgnored,
        Self::LoansAreNotCounted,
        Self::SharesCountTwice,
        Self::ReasonIsInvented,
        Self::CommitIsNotWaitedFor,
        Self::RestartForgets,
        Self::EndIsSwallowed,
        Self::OutputsAreForgotten,
        Self::LimitsAreRaised,
        Self::TimesAreLost,
        Self::RestartMixesUp,
        Self::HostsHaveMoods,
    ];
}

impl Planted {
    /// Between the server and the disk.
    pub(crate) fn spoil_commit(self, changes: &mut Vec<Change>, rows: &Rows) {
        for change in changes.iter_mut() {
            match (self, change) {
                (Self::ChildrenCountTwice, Change::PutJob(job)) => {
                    let array = Arc::make_mut(job).array.as_mut().filter(|array| array.spawned_at.is_some());
                    array.into_iter().for_each(|array| array.counts[JobStatus::Running as usize] *= 2);
                }
                (Self::TimesAreLost, Change::PutJob(job)) => Arc::make_mut(job).run.stopped_at = None,
                (Self::OutputsAreForgotten, Change::PutJob(job)) => Arc::make_mut(job).run.unheard.clear(),
                (Self::OutputsAreForgotten, Change::PutChild(child)) => child.run.unheard.clear(),
                (Self::LoansAreNotCounted, Change::PutConsumable(row)) => row.in_use = 0,
                (Self::StatusIsMadeUp, Change::AppendEvent(event)) if event.run.status == JobStatus::Running => {
                    event.run.status = JobStatus::Pending;
                }
                _ => {}
            }
        }
        if self == Self::FailureIsForgiven
            && let Some(failed) = rows.jobs.values().find(|job| job.run.status == JobStatus::Failed)
        {
            let mut forgiven = failed.clone();
            forgiven.run.status = JobStatus::Succeeded;
            changes.push(Change::PutJob(Arc::new(forgiven)));
        }
    }

    /// Between the disk and a server that starts.
    pub(crate) fn spoil_snapshot(self, snapshot: &mut Snapshot) {
        if self == Self::RestartForgets {
            snapshot.jobs.pop();
        }
        let mut placed = snapshot.jobs.iter_mut().filter_map(|job| Arc::make_mut(job).run.current.as_mut());
        if self == Self::RestartMixesUp
            && let (Some(one), Some(other)) = (placed.next(), placed.next())
        {
            (other.id, other.host) = (one.id, one.host);
        }
    }

    /// Between an agent and the server.
    pub(crate) fn spoil_message(self, message: &mut AgentMessage) {
        match (self, message) {
            (Self::HostsCountTwice, AgentMessage::Hello(hello)) => hello.description.capacity.vcpu_milli *= 2,
            (Self::HostsHaveMoods, AgentMessage::Hello(hello)) => {
                hello.description.capacity.vcpu_milli -= 1_000 * (MOOD.fetch_add(1, Ordering::Relaxed) % 2);
            }
            (Self::AgentsForget, AgentMessage::Hello(hello)) if !hello.held.is_empty() => {
                hello.incarnation += 1_000;
                hello.held.clear();
            }
            (Self::SuccessIsNotSeen, AgentMessage::Report(report)) => {
                if let AttemptEvent::Ended { end, .. } = &mut report.event
                    && end.cause == EndCause::Exited
                {
                    end.exit_code = Some(1);
                }
            }
            (Self::EndIsSwallowed, AgentMessage::Report(report)) => {
                if let AttemptEvent::Ended { attempt, at, .. } = &report.event {
                    report.event = AttemptEvent::Started { attempt: *attempt, at: *at };
                }
            }
            _ => {}
        }
    }

    /// Between the client and the server.
    pub(crate) fn spoil_command(self, command: &mut Command) {
        let raised = |compute: &mut Option<ComputeResourcesInput>| {
            let most = compute.as_mut().and_then(|compute| compute.max_vcpus.as_mut());
            most.into_iter().for_each(|most| *most *= 4);
        };
        match (self, command) {
            (Self::DependenciesAreIgnored, Command::SubmitJob(submit)) => submit.depends_on.clear(),
            (Self::LimitsAreRaised, Command::CreateComputeEnvironment(create)) => raised(&mut create.compute),
            (Self::LimitsAreRaised, Command::UpdateComputeEnvironment(update)) => raised(&mut update.compute),
            _ => {}
        }
    }

    /// Whether the server goes on before its disk has written.
    pub(crate) fn is_hasty(self) -> bool {
        self == Self::CommitIsNotWaitedFor
    }

    /// Whether a crash takes back what the disk has said to be written.
    pub(crate) fn takes_back(self) -> bool {
        self == Self::DiskLies
    }

    /// Between the server and who asks it.
    pub(crate) fn spoil_answer(self, answer: &mut Answer) {
        match (self, answer) {
            (Self::ReasonIsInvented, Answer::Waits(waits)) => {
                for wait in waits.iter_mut().flatten() {
                    if let Wait::Place(queued) = wait {
                        queued.obstacle = Obstacle::NoHost;
                    }
                }
            }
            (Self::SharesCountTwice, Answer::Snapshot(Some(snapshot))) => {
                let shares = snapshot.shares.iter_mut().flat_map(|shares| &mut shares.top);
                shares.for_each(|(_, used)| *used *= 2);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
