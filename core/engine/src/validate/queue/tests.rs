//! Queues by themselves.

use super::{environment_order, priority, queue_type, state, time_limit_actions};
use crate::command::EnvironmentOrderInput;
use crate::entity::ResourceState;
use crate::validate::check_refused;
use longshore_types::Limits;
use serde_json::{Value, json};

fn order(entries: &[(i64, &str)]) -> Vec<EnvironmentOrderInput> {
    let entry = |(order, name): &(i64, &str)| EnvironmentOrderInput { order: *order, environment: (*name).to_owned() };
    entries.iter().map(entry).collect()
}

fn action(reason: &str, action: &str, seconds: i64) -> Value {
    json!({ "reason": reason, "state": "RUNNABLE", "maxTimeSeconds": seconds, "action": action })
}

#[test]
fn jq_1_jq_2_orders_are_few_and_distinct() {
    assert_eq!(environment_order(&order(&[(1, "a"), (7, "b"), (-3, "c")]), &Limits::aws()), Ok(()));
    for (entries, text) in [
        (order(&[]), "computeEnvironmentOrder is required."),
        (order(&[(1, "a"), (2, "b"), (3, "c"), (4, "d")]), "Only 3 environments are allowed in job queue request."),
        (order(&[(1, "a"), (2, "a")]), "Duplicate ComputeEnvironments within order list."),
        (order(&[(1, "a"), (1, "b")]), "Duplicate ComputeEnvironment order values."),
    ] {
        check_refused(environment_order(&entries, &Limits::aws()), text);
    }
}

#[test]
fn sch_12_actions_cancel_runnable_jobs_once_per_reason() {
    let [first, second, _] = super::REASONS;
    let several = json!([action(first, "CANCEL", 600), action(second, "CANCEL", 86_400)]);
    assert_eq!(time_limit_actions(None, &several, &Limits::aws()), Ok(()));
    let training = Some("SAGEMAKER_TRAINING");
    assert_eq!(time_limit_actions(training, &json!([action(first, "TERMINATE", 600)]), &Limits::aws()), Ok(()));
    for (kind, actions, text) in [
        (None, json!([action(first, "TERMINATE", 600)]), "Invalid job action. Valid job actions: [CANCEL]"),
        (training, json!([action(first, "CANCEL", 600)]), "Invalid job action. Valid job actions: [TERMINATE]"),
        (None, json!([action(first, "CANCEL", 599)]), "maxTimeSeconds must be between 600 and 86400."),
        (None, json!([action(first, "CANCEL", 86_401)]), "maxTimeSeconds must be between 600 and 86400."),
        (
            None,
            json!([action(first, "CANCEL", 600), action(first, "CANCEL", 700)]),
            "Duplicate job state limit actions are not allowed.",
        ),
    ] {
        check_refused(time_limit_actions(kind, &actions, &Limits::aws()), text);
    }
    let unknown = json!([action("BORED", "CANCEL", 600)]);
    assert!(time_limit_actions(None, &unknown, &Limits::aws()).is_err());
}

#[test]
fn jq_5_svc_2_service_queues_have_one_service_environment_and_nothing_else() {
    assert_eq!(queue_type(Some("ECS"), (1, 0), &Limits::aws()), Ok(()));
    assert_eq!(queue_type(Some("SAGEMAKER_TRAINING"), (0, 1), &Limits::aws()), Ok(()));
    assert_eq!(queue_type(None, (0, 1), &Limits::aws()), Ok(()));
    for (kind, environments, services, text) in [
        ("SAGEMAKER_TRAINING", 0, 0, "Job queues of type SAGEMAKER_TRAINING must have serviceEnvironmentOrder."),
        (
            "ECS",
            0,
            1,
            "The jobQueueType provided is ECS, which is incompatible with the provided serviceEnvironmentOrder.",
        ),
        ("SAGEMAKER_TRAINING", 0, 2, "Job queue can only have 1 service environment."),
        ("SAGEMAKER_TRAINING", 1, 1, "computeEnvironmentOrder and serviceEnvironmentOrder cannot be used together."),
    ] {
        check_refused(queue_type(Some(kind), (environments, services), &Limits::aws()), text);
    }
}

#[test]
fn jq_3_state_and_priority_at_their_bounds() {
    assert_eq!(state(Some("DISABLED")), Ok(Some(ResourceState::Disabled)));
    check_refused(state(Some("ON")), "State ON is not valid. Valid states: [ENABLED, DISABLED]");
    assert_eq!(priority(0), Ok(0));
    check_refused(priority(-1), "Job queue priority must be greater than or equal to 0.");
}
