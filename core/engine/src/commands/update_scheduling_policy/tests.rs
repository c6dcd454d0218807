//! Policies change what they say and never what they are.

use crate::Error;
use crate::command::{Command, FairShareInput, Response, UpdateSchedulingPolicy};
use crate::entity::{FairShare, PolicyKind};
use crate::testing::{World, policy, policy_ref};
use longshore_types::{Document, Name};

fn update(world: &mut World, name: &str, kinds: (Option<FairShareInput>, Option<Document>)) -> Result<Response, Error> {
    let (fair_share, quota_share) = kinds;
    let command = UpdateSchedulingPolicy { policy: policy_ref(name), fair_share, quota_share };
    world.try_apply(Command::UpdateSchedulingPolicy(Box::new(command)))
}

#[test]
fn fss_1_policy_says_what_it_was_last_told() {
    let mut world = World::new(1);
    world.engine.put_policy(policy("p", FairShare { reservation: Some(10), ..FairShare::default() }));
    let decay = FairShareInput { decay_s: Some(60), ..FairShareInput::default() };
    assert_eq!(update(&mut world, "p", (Some(decay), None)), Ok(Response::Done));
    let expected = FairShare { decay_s: Some(60), ..FairShare::default() };
    let name: Name = "p".parse().unwrap();
    assert_eq!(world.rows.policies[&name].kind, PolicyKind::FairShare(expected));
}

#[test]
fn unknown_policies_names_and_other_kinds_are_refused() {
    let mut world = World::new(1);
    world.engine.put_policy(policy("p", FairShare::default()));
    let other = update(&mut world, "p", (None, Some(Document::default())));
    assert_eq!(other, Err(Error::invalid("The type of a scheduling policy cannot be changed.")));
    let text = "SchedulingPolicy arn:aws:batch:r:1:scheduling-policy/x not found.";
    assert_eq!(update(&mut world, "x", (None, None)), Err(Error::invalid(text)));
    let mut named = policy_ref("p");
    named.name = None;
    let command = UpdateSchedulingPolicy { policy: named, fair_share: None, quota_share: None };
    let refused = world.try_apply(Command::UpdateSchedulingPolicy(Box::new(command)));
    assert_eq!(refused, Err(Error::invalid("Only scheduling policy Arn can be allowed.")));
}
