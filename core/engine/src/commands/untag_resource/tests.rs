//! UntagResource.

use crate::command::{Command, LookedUpRow, Taggable, UntagResource};
use crate::testing::{World, tags};
use crate::{Error, Response};
use longshore_types::JobId;

fn untag(resource: Taggable, keys: &[&str], looked_up: Option<LookedUpRow>) -> Command {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Command::UntagResource(Box::new(UntagResource { resource, keys, looked_up }))
}

#[test]
fn tag_2_named_tags_go_and_the_others_stay() {
    let mut world = World::new(1);
    let resource = Taggable::Queue("q".parse().unwrap());
    world.try_tag(resource.clone(), tags(&[("a", "1"), ("b", "2"), ("c", "3")])).unwrap();
    assert_eq!(world.try_apply(untag(resource.clone(), &["a", "c", "never"], None)), Ok(Response::Done));
    assert_eq!(world.tags(&resource), tags(&[("b", "2")]));
}

#[test]
fn tag_2_ended_job_is_untagged_in_its_row() {
    let mut world = World::new(1);
    let job = world.submit(|job| job.tags = tags(&[("a", "1"), ("b", "2")]));
    world.exit(job, 1);
    let resource = Taggable::Job(job);
    let asked = world.try_apply(untag(resource.clone(), &["a"], None));
    let Err(Error::LookUpRow { stamp, .. }) = asked else { panic!("{asked:?}") };
    let looked_up = Some(world.look_up_row(job, stamp));
    world.try_apply(untag(resource.clone(), &["a"], looked_up)).unwrap();
    assert_eq!(world.tags(&resource), tags(&[("b", "2")]));
}

#[test]
fn tag_1_reserved_key_and_unknown_job_are_refused() {
    let mut world = World::new(1);
    let job = JobId::from_random(5);
    let text = "Tag key aws:a is not valid. Keys starting with aws: are reserved.";
    let looked_up = Some(world.look_up_row(job, 0));
    for (keys, looked_up, text) in [("aws:a", None, text), ("a", looked_up, &format!("Job {job} not found."))] {
        let refused = world.try_apply(untag(Taggable::Job(job), &[keys], looked_up));
        assert_eq!(refused.map_err(|error| error.to_string()), Err(text.to_owned()));
    }
}
