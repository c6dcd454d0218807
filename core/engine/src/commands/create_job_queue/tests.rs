//! Queues and the environments that they may have.

use crate::command::{Command, CreateJobQueue, EnvironmentOrderInput, PolicyRef, Response};
use crate::entity::{FairShare, PolicyKind, ResourceStatus};
use crate::testing::{World, environment, policy, policy_ref};
use crate::{Config, Error};
use longshore_types::{Document, Limits, Name};
use serde_json::json;

fn create(world: &mut World, change: impl FnOnce(&mut CreateJobQueue)) -> Result<Response, Error> {
    let mut command = CreateJobQueue { name: "new".into(), environments: order(&["ce"]), ..CreateJobQueue::default() };
    change(&mut command);
    world.try_apply(Command::CreateJobQueue(Box::new(command)))
}

fn order(names: &[&str]) -> Vec<EnvironmentOrderInput> {
    let entry = |(order, name): (i64, &&str)| EnvironmentOrderInput { order, environment: (*name).to_owned() };
    (1..).zip(names).map(entry).collect()
}

/// A world with the environments `ce` (EC2), `fargate`, `eks` and `invalid`.
fn world() -> World {
    let mut world = World::new(1);
    let mut fargate = environment("fargate", 4);
    fargate.compute.as_mut().unwrap().kind = "FARGATE".into();
    let mut eks = environment("eks", 4);
    eks.document.0.insert("eksConfiguration".into(), json!({}));
    let mut invalid = environment("invalid", 4);
    invalid.status = ResourceStatus::Invalid;
    for environment in [fargate, eks, invalid] {
        world.engine.put_environment(environment);
    }
    world
}

#[test]
fn jq_7_queue_created_is_valid_and_takes_jobs() {
    let mut world = world();
    let name: Name = "new".parse().unwrap();
    assert_eq!(create(&mut world, |_| {}), Ok(Response::Named(name.clone())));
    let queue = &world.engine.queues()[&name];
    assert_eq!((queue.status, queue.status_reason.as_str()), (ResourceStatus::Valid, "JobQueue Healthy"));
    world.submit(|job| job.job_queue = "new".into());
    assert_eq!(world.running.len(), 1);
}

#[test]
fn err_4_name_taken_is_refused() {
    assert_eq!(create(&mut world(), |command| command.name = "q".into()), Err(Error::AlreadyExists));
}

#[test]
fn jq_2_jq_5_environments_that_do_not_go_together_are_refused() {
    let absent = "Compute Environments must be created and valid before attaching them to a job queue";
    let cases: [(&[&str], Option<&str>, &str); 6] = [
        (&["ce", "none"], None, absent),
        (&["invalid"], None, absent),
        (&["ce", "fargate"], None, "Fargate and EC2 compute environments can not be mixed."),
        (&["ce", "eks"], None, "ECS and EKS compute environments can not be mixed."),
        (&["ce"], Some("EKS"), "EKS job queue type must have EKS compute environment."),
        (&["fargate"], Some("ECS"), "ECS job queue type must have ECS compute environment."),
    ];
    for (names, kind, text) in cases {
        let refused = create(&mut world(), |command| {
            command.environments = order(names);
            command.document.0.extend(kind.map(|kind| ("jobQueueType".to_owned(), json!(kind))));
        });
        assert_eq!(refused, Err(Error::invalid(text)));
    }
}

#[test]
fn quota_of_queues_full_is_refused() {
    let limits = Limits { queues: 1, ..Limits::aws() };
    let mut world = World::with_config(1, Config { limits, ..Config::default() });
    assert_eq!(create(&mut world, |_| {}), Err(Error::invalid("An account can have at most 1 job queues.")));
}

#[test]
fn jq_4_policy_is_one_that_exists_by_its_arn() {
    let mut world = world();
    world.engine.put_policy(policy("p", FairShare::default()));
    let mut quota = policy("quota", FairShare::default());
    quota.kind = PolicyKind::QuotaShare(Document::default());
    world.engine.put_policy(quota);
    let mut with = |policy: PolicyRef| create(&mut world, |command| command.scheduling_policy = Some(policy));
    let text = "SchedulingPolicy arn:aws:batch:r:1:scheduling-policy/x not found.";
    assert_eq!(with(policy_ref("x")), Err(Error::invalid(text)));
    let text = "Only scheduling policy Arn can be allowed.";
    assert_eq!(with(PolicyRef { text: "p".into(), name: None }), Err(Error::invalid(text)));
    let text = "Quota Management feature is only supported for SageMaker Training job queues.";
    assert_eq!(with(policy_ref("quota")), Err(Error::invalid(text)));
    let name: Name = "new".parse().unwrap();
    assert_eq!(with(policy_ref("p")), Ok(Response::Named(name.clone())));
    assert_eq!(world.rows.queues[&name].scheduling_policy, Some("p".parse().unwrap()));
}
