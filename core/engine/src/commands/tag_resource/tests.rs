//! TagResource on everything that has tags, above all on jobs that have ended.

use crate::Error;
use crate::command::{Command, TagResource, Taggable};
use crate::entity::{DefinitionId, Job, Tags};
use crate::testing::{HOST, World, n_to_n, tags};
use longshore_protocol::{AttemptEnd, AttemptEvent, EndCause};
use longshore_types::{JobId, JobRef, JobStatus};

fn refused(world: &mut World, resource: Taggable, tags: Tags, text: &str) {
    let before = world.rows.clone();
    assert_eq!(world.try_tag(resource, tags).map_err(|error| error.to_string()), Err(text.to_owned()));
    assert!(world.rows == before, "a refusal changes nothing");
}

fn definition(revision: u32) -> Taggable {
    Taggable::Definition(DefinitionId { name: "d".parse().unwrap(), revision })
}

#[test]
fn tag_2_new_tags_are_put_over_those_there() {
    let mut world = World::new(1);
    let (single, array) = (world.submit(|_| {}), world.submit(|job| job.array_size = Some(2)));
    let resources = [
        Taggable::Environment("ce".parse().unwrap()),
        Taggable::Queue("q".parse().unwrap()),
        definition(1),
        Taggable::Job(single),
        Taggable::Job(array),
    ];
    for resource in resources {
        world.try_tag(resource.clone(), tags(&[("a", "1"), ("b", "2")])).unwrap();
        world.try_tag(resource.clone(), tags(&[("b", "3"), ("c", "")])).unwrap();
        assert_eq!(world.tags(&resource), tags(&[("a", "1"), ("b", "3"), ("c", "")]), "{resource}");
    }
}

#[test]
fn tags_give_placement_nothing_to_do() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    let (environment, queue) = (Taggable::Environment("ce".parse().unwrap()), Taggable::Queue("q".parse().unwrap()));
    for resource in [environment, queue, definition(1), Taggable::Job(job)] {
        let command = world.tag_command(resource, tags(&[("a", "1")]));
        world.engine.apply(world.now, command).unwrap();
        assert!(world.engine.has_changes() && !world.engine.wants_schedule());
        world.step();
    }
}

#[test]
fn tag_2_unknown_resource_is_refused() {
    let mut world = World::new(1);
    let (name, job) = ("ghost".parse().unwrap(), JobId::from_random(5));
    let resources = [
        (Taggable::Environment("ghost".parse().unwrap()), "ComputeEnvironment ghost not found.".to_owned()),
        (Taggable::Queue(name), "JobQueue ghost not found.".to_owned()),
        (definition(2), "JobDefinition d:2 not found.".to_owned()),
        (Taggable::Job(job), format!("Job {job} not found.")),
    ];
    for (resource, text) in resources {
        refused(&mut world, resource, tags(&[("a", "1")]), &text);
    }
}

#[test]
fn tag_1_fifty_first_tag_is_refused_and_a_new_value_for_an_old_key_is_not() {
    let mut world = World::new(1);
    let resource = Taggable::Job(world.submit(|_| {}));
    let full: Tags = (0..50).map(|index| (format!("k{index}"), String::new())).collect();
    world.try_tag(resource.clone(), full.clone()).unwrap();
    refused(&mut world, resource.clone(), tags(&[("k50", "")]), "A resource can have at most 50 tags.");
    world.try_tag(resource.clone(), tags(&[("k0", "new")])).unwrap();
    assert_eq!(world.tags(&resource).len(), 50);
}

#[test]
fn tag_1_tags_that_no_resource_may_have_are_refused() {
    let mut world = World::new(1);
    let resource = Taggable::Queue("q".parse().unwrap());
    refused(&mut world, resource.clone(), Tags::new(), "At least one tag must be specified.");
    let text = "Tag key aws:x is not valid. Keys starting with aws: are reserved.";
    refused(&mut world, resource, tags(&[("aws:x", "")]), text);
}

#[test]
fn tag_1_ended_job_is_tagged_in_its_row_and_stays_out_of_memory() {
    let mut world = World::new(1);
    let job = world.submit(|job| job.tags = tags(&[("a", "1")]));
    world.exit(job, 0);
    let before = world.rows.jobs[&job].clone();
    world.try_tag(Taggable::Job(job), tags(&[("b", "2")])).unwrap();
    let after = world.rows.jobs[&job].clone();
    assert_eq!(after.tags, tags(&[("a", "1"), ("b", "2")]));
    assert_eq!(Job { tags: before.tags.clone(), ..after }, before, "nothing else changes");
    assert!(world.engine.job(job).is_none());
    world.restart();
    assert!(world.engine.job(job).is_none());
}

#[test]
fn tag_1_ended_array_that_was_tagged_is_depended_on_like_any_other() {
    let mut world = World::new(4);
    let first = world.submit(|job| job.array_size = Some(2));
    world.exit((first, 0), 0);
    world.exit((first, 1), 1);
    // The tags are still being written when the dependent comes.
    let command = world.tag_command(Taggable::Job(first), tags(&[("a", "1")]));
    world.engine.apply(world.now, command).unwrap();
    let second = world.submit(|job| {
        job.array_size = Some(2);
        job.depends_on = vec![n_to_n(first)];
    });
    assert_eq!(world.run_all(), [JobRef::Child(second, 0)]);
    assert!(world.reason((second, 1)).contains("Dependent"), "{}", world.reason((second, 1)));
}

#[test]
fn job_that_is_just_ending_is_tagged_in_memory_whatever_was_looked_up() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    let looked_up = Some(world.look_up_row(job, 0));
    let (attempt, at) = (world.running.remove(&JobRef::Job(job)).unwrap().attempt, world.now);
    let end = AttemptEnd { cause: EndCause::Exited, exit_code: Some(0), reason: None, containers: vec![] };
    world.engine.attempt_event(at, HOST, AttemptEvent::Ended { attempt, at, end });
    let tag = TagResource { resource: Taggable::Job(job), tags: tags(&[("a", "1")]), looked_up };
    world.try_apply(Command::TagResource(Box::new(tag.clone()))).unwrap();
    assert_eq!((world.status(job), world.tags(&tag.resource)), (JobStatus::Succeeded, tag.tags));
    assert!(world.engine.job(job).is_none());
}

#[test]
fn row_that_has_changed_since_it_was_read_is_asked_for_again() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.exit(job, 0);
    let late = world.tag_command(Taggable::Job(job), tags(&[("a", "1")]));
    world.try_tag(Taggable::Job(job), tags(&[("b", "2")])).unwrap();
    assert_eq!(world.try_apply(late), Err(Error::LookUpRow { job, stamp: 1 }));
    assert_eq!(world.tags(&Taggable::Job(job)), tags(&[("b", "2")]));
}

#[test]
fn two_tags_on_an_ended_job_in_one_commit_are_both_written() {
    let mut world = World::new(1);
    let job = world.submit(|_| {});
    world.exit(job, 0);
    // Both callers have read the row before either of them comes back with it.
    let both = [("a", "1"), ("b", "2")].map(|tag| world.tag_command(Taggable::Job(job), tags(&[tag])));
    for command in both {
        world.engine.apply(world.now, command).unwrap();
    }
    world.step();
    assert_eq!(world.tags(&Taggable::Job(job)), tags(&[("a", "1"), ("b", "2")]));
}
