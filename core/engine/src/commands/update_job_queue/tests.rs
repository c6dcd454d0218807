//! Updates change what they name and nothing else.

use crate::Error;
use crate::command::{Command, EnvironmentOrderInput, PolicyRef, Response, UpdateJobQueue};
use crate::entity::{FairShare, JobQueue, ResourceState};
use crate::testing::{World, policy, policy_ref, queue};
use longshore_types::Name;

fn update(world: &mut World, change: impl FnOnce(&mut UpdateJobQueue)) -> Result<JobQueue, Error> {
    let mut command = UpdateJobQueue { name: "q".into(), ..UpdateJobQueue::default() };
    change(&mut command);
    let response = world.try_apply(Command::UpdateJobQueue(Box::new(command)))?;
    let name: Name = "q".parse().unwrap();
    assert_eq!(response, Response::Named(name.clone()));
    Ok(world.engine.queues()[&name].clone())
}

#[test]
fn jq_8_members_named_change_and_the_others_stay() {
    let mut world = World::new(1);
    let before = world.engine.queues()[&"q".parse().unwrap()].clone();
    let updated = update(&mut world, |command| command.priority = Some(9)).unwrap();
    assert_eq!(updated, JobQueue { priority: 9, ..before });
}

#[test]
fn jq_9_disabled_queue_refuses_jobs_and_runs_those_it_has() {
    let mut world = World::new(1);
    world.submit(|_| {});
    world.submit(|_| {});
    let disabled = update(&mut world, |command| command.state = Some("DISABLED".into())).unwrap();
    assert_eq!(disabled.state, ResourceState::Disabled);
    assert!(world.try_submit(|_| {}).is_err());
    assert_eq!(world.run_all().len(), 2);
}

#[test]
fn refusals_change_nothing() {
    let mut world = World::new(1);
    let before = world.engine.queues().clone();
    type Change = fn(&mut UpdateJobQueue);
    let cases: [(Change, &str); 4] = [
        (|command| command.name = "x".into(), "JobQueue x not found."),
        (|command| command.priority = Some(-1), "Job queue priority must be greater than or equal to 0."),
        (|command| command.environments = Some(vec![]), "computeEnvironmentOrder is required."),
        (
            |command| command.environments = Some(vec![EnvironmentOrderInput { order: 1, environment: "x".into() }]),
            "Compute Environments must be created and valid before attaching them to a job queue",
        ),
    ];
    for (change, text) in cases {
        let refused = update(&mut world, |command| {
            command.state = Some("DISABLED".into());
            change(command);
        });
        assert_eq!(refused, Err(Error::invalid(text)));
    }
    assert_eq!(world.engine.queues(), &before);
}

#[test]
fn jq_4_policy_is_replaceable_but_neither_removable_nor_addable() {
    let mut world = World::new(1);
    for name in ["p", "r"] {
        world.engine.put_policy(policy(name, FairShare::default()));
    }
    let text = "A scheduling policy cannot be added to a job queue that was created without one.";
    let refused = update(&mut world, |command| command.scheduling_policy = Some(policy_ref("p")));
    assert_eq!(refused, Err(Error::invalid(text)));
    world.engine.put_queue(JobQueue { scheduling_policy: Some("p".parse().unwrap()), ..queue("q", 1) });
    let refused = update(&mut world, |command| command.scheduling_policy = Some(policy_ref("x")));
    let text = "SchedulingPolicy arn:aws:batch:r:1:scheduling-policy/x not found.";
    assert_eq!(refused, Err(Error::invalid(text)));
    let mut after =
        |policy| update(&mut world, |command| command.scheduling_policy = policy).unwrap().scheduling_policy;
    assert_eq!(after(Some(policy_ref("r"))), Some("r".parse().unwrap()));
    assert_eq!(after(Some(PolicyRef { text: String::new(), name: None })), Some("r".parse().unwrap()));
    assert_eq!(after(None), Some("r".parse().unwrap()));
}
