//! How an attempt ended, by the ends of its containers (spec table 4.1, `MC-3`, `STOP-2`).
//!
//! An attempt has one exit code and one reason, by which it is judged and retried (`RTY-6`): those of the essential
//! container that was the first to end otherwise than with 0. So the exit code is 0 only if that of every essential
//! container is, and a container that is stopped because another one failed does not hide that one's code.

use super::container::{Container, Ended, State};
use longshore_protocol::{AttemptEnd, EndCause};

/// The end, without those of the containers, once every container has ended; `ended` has them in that order.
pub(super) fn of(containers: &[Container], ended: &[usize], ending: Option<EndCause>) -> Option<AttemptEnd> {
    if ended.len() < containers.len() {
        return None;
    }
    let ends = ended.iter().filter_map(|index| match &containers[*index] {
        Container { essential: true, state: State::Ended(ended), .. } => Some(ended),
        _ => None,
    });
    let essential: Vec<&Ended> = ends.collect();
    let failed = essential.iter().find(|ended| ended.exit_code != Some(0));
    let deciding = failed.or(essential.first()).map(|ended| (**ended).clone());
    let Ended { exit_code, reason, .. } = deciding.unwrap_or(Ended::never_ran(None));
    let cause = match ending {
        Some(cause @ (EndCause::Stopped | EndCause::TimedOut | EndCause::Returned)) => cause,
        // Stopped without a reason of its own: another container's exit was the end.
        _ if exit_code.is_some() || reason.is_none() => EndCause::Exited,
        _ => EndCause::StartFailed,
    };
    Some(AttemptEnd { cause, exit_code, reason, containers: Vec::new() })
}
