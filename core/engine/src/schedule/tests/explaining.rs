//! Explanations are true: what they name, granted, starts the job; without it the job does not start.

use super::lab::{Lab, amount, queue_over};
use crate::Config;
use crate::command::SubmitJob;
use crate::entity::{ConsumableKind, FairShare, JobQueue, ResourceState};
use crate::testing::{World, after, consumable, environment, n_to_n, policy, queue, sequential};
use crate::wait::{Ahead, ClosedEnvironment, Obstacle, Queued, Short, Wait};
use longshore_types::{JobId, JobRef, JobStatus, Resources};
use proptest::prelude::*;

fn queued(lab: &Lab, job: JobRef) -> Queued {
    match lab.explain(job) {
        Some(Wait::Place(queued)) => *queued,
        other => panic!("{job}: {other:?}"),
    }
}

fn wait(world: &World, job: JobRef) -> Option<Wait> {
    world.engine.explain(world.now, &[job]).pop().unwrap()
}

fn lab(vcpus: u64) -> Lab {
    Lab::new(Config::default(), &[amount(vcpus, 100)], &[("ce", 100)], &[queue_over("q", 1, &["ce"])])
}

#[test]
fn position_counts_children_and_is_bounded() {
    let mut lab = lab(1);
    let array = lab.submit("q", amount(1, 1), Some(1_500));
    let behind = JobRef::Job(lab.submit("q", amount(1, 1), None));
    lab.step();
    assert_eq!(queued(&lab, JobRef::Child(array, 1)).ahead, Ahead { jobs: 0, more: false });
    assert_eq!(queued(&lab, JobRef::Child(array, 900)).ahead, Ahead { jobs: 899, more: false });
    assert_eq!(queued(&lab, JobRef::Child(array, 1_001)).ahead, Ahead { jobs: 1_000, more: false });
    assert_eq!(queued(&lab, behind).ahead, Ahead { jobs: 1_000, more: true });
    let asked = [1_499, 1, 900, 1_001, 1_002].map(|index| JobRef::Child(array, index));
    assert_eq!(lab.engine.explain(lab.now, &asked), asked.map(|child| lab.explain(child)), "asked for together");
    assert!(matches!(lab.explain(JobRef::Job(array)), Some(Wait::Children { .. })));
}

#[test]
fn reservation_that_holds_a_job_up_is_named() {
    let mut lab = lab(4);
    let _running = lab.submit("q", amount(3, 1), None);
    let head = JobRef::Job(lab.submit("q", amount(4, 1), None));
    let behind = JobRef::Job(lab.submit("q", amount(1, 1), None));
    lab.step();
    let Obstacle::HeldUp(held) = queued(&lab, behind).obstacle else { panic!("{:?}", queued(&lab, behind)) };
    assert_eq!((held.by, held.reserved), (head, vec!["h0".to_owned()]));
    let Obstacle::Short(short) = queued(&lab, head).obstacle else { panic!("{:?}", queued(&lab, head)) };
    assert_eq!(short.hosts[0].missing, amount(3, 0));
}

#[test]
fn fss_4_what_is_kept_for_other_shares_is_named() {
    let mut world = World::new(4);
    world.engine.put_policy(policy("p", FairShare { reservation: Some(50), ..FairShare::default() }));
    world.engine.put_queue(JobQueue { scheduling_policy: Some("p".parse().unwrap()), ..queue("q", 1) });
    let of_share = |job: &mut SubmitJob| {
        job.share_identifier = Some("a".into());
        job.scheduling_priority_override = Some(0);
    };
    let started = [world.submit(of_share), world.submit(of_share)];
    assert_eq!(started.map(|job| world.status(job)), [JobStatus::Starting; 2]);
    let kept = world.submit(of_share);
    let obstacle = |world: &World| match wait(world, JobRef::Job(kept)) {
        Some(Wait::Place(queued)) => Some(queued.obstacle),
        _ => None,
    };
    assert_eq!(obstacle(&world), Some(Obstacle::Kept));
    world.exit(started[0], 0);
    assert_eq!((world.status(kept), obstacle(&world)), (JobStatus::Starting, None), "granted, it starts");
}

#[test]
fn what_has_started_or_is_unknown_has_no_explanation() {
    let mut lab = lab(1);
    let running = JobRef::Job(lab.submit("q", amount(1, 1), None));
    lab.step();
    assert_eq!((lab.explain(running), lab.explain(JobRef::Job(JobId::from_random(0)))), (None, None));
}

