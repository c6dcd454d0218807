//! Who is needed.

use crate::command::{Command, Response};
use crate::testing::{World, after, tags};
use longshore_types::JobId;

fn check(world: &mut World, jobs: &[JobId], unneeded: &[JobId]) {
    let found = world.try_apply(Command::FindUnneeded(jobs.to_vec())).unwrap();
    assert_eq!(found, Response::Unneeded(unneeded.to_vec()));
}

#[test]
fn st_6_job_is_needed_until_it_and_all_that_name_it_have_ended() {
    let mut world = World::new(2);
    let first = world.submit(|_| {});
    let other = world.submit(|_| {});
    let dependent = world.submit(|job| job.depends_on = vec![after(first), after(other)]);
    check(&mut world, &[first, other, dependent], &[]);
    world.exit(first, 0);
    check(&mut world, &[first, other, dependent], &[]);
    world.restart();
    check(&mut world, &[first, other, dependent], &[]);
    world.exit(other, 0);
    world.exit(dependent, 0);
    check(&mut world, &[first, other, dependent], &[first, other, dependent]);
}

#[test]
fn job_whose_tags_are_being_written_is_needed() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.exit(job, 0);
    let command = world.tag_command(crate::command::Taggable::Job(job), tags(&[("a", "1")]));
    world.engine.apply(world.now, command).unwrap();
    let asked = world.engine.apply(world.now, Command::FindUnneeded(vec![job]));
    assert_eq!(asked, Ok(Response::Unneeded(vec![])));
    world.step();
    check(&mut world, &[job], &[job]);
}
