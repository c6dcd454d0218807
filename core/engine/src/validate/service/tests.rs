//! Service things by themselves.

use super::{capacity_limits, quota_share, service_job, service_type};
use crate::command::SubmitServiceJob;
use crate::entity::CapacityLimit;
use crate::validate::check_refused;
use longshore_types::{Document, Limits};
use serde_json::{Value, json};

fn limits(limits: &[(i64, &str)]) -> Vec<CapacityLimit> {
    let limit = |(max, unit): &(i64, &str)| CapacityLimit { max_capacity: *max, capacity_unit: (*unit).to_owned() };
    limits.iter().map(limit).collect()
}

fn document(members: Value) -> Document {
    let Value::Object(members) = members else { panic!("an object") };
    Document(members)
}

#[test]
fn svc_1_capacity_is_a_number_of_instances_or_of_instance_types() {
    assert_eq!(service_type("SAGEMAKER_TRAINING"), Ok(()));
    check_refused(service_type("ECS"), "Type ECS is not valid. Valid types: [SAGEMAKER_TRAINING]");
    assert_eq!(capacity_limits(&limits(&[(1, "NUM_INSTANCES")])), Ok(()));
    assert_eq!(capacity_limits(&limits(&[(1, "ml.m5.large"), (2, "ml.p4d.24xlarge")])), Ok(()));
    let types = ["ml.a.b", "ml.c.d", "ml.e.f", "ml.g.h", "ml.i.j", "ml.k.l"].map(|unit| (1, unit));
    let mixed = "Capacity units must specify either number of instances OR instance type";
    for (given, text) in [
        (limits(&[]), "At least one capacity limit must be specified."),
        (limits(&types), "Number of capacity limits exceeds 5."),
        (limits(&[(1, "NUM_INSTANCES"), (1, "ml.m5.large")]), mixed),
        (limits(&[(0, "NUM_INSTANCES")]), "Max capacity must be more than 0."),
        (limits(&[(1, "ml.a.b"), (2, "ml.a.b")]), "Cannot have duplicate capacity units in capacityLimits."),
        (
            limits(&[(1, "vcpus")]),
            "Capacity unit vcpus is not valid. Use NUM_INSTANCES or an instance type, such as ml.m5.large.",
        ),
    ] {
        check_refused(capacity_limits(&given), text);
    }
}

#[test]
fn svc_4_share_says_how_it_lends_borrows_and_preempts() {
    let share = |sharing: Value, preemption: &str| {
        let preemption = json!({ "inSharePreemption": preemption });
        let members = json!({ "resourceSharingConfiguration": sharing, "preemptionConfiguration": preemption });
        quota_share(document(members))
    };
    let borrows = share(json!({ "strategy": "LEND_AND_BORROW" }), "ENABLED").unwrap();
    assert_eq!(borrows.0["resourceSharingConfiguration"]["borrowLimit"], -1);
    let lends = share(json!({ "strategy": "LEND" }), "DISABLED").unwrap();
    assert_eq!(lends.0["resourceSharingConfiguration"], json!({ "strategy": "LEND" }));
    for (sharing, preemption, text) in [
        (
            json!({ "strategy": "GIVE" }),
            "ENABLED",
            "Resource sharing strategy GIVE is not valid. Valid strategies: [RESERVE, LEND, LEND_AND_BORROW]",
        ),
        (
            json!({ "strategy": "LEND", "borrowLimit": 5 }),
            "ENABLED",
            "borrowLimit is only applicable to the strategy LEND_AND_BORROW.",
        ),
        (
            json!({ "strategy": "LEND_AND_BORROW", "borrowLimit": -2 }),
            "ENABLED",
            "borrowLimit must be -1, which is unlimited, or a percentage of at least 0.",
        ),
        (json!({ "strategy": "LEND" }), "ON", "inSharePreemption ON is not valid. Valid values: [ENABLED, DISABLED]"),
    ] {
        check_refused(share(sharing, preemption), text);
    }
}

#[test]
fn svc_3_job_carries_a_json_object_and_retries_by_status_reason() {
    let job = |payload: &str, members: Value| {
        let command = SubmitServiceJob {
            kind: "SAGEMAKER_TRAINING".into(),
            payload: payload.into(),
            document: document(members),
            ..SubmitServiceJob::default()
        };
        service_job(&command, &Limits::aws())
    };
    let retry = |attempts: i64, reason: &str| {
        let entry = json!({ "action": "RETRY", "onStatusReason": reason });
        json!({ "retryStrategy": { "attempts": attempts, "evaluateOnExit": [entry] } })
    };
    assert_eq!(job("{\"TrainingJobName\": \"t\"}", retry(10, "Received status from SageMaker: *Capacity*")), Ok(()));
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(10 * 1_024));
    let preemption = json!({ "preemptionConfiguration": { "preemptionRetriesBeforeTermination": 1 } });
    for (payload, members, text) in [
        ("[]", json!({}), "serviceRequestPayload must be a JSON object."),
        (large.as_str(), json!({}), "serviceRequestPayload can have at most 10240 bytes."),
        ("{}", retry(11, "x"), "RetryAttempts must be between 1 and 10."),
        ("{}", retry(1, ""), "EvaluateOnExit should contain onStatusReason"),
        ("{}", retry(1, "a\nb"), "Evaluate on exit condition contains restricted characters."),
        (
            "{}",
            json!({ "timeoutConfig": { "attemptDurationSeconds": 59 } }),
            "AttemptDurationSeconds in Timeout must be at least 60 seconds.",
        ),
        ("{}", preemption, "preemptionConfiguration is only applicable to jobs with a quotaShareName."),
    ] {
        check_refused(job(payload, members), text);
    }
}