#[test]
fn missing_hosts_and_environments_are_named() {
    let mut lab = Lab::new(Config::default(), &[], &[("ce", 100)], &[queue_over("q", 1, &["ce"])]);
    let job = JobRef::Job(lab.submit("q", amount(1, 1), None));
    lab.step();
    assert_eq!(queued(&lab, job).obstacle, Obstacle::NoHost);
    let mut disabled = environment("ce", 100);
    disabled.state = ResourceState::Disabled;
    lab.engine.put_environment(disabled);
    lab.step();
    assert_eq!(
        queued(&lab, job).obstacle,
        Obstacle::NoEnvironment {
            closed: vec![ClosedEnvironment { name: "ce".parse().unwrap(), because: "DISABLED" }]
        }
    );
}

#[test]
fn dependencies_that_have_not_succeeded_are_named() {
    let mut world = World::new(1);
    let first = world.submit(|_| {});
    let array = world.submit(|job| (job.array_size, job.depends_on) = (Some(2), vec![sequential()]));
    let both = world.submit(|job| job.depends_on = vec![after(first), after(array)]);
    let follower = world.submit(|job| (job.array_size, job.depends_on) = (Some(2), vec![n_to_n(array)]));
    let on = |wait: Option<Wait>| match wait {
        Some(Wait::Dependencies { on, more: false }) => on,
        other => panic!("{other:?}"),
    };
    assert_eq!(on(wait(&world, JobRef::Job(both))), [JobRef::Job(first), JobRef::Job(array)]);
    assert_eq!(on(wait(&world, JobRef::Child(array, 1))), [JobRef::Child(array, 0)]);
    assert_eq!(on(wait(&world, JobRef::Child(follower, 1))), [JobRef::Child(array, 1)]);
    world.exit(first, 0);
    assert_eq!(on(wait(&world, JobRef::Job(both))), [JobRef::Job(array)]);
}

/// A job: its queue, what it asks for, whether it ends at once when it has started.
#[derive(Clone, Debug)]
struct Ask {
    queue: usize,
    /// Without a demand it is a pair of nodes.
    demand: Option<Resources>,
    /// Of the consumable resource.
    takes: u64,
    ends: bool,
}

/// Hosts, caps, how much there is of a consumable resource, and jobs.
#[derive(Clone, Debug)]
struct Scene {
    hosts: Vec<Resources>,
    caps: [i64; 2],
    consumable: u64,
    jobs: Vec<Ask>,
    strict_fifo: bool,
}

const QUEUES: [&str; 3] = ["high", "mid", "low"];

fn scenes() -> impl Strategy<Value = Scene> {
    let hosts = prop::collection::vec((1u64..7, 1u64..7).prop_map(|(vcpus, memory)| amount(vcpus, memory)), 1..4);
    let demand = (1u64..8, 1u64..8).prop_map(|(vcpus, memory)| amount(vcpus, memory));
    let demand = prop::option::weighted(0.85, demand);
    let takes = prop_oneof![3 => Just(0), 1 => 1u64..4];
    let ask = (0usize..3, demand, takes, prop::bool::weighted(0.2));
    let jobs = prop::collection::vec(ask, 1..25);
    let ask = |(queue, demand, takes, ends)| Ask { queue, demand, takes, ends };
    let scene = (hosts, [1i64..12, 1i64..12], 0u64..8, jobs, any::<bool>());
    scene.prop_map(move |(hosts, caps, consumable, jobs, strict_fifo)| {
        let jobs = jobs.into_iter().map(ask).collect();
        Scene { hosts, caps, consumable, jobs, strict_fifo }
    })
}

/// The scene as far as it goes: some jobs run, some wait.
fn play(scene: &Scene) -> (Lab, Vec<(usize, JobRef)>) {
    let queues = [
        queue_over("high", 3, &["ce", "more"]),
        queue_over("mid", 2, &["more"]),
        queue_over("low", 1, &["more", "ce"]),
    ];
    let config = Config { strict_fifo: scene.strict_fifo, ..Config::default() };
    let mut lab = Lab::new(config, &scene.hosts, &[("ce", scene.caps[0]), ("more", scene.caps[1])], &queues);
    lab.engine.put_consumable(consumable("r", ConsumableKind::Replenishable, scene.consumable));
    let mut jobs = Vec::new();
    for ask in &scene.jobs {
        let job = JobRef::Job(lab.submit_taking(QUEUES[ask.queue], ask.demand, ask.takes));
        lab.step();
        if ask.ends && lab.running.contains_key(&job) {
            lab.end(job);
            lab.step();
        }
        jobs.push((ask.queue, job));
    }
    (lab, jobs)
}

