//! Policies go when no queue has them.

use crate::Error;
use crate::command::{Command, Response};
use crate::entity::FairShare;
use crate::testing::{World, policy, policy_ref, queue};

fn delete(world: &mut World, name: &str) -> Result<Response, Error> {
    world.try_apply(Command::DeleteSchedulingPolicy(policy_ref(name)))
}

#[test]
fn policy_of_a_queue_stays_and_goes_once_no_queue_has_it() {
    let mut world = World::new(1);
    world.engine.put_policy(policy("p", FairShare::default()));
    let mut fair = queue("q", 1);
    fair.scheduling_policy = Some("p".parse().unwrap());
    world.engine.put_queue(fair);
    let text = "Cannot delete, found existing JobQueue relationship";
    assert_eq!(delete(&mut world, "p"), Err(Error::invalid(text)));
    world.engine.put_queue(queue("q", 1));
    assert_eq!(delete(&mut world, "p"), Ok(Response::Done));
    assert!(world.rows.policies.is_empty() && world.engine.policies().is_empty());
}

#[test]
fn idem_5_policy_that_is_not_there_counts_as_deleted() {
    assert_eq!(delete(&mut World::new(1), "p"), Ok(Response::Done));
}
