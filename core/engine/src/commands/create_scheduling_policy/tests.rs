//! Policies come into being, with what they say.

use crate::Error;
use crate::command::{Command, CreateSchedulingPolicy, FairShareInput, Response};
use crate::entity::{FairShare, PolicyKind, ShareWeight};
use crate::testing::{World, tags};
use longshore_types::{Document, Name};

fn create(world: &mut World, change: impl FnOnce(&mut CreateSchedulingPolicy)) -> Result<Response, Error> {
    let mut command = CreateSchedulingPolicy { name: "p".into(), ..CreateSchedulingPolicy::default() };
    change(&mut command);
    world.try_apply(Command::CreateSchedulingPolicy(Box::new(command)))
}

#[test]
fn fss_1_policy_is_kept_as_given() {
    let mut world = World::new(1);
    let name: Name = "p".parse().unwrap();
    let created = create(&mut world, |command| {
        let distribution = Some(vec![("a*".to_owned(), Some(1_250)), ("b".to_owned(), None)]);
        command.fair_share = Some(FairShareInput { decay_s: Some(0), reservation: Some(50), distribution });
        command.tags = tags(&[("k", "v")]);
    });
    assert_eq!(created, Ok(Response::Named(name.clone())));
    let weight = |identifier: &str, weight| ShareWeight { identifier: identifier.into(), weight };
    let distribution = Some(vec![weight("a*", Some(1_250)), weight("b", None)]);
    let expected = PolicyKind::FairShare(FairShare { decay_s: Some(0), reservation: Some(50), distribution });
    assert_eq!(world.rows.policies[&name].kind, expected);
    assert_eq!(world.rows.policies[&name].tags, tags(&[("k", "v")]));
    world.restart();
    assert_eq!(world.engine.policies()[&name], world.rows.policies[&name]);
}

#[test]
fn names_taken_or_bad_and_two_kinds_at_once_are_refused() {
    let mut world = World::new(1);
    create(&mut world, |_| {}).unwrap();
    let before = world.rows.clone();
    assert_eq!(create(&mut world, |_| {}), Err(Error::AlreadyExists));
    let bad = create(&mut world, |command| command.name = "a b".into());
    assert_eq!(bad, Err(Error::invalid("Scheduling policy name should match a valid pattern.")));
    let both = create(&mut world, |command| {
        command.name = "q".into();
        command.fair_share = Some(FairShareInput::default());
        command.quota_share = Some(Document::default());
    });
    assert_eq!(both, Err(Error::invalid("Only one of fairsharePolicy and quotaSharePolicy can be specified.")));
    assert_eq!(world.rows, before);
}