/// Cancels what is served before the job, as its explanation says, and counts what of it was in its own queue.
fn remove_ahead(lab: &mut Lab, jobs: &[(usize, JobRef)], job: JobRef, queued: &Queued) -> usize {
    let own = jobs.iter().position(|(_, known)| *known == job).unwrap();
    let mut removed = 0;
    for (at, &(queue, other)) in jobs.iter().enumerate() {
        let aside = lab.engine.run(other).is_none_or(|run| run.status_reason.is_some());
        let ahead = queue == jobs[own].0 && at < own;
        let queue_ahead = queued.queues_ahead.iter().any(|name| name.as_str() == QUEUES[queue]);
        // A queue of higher priority may have nothing but jobs that are set aside; a grant may bring them back.
        let served_first = queue_ahead || aside && queue < jobs[own].0;
        if (ahead || served_first) && lab.status(other) == Some(JobStatus::Runnable) {
            removed += usize::from(ahead && (!aside || lab.engine.config.strict_fifo));
            lab.cancel(other);
        }
    }
    removed
}

/// Grants exactly what is missing.
fn grant(lab: &mut Lab, short: &Short) {
    if short.cap_missing > 0 {
        let cap = lab.engine.environments()[&short.environment].max_vcpu_milli().unwrap();
        assert_eq!(short.cap_missing % 1_000, 0);
        let vcpus = i64::try_from((cap + short.cap_missing) / 1_000).unwrap();
        lab.engine.put_environment(environment(short.environment.as_str(), vcpus));
    }
    for host in &short.hosts {
        let index = (0..lab.hosts.len()).find(|index| super::lab::host_id(*index) == host.host).unwrap();
        lab.hosts[index] = lab.hosts[index].plus(host.missing);
        lab.connect(index);
    }
    for (name, quantity) in &short.consumables {
        let mut row = lab.engine.consumables.get(name).unwrap().clone();
        row.total += quantity;
        lab.engine.put_consumable(row);
    }
}

/// What is missing, but for one unit of one thing.
fn lesser(short: &Short) -> Vec<Short> {
    let mut found = Vec::new();
    let mut without = |change: &dyn Fn(&mut Short)| {
        let mut less = short.clone();
        change(&mut less);
        found.extend((less != *short).then_some(less));
    };
    without(&|less| less.cap_missing = less.cap_missing.saturating_sub(1_000));
    for index in 0..short.hosts.len() {
        without(&|less| less.hosts[index].missing = less.hosts[index].missing.minus(amount(1, 0)));
        without(&|less| less.hosts[index].missing = less.hosts[index].missing.minus(amount(0, 1)));
    }
    for index in 0..short.consumables.len() {
        without(&|less| less.consumables[index].1 -= 1);
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]
    #[test]
    fn granting_exactly_what_is_named_starts_the_job_and_nothing_less_does(scene in scenes(), pick in any::<prop::sample::Index>()) {
        let (mut lab, jobs) = play(&scene);
        let waiting: Vec<JobRef> =
            jobs.iter().map(|(_, job)| *job).filter(|job| lab.status(*job) == Some(JobStatus::Runnable)).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let job = *pick.get(&waiting);
        let before = queued(&lab, job);
        let oversized = matches!(before.obstacle, Obstacle::Oversized(_));
        if let Obstacle::Oversized(short) = &before.obstacle {
            // Then it is one of those that wait for what others use.
            grant(&mut lab, short);
            lab.step();
            if lab.status(job) == Some(JobStatus::Starting) {
                return Ok(());
            }
        }
        let now = queued(&lab, job);
        let removed = remove_ahead(&mut lab, &jobs, job, &now);
        prop_assert_eq!(usize::try_from(now.ahead.jobs).unwrap(), removed, "position");
        if let Obstacle::Short(short) = &now.obstacle {
            for less in lesser(short).into_iter().filter(|_| !oversized) {
                let (mut lab, jobs) = play(&scene);
                remove_ahead(&mut lab, &jobs, job, &now);
                grant(&mut lab, &less);
                lab.step();
                prop_assert_eq!(lab.status(job), Some(JobStatus::Runnable), "{:?} is enough, not {:?}", less, short);
            }
            grant(&mut lab, short);
        } else {
            prop_assert!(matches!(now.obstacle, Obstacle::HeldUp(_)), "{:?}", now);
        }
        lab.step();
        prop_assert_eq!(lab.status(job), Some(JobStatus::Starting), "{:?}", now);
    }
}
