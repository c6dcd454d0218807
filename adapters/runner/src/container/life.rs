//! The life of a container, whoever runs it: brought up, told, followed to its end, told again.
//!
//! ```text
//!          Err            Ok(Some)               its end
//!   start ─────▶ LaunchFailed    ─────▶ Launched ──────────▶ Exited
//!     └─ Ok(None): it was withdrawn, and whoever did that has said so
//! ```

use super::Site;
use super::failure::Failure;
use crate::process::now;
use longshore_agent::{ExitStatus, RunnerEvent};
use longshore_types::{AttemptId, Resources, Timestamp};

/// The kernel's shares of the processors for a vCPU (`CPU-1`).
const SHARES_PER_VCPU: u64 = 1_024;
const MILLI: u64 = 1_000;

/// A container that is to be run, by whom it is run.
pub(super) trait Container {
    /// What there is of it while it runs.
    type Running;

    /// The id of its output, which is its own.
    fn output(&self) -> AttemptId;

    /// None if it was withdrawn.
    fn start(&self) -> Result<Option<Self::Running>, Failure>;

    /// Waits for its end, and takes all of it away before that is answered.
    fn follow(&self, running: Self::Running) -> End;
}

/// How a container ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) status: ExitStatus,
    /// Whether its memory limit killed something in it.
    pub(super) oom_killed: bool,
    pub(super) at: Timestamp,
}

/// From its image to its last trace.
pub(super) fn live(site: &Site, container: &impl Container) {
    let output = container.output();
    match container.start() {
        Ok(None) => {}
        Ok(Some(running)) => {
            site.shared.index.started(output);
            site.tell(RunnerEvent::Launched { output, at: now() });
            let End { status, oom_killed, at } = container.follow(running);
            let oom_killed = oom_killed && status != ExitStatus::Code(0);
            site.shared.index.ended(output, at);
            site.running().remove(&output);
            site.tell(RunnerEvent::Exited { output, status, oom_killed, at });
        }
        Err(failure) => {
            site.running().remove(&output);
            site.tell(RunnerEvent::LaunchFailed { output, reason: failure.to_string() });
        }
    }
}

/// The kernel's shares of the processors for what a container asks for.
pub(super) fn processor_shares(demand: Resources) -> u64 {
    demand.vcpu_milli * SHARES_PER_VCPU / MILLI
}
