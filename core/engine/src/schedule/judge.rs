//! Classes that no host could hold even if everything were idle: they are set aside, so that they block nobody, and every
//! entry says why in AWS's words (`SCH-10`, `SCH-11`) until it is no longer true or it moves on (`ST-8`).

use super::Step;
use crate::engine::Engine;
use crate::lifecycle;
use longshore_placement::Shortage;
use longshore_types::Name;

const MAX_RESOURCE: &str = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU \
                            requirement of the job.";
const JOB_RESOURCE: &str = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher \
                            than that can be met by the CE(s) attached to the job queue.";

/// Judges the classes of a queue that are new or were judged by an earlier fleet, and labels entries; what exceeds the
/// bound on work is left to the next step.
pub(super) fn judge(engine: &mut Engine, step: &mut Step, queue: &Name) {
    for _ in 0..engine.config.placements_per_step {
        let Some(class) = engine.ready.get_mut(queue).and_then(crate::ready::ReadyQueue::take_unjudged) else { break };
        step.looks += 1;
        let demand = step.round.demand(&class, 1, step.round.pools_of(queue));
        let label = step.round.space.impossible(&demand).as_ref().map(label_of);
        let Some(ready) = engine.ready.get_mut(queue) else { break };
        let known = ready.classes().get(&class);
        let news = label.filter(|_| known.is_some_and(|class| class.label != label));
        let head = known.and_then(|class| class.entries.first_key_value()).map(|(_, ready)| *ready);
        ready.judge(&class, label);
        if let (Some(head), Some(label)) = (head.and_then(|head| engine.first_of(head)), news) {
            lifecycle::tell_blocked(engine, step.now, head, label);
        }
    }
    for _ in 0..engine.config.placements_per_step {
        let Some(ready) = engine.ready.get_mut(queue) else { return };
        let Some((entry, label)) = ready.take_unlabelled() else { return };
        lifecycle::label(engine, entry, label);
    }
    engine.unscheduled = true;
}

/// Why no host could hold it even if everything were idle.
const fn label_of(shortage: &Shortage) -> &'static str {
    if shortage.cap_missing > 0 { MAX_RESOURCE } else { JOB_RESOURCE }
}

/// The label that a stored status reason is.
pub(crate) fn known_label(reason: Option<&str>) -> Option<&'static str> {
    [MAX_RESOURCE, JOB_RESOURCE].into_iter().find(|label| reason == Some(label))
}
