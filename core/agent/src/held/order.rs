//! Which container of an attempt comes next: `dependsOn` with START, COMPLETE and SUCCESS, and `startTimeout` (`MC-2`,
//! `MC-4`). The texts are those of the ECS agent.

use super::container::{Container, Ended, State};
use longshore_protocol::Condition;
use longshore_types::Timestamp;

/// What is decided about a container that waits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Readiness {
    /// Everything that it waits for has happened.
    Ready,
    /// Something that it waits for will not happen any more, and why.
    Never(String),
}

/// The first waiting container about which something is decided.
pub(super) fn next(containers: &[Container], now: Timestamp) -> Option<(usize, Readiness)> {
    let waiting = containers.iter().enumerate().filter(|(_, container)| is_waiting(container));
    waiting.into_iter().find_map(|(index, container)| Some((index, readiness(container, containers, now)?)))
}

/// When a `startTimeout` decides about a container that waits.
pub(super) fn deadline(containers: &[Container]) -> Option<Timestamp> {
    let waits = containers.iter().filter(|container| is_waiting(container)).flat_map(|container| &container.depends_on);
    let timed = waits.filter(|(_, condition)| *condition != Condition::Start);
    timed.filter_map(|(name, _)| due(find(containers, name)?)).min()
}

const fn is_waiting(container: &Container) -> bool {
    matches!(container.state, State::Waiting(_))
}

fn find<'a>(containers: &'a [Container], name: &str) -> Option<&'a Container> {
    containers.iter().find(|container| container.name == name)
}

fn readiness(container: &Container, containers: &[Container], now: Timestamp) -> Option<Readiness> {
    let mut all_met = true;
    for (name, condition) in &container.depends_on {
        match judge(find(containers, name), *condition, now) {
            Judgement::Met => {}
            Judgement::Open => all_met = false,
            Judgement::Lost(why) => return Some(Readiness::Never(reason(name, &container.name, why))),
        }
    }
    all_met.then_some(Readiness::Ready)
}

enum Judgement {
    Met,
    Open,
    Lost(Why),
}

#[derive(Clone, Copy)]
enum Why {
    Unsuccessful,
    TimedOut,
    NeverStarts,
}

fn judge(target: Option<&Container>, condition: Condition, now: Timestamp) -> Judgement {
    let Some(target) = target else { return Judgement::Lost(Why::NeverStarts) };
    match (&target.state, condition) {
        (State::Ended(Ended { ran: None, .. }), _) => Judgement::Lost(Why::NeverStarts),
        (State::Running { .. } | State::Stopping { .. } | State::Ended(_), Condition::Start)
        | (State::Ended(_), Condition::Complete)
        | (State::Ended(Ended { exit_code: Some(0), .. }), Condition::Success) => Judgement::Met,
        (State::Ended(_), Condition::Success) => Judgement::Lost(Why::Unsuccessful),
        (State::Running { .. } | State::Stopping { .. }, _) if due(target).is_some_and(|due| due <= now) => {
            Judgement::Lost(Why::TimedOut)
        }
        _ => Judgement::Open,
    }
}

/// When a container has run for as long as those that wait for its end would wait.
fn due(target: &Container) -> Option<Timestamp> {
    match target.state {
        State::Running { since } | State::Stopping { since, .. } => Some(since.plus_ms(target.start_timeout_ms?)),
        State::Waiting(_) | State::Launching | State::Ended(_) => None,
    }
}

fn reason(dependency: &str, target: &str, why: Why) -> String {
    let failed = "failed to resolve ";
    let (failed, how) = match why {
        Why::Unsuccessful => (failed, "as dependency did not exit successfully."),
        Why::TimedOut => ("", "has timed out."),
        Why::NeverStarts => (failed, "because dependency will never start"),
    };
    format!(
        "CannotStartContainerError: dependency graph: {failed}container ordering dependency [{dependency}] for target \
         [{target}] {how}"
    )
}
