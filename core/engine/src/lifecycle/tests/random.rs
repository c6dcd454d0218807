//! Random lives: whatever is submitted, cancelled, terminated, tagged, started, ended, lost and restarted in whatever
//! order, whatever becomes of environments and queues meanwhile, the invariants hold after every step, a restart changes nothing, no tag is lost, and in the end every job ends.

mod outputs;
mod resources;
mod sharing;

use crate::command::{Command, Response, SubmitJob, Taggable};
use crate::entity::{EventKind, Job, Run, Tags};
use crate::lifecycle::transition::allowed;
use crate::testing::{HOST, Reference, World, after, attempts, n_to_n, node, sequential, tags};
use crate::{Config, Error};
use longshore_protocol::{AttemptEnd, EndCause, StartAttempt};
use longshore_types::{JobId, JobRef, JobStatus, Resources};
use outputs::Outputs;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Step {
    Submit {
        kind: Kind,
        depends: Vec<(usize, u8)>,
        attempts: i64,
        task: bool,
    },
    Cancel(usize, Option<u32>),
    Terminate(usize, Option<u32>),
    Start(usize),
    StartContainer(usize, usize),
    End(usize, i32),
    StartFails(usize),
    /// The agent gives back what waits for its seat.
    Return(usize),
    AskToTag(usize),
    Tag(usize),
    Share(sharing::Step),
    Resource(resources::Step),
    AgentDies,
    TimePasses,
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Single,
    Array(i64),
    Nodes,
}

/// Tags on their way: what was read for them may be old when they arrive.
#[derive(Default)]
struct Tagging {
    sent: usize,
    under_way: Vec<(JobId, Tags, Command)>,
    done: BTreeMap<JobId, Tags>,
}

impl Tagging {
    fn ask(&mut self, world: &mut World, job: JobId) {
        self.sent += 1;
        let tags = tags(&[(&self.sent.to_string(), "")]);
        let command = world.tag_command(Taggable::Job(job), tags.clone());
        self.under_way.push((job, tags, command));
    }

    fn arrive(&mut self, world: &mut World, index: usize) {
        if self.under_way.is_empty() {
            return;
        }
        let (job, tags, command) = self.under_way.swap_remove(index % self.under_way.len());
        match world.try_apply(command) {
            Err(Error::LookUpRow { .. }) => drop(world.try_tag(Taggable::Job(job), tags.clone()).unwrap()),
            result => drop(result.unwrap()),
        }
        self.done.entry(job).or_default().extend(tags);
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![2 => Just(Kind::Single), 3 => (2i64..5).prop_map(Kind::Array), 2 => Just(Kind::Nodes)];
    let depends = prop::collection::vec((0usize..30, 0u8..4), 0..3);
    let child = || prop::option::of(0u32..4);
    let step = prop_oneof![
        6 => (kind, depends, 1i64..3, prop::bool::weighted(0.3))
            .prop_map(|(kind, depends, attempts, task)| Step::Submit { kind, depends, attempts, task }),
        1 => (0usize..30, child()).prop_map(|(job, child)| Step::Cancel(job, child)),
        1 => (0usize..30, child()).prop_map(|(job, child)| Step::Terminate(job, child)),
        4 => (0usize..30).prop_map(Step::Start),
        3 => (0usize..30, 0usize..2).prop_map(|(job, index)| Step::StartContainer(job, index)),
        8 => (0usize..30, prop_oneof![3 => Just(0), 1 => Just(1)]).prop_map(|(job, code)| Step::End(job, code)),
        1 => (0usize..30).prop_map(Step::StartFails),
        1 => (0usize..30).prop_map(Step::Return),
        2 => (0usize..30).prop_map(Step::AskToTag),
        2 => (0usize..30).prop_map(Step::Tag),
        4 => sharing::steps().prop_map(Step::Share),
        6 => resources::steps().prop_map(Step::Resource),
        1 => Just(Step::AgentDies),
        1 => Just(Step::TimePasses),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..60)
}

fn pick<T: Copy>(items: &[T], index: usize) -> Option<T> {
    (!items.is_empty()).then(|| items[index % items.len()])
}

/// A job, or a child or node of it.
fn target(world: &World, jobs: &[JobId], index: usize, part: Option<u32>) -> Option<Reference> {
    let job = pick(jobs, index)?;
    let has_nodes = world.rows.jobs[&job].gang.is_some();
    Some(match part {
        None => job.into(),
        Some(part) if has_nodes => node(job, part).into(),
        Some(part) => (job, part).into(),
    })
}

fn submit(world: &mut World, jobs: &mut Vec<JobId>, depends: &[(usize, u8)], change: impl FnOnce(&mut SubmitJob)) {
    let depends_on: Vec<_> = depends
        .iter()
        .filter_map(|&(index, kind)| match kind {
            0 => Some(sequential()),
            1 => pick(jobs, index).map(n_to_n),
            2 => target(world, jobs, index, Some(1)).map(after),
            _ => pick(jobs, index).map(after),
        })
        .collect();
    let submitted = world.try_submit(|job| {
        job.depends_on = depends_on;
        change(job);
    });
    jobs.extend(submitted.ok());
}

/// Attempts that have their seats: of those that share one only the first that started, if any did.
fn seated(world: &World) -> Vec<JobRef> {
    let runs = |job: &JobRef| world.status(*job) == JobStatus::Running;
    let taken: BTreeMap<_, JobRef> =
        world.running.iter().filter(|(job, _)| runs(job)).map(|(job, start)| (start.seat_id(), *job)).collect();
    let has_seat =
        |(job, start): &(&JobRef, &_)| taken.get(&StartAttempt::seat_id(start)).is_none_or(|first| first == *job);
    world.running.iter().filter(has_seat).map(|(job, _)| *job).collect()
}

fn take(world: &mut World, jobs: &mut Vec<JobId>, (tagging, outputs): (&mut Tagging, &mut Outputs), step: Step) {
    let running: Vec<JobRef> = seated(world);
    match step {
        Step::Submit { kind, depends, attempts: tries, task } => submit(world, jobs, &depends, |job| {
            job.retry = attempts(tries);
            job.job_definition.name = if task { "t" } else { "d" }.into();
            match kind {
                Kind::Single => {}
                Kind::Array(size) => job.array_size = Some(size),
                Kind::Nodes => job.job_definition.name = "m".into(),
            }
        }),
        Step::Cancel(job, part) => target(world, jobs, job, part).into_iter().for_each(|job| world.cancel(job)),
        Step::Terminate(job, part) => target(world, jobs, job, part).into_iter().for_each(|job| world.terminate(job)),
        Step::Start(index) => pick(&running, index).into_iter().for_each(|job| world.start(job)),
        Step::StartContainer(index, container) => {
            pick(&running, index).into_iter().for_each(|job| world.start_container(job, container));
        }
        Step::End(index, code) => pick(&running, index).into_iter().for_each(|job| world.exit(job, code)),
        Step::StartFails(index) => {
            let failed = AttemptEnd { cause: EndCause::StartFailed, exit_code: None, reason: None, containers: vec![] };
            let starting = |job: &JobRef| world.status(*job) == JobStatus::Starting;
            pick(&running, index).filter(starting).into_iter().for_each(|job| world.end(job, failed.clone()));
        }
        Step::Return(index) => {
            let returned = AttemptEnd { cause: EndCause::Returned, exit_code: None, reason: None, containers: vec![] };
            let waits = |(job, start): &(&JobRef, &StartAttempt)| {
                let containers = world.run(**job).current.map(|current| current.containers).unwrap_or_default();
                let begun = containers.iter().any(|container| container.started_at.is_some());
                start.seat.is_some() && world.status(**job) == JobStatus::Starting && !begun
            };
            let waiting: Vec<JobRef> = world.running.iter().filter(waits).map(|(job, _)| *job).collect();
            if let Some(job) = pick(&waiting, index) {
                outputs.comes_back(world, job);
                world.end(job, returned.clone());
            }
        }
        Step::AskToTag(index) => pick(jobs, index).into_iter().for_each(|job| tagging.ask(world, job)),
        Step::Tag(index) => tagging.arrive(world, index),
        Step::Share(step) => sharing::take(world, jobs, step),
        Step::Resource(step) => resources::take(world, jobs, step),
        Step::AgentDies => {
            world.running.clear();
            world.incarnation += 1;
            world.hello();
        }
        // Long enough for a head to block its queue (`SCH-10`).
        Step::TimePasses => world.pass(Config::default().blocked_after_ms),
        Step::Restart => {
            // Whose turn it is in a queue with shares depends on the time, which has gone on since placement looked.
            world.engine.unscheduled = true;
            world.step();
            let before = (world.rows.clone(), world.running.clone());
            let standings = sharing::standings(world);
            world.restart();
            assert_eq!(sharing::standings(world), standings, "shares stand as they stood");
            // Requests end with the server that they were sent to.
            tagging.under_way.clear();
            assert!((&world.rows, &world.running) == (&before.0, &before.1), "a restart changes nothing");
            check_unneeded(world);
        }
    }
}

/// What must be true of the rows after every step.
fn audit(world: &World, tagging: &Tagging, ended: &mut BTreeMap<JobRef, JobStatus>) {
    for (job, tags) in &tagging.done {
        assert_eq!(world.tags(&Taggable::Job(*job)), *tags, "{job} has the tags it was given");
    }
    for job in world.rows.jobs.values() {
        let reference = JobRef::Job(job.id);
        check_terminal(world, ended, reference);
        audit_nodes(world, ended, job);
        let Some(array) = &job.array else { continue };
        let mut counts = [0; 7];
        for index in 0..array.size {
            let child = JobRef::Child(job.id, index);
            counts[world.status(child) as usize] += 1;
            check_terminal(world, ended, child);
        }
        let spawned = array.counts.iter().sum::<u32>() > 0;
        assert!(!spawned || counts == array.counts, "{reference}: {counts:?} {:?}", array.counts);
    }
    check_events(world);
    audit_fleet(world);
    sharing::audit(world);
    resources::audit(world);
    assert_eq!(crate::audit::audit(&world.rows, &BTreeSet::new()), []);
    let seats: BTreeMap<_, _> =
        world.running.values().map(|start| (start.seat_id(), start.demand.vcpu_milli)).collect();
    assert!(seats.values().sum::<u64>() <= 3_000, "no host is oversubscribed");
    for (job, start) in &world.running {
        let run = world.run(*job);
        assert!(run.current.is_some_and(|current| current.id == start.attempt), "{job} runs under one attempt");
        let asked = start.containers.iter().fold(0, |sum, container| sum + container.demand.vcpu_milli);
        assert_eq!(asked, start.demand.vcpu_milli, "{job} asks for what its containers ask for");
    }
}

/// Every status that a job or child has had is told once and in order, with its life as it was then (`EV-1`).
fn check_events(world: &World) {
    let mut last = 0;
    let mut told: BTreeMap<JobRef, Vec<Run>> = BTreeMap::new();
    for event in world.rows.events.values() {
        assert_eq!(event.first(), last + 1, "numbers have no gaps");
        last = event.seq;
        if event.kind == EventKind::QueueBlocked {
            assert_eq!(event.run.status, JobStatus::Runnable, "who blocks a queue waits in it (`EV-3`)");
            continue;
        }
        let runs = event.after(0).map(|(_, reference)| (reference, event.run.clone()));
        runs.for_each(|(reference, run)| told.entry(reference).or_default().push(run));
    }
    for (reference, runs) in &told {
        let now = world.run(*reference);
        let parent = matches!(reference, JobRef::Job(id) if world.rows.jobs[id].array.is_some());
        for pair in runs.windows(2) {
            let node = matches!(reference, JobRef::Node(..));
            assert!(allowed(pair[0].status, pair[1].status, parent, node), "{reference}: {pair:?}");
        }
        let latest = runs.last().unwrap();
        assert_eq!((latest.status, latest.attempts.len()), (now.status, now.attempts.len()), "{reference}");
        assert!(!now.status.is_terminal() || *latest == now, "{reference}: {latest:?} {now:?}");
        // The attempt of a multi-node job is its main node's: it has none of its own under way.
        let gang = matches!(reference, JobRef::Job(id) if world.rows.jobs[id].gang.is_some());
        let under_way = gang && matches!(now.status, JobStatus::Starting | JobStatus::Running);
        let times = |status| runs.iter().filter(|run| run.status == status).count();
        let open = now.current.is_some() || under_way;
        // What came back from its host without having started was no attempt.
        let came_back = |pair: &&[Run]| {
            let [before, after] = [&pair[0], &pair[1]];
            let statuses = (before.status, after.status) == (JobStatus::Starting, JobStatus::Runnable);
            statuses && before.attempts.len() == after.attempts.len()
        };
        let returns = runs.windows(2).filter(came_back).count();
        assert_eq!(times(JobStatus::Starting), now.attempts.len() + usize::from(open) + returns, "{reference}");
        let running = runs.iter().filter(|run| run.status == JobStatus::Running);
        assert!(running.clone().all(|run| run.started_at.is_some() && (gang || run.current.is_some())), "{reference}");
        let live = open && now.started_at.is_some();
        let started = now.attempts.iter().filter(|attempt| attempt.started_at.is_some()).count() + usize::from(live);
        assert_eq!(running.count(), if parent { 0 } else { started }, "{reference}");
    }
    for job in world.rows.jobs.values() {
        let size =
            job.array.as_ref().filter(|array| array.counts.iter().sum::<u32>() > 0).map_or(0, |array| array.size);
        let everyone = (0..size).map(|index| JobRef::Child(job.id, index)).chain([JobRef::Job(job.id)]);
        everyone.for_each(|reference| assert!(told.contains_key(&reference), "nothing was told of {reference}"));
    }
}

/// Nodes are placed all at once, and how they ended is final with their job.
fn audit_nodes(world: &World, ended: &mut BTreeMap<JobRef, JobStatus>, job: &Job) {
    let Some(nodes) = job.spec.nodes() else { return };
    let all: Vec<Run> = (0..nodes.count).map(|index| world.run(node(job.id, index))).collect();
    let places = all.iter().map(|run| run.attempts.len() + usize::from(run.current.is_some()));
    assert_eq!(places.collect::<BTreeSet<_>>().len(), 1, "{}: a node has a place only when all have one", job.id);
    let main = &all[nodes.main as usize];
    let decided = usize::from(job.gang.as_ref().is_some_and(|gang| gang.verdict.is_some()));
    let over = &main.attempts[..main.attempts.len() - decided];
    assert_eq!(job.run.attempts, over, "{}: the job's attempts are the main node's", job.id);
    if job.run.status.is_terminal() {
        (0..nodes.count).for_each(|index| check_terminal(world, ended, node(job.id, index)));
    }
    if job.run.status == JobStatus::Runnable {
        assert!(all.iter().all(|run| run.status == JobStatus::Runnable && run.current.is_none()), "{}", job.id);
    }
}

/// What the rows say is placed is what is counted as used; addresses are nobody else's.
fn audit_fleet(world: &World) {
    let whole = world.rows.jobs.values().map(|job| (JobRef::Job(job.id), job.run.current.clone()));
    let parts = world.rows.children.iter().map(|(&(job, index), run)| {
        let has_nodes = world.rows.jobs[&job].gang.is_some();
        let part = if has_nodes { JobRef::Node(job, index) } else { JobRef::Child(job, index) };
        (part, run.current.clone())
    });
    let (mut seats, mut attempts, mut addresses) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    for (job, current) in whole.chain(parts) {
        let Some(current) = current else { continue };
        let demand = world.rows.jobs[&job.job()].demand_of(job);
        let shared = seats.insert(current.seat_id(), demand);
        assert!(shared.is_none_or(|shared| shared == demand), "attempts of one seat ask for the same");
        attempts.insert(current.id);
        assert!(current.address.is_none_or(|address| addresses.insert(address)), "{job} has another node's address");
    }
    let used = seats.values().fold(Resources::default(), |used, demand| used.plus(*demand));
    let host = &world.engine.fleet().hosts()[&HOST];
    assert_eq!((host.used, &host.attempts, host.addresses.used()), (used, &attempts, addresses.len()));
}

/// Without the rows that may go (`ST-6`), a restart finds the same; gives how many may.
fn check_unneeded(world: &mut World) -> usize {
    let every: Vec<JobId> = world.rows.jobs.keys().copied().collect();
    let Ok(Response::Unneeded(unneeded)) = world.try_apply(Command::FindUnneeded(every)) else { unreachable!() };
    let mut left = world.rows.clone();
    left.jobs.retain(|job, _| !unneeded.contains(job));
    left.children.retain(|(job, _), _| !unneeded.contains(job));
    let (all, left) = (world.rows.snapshot(), left.snapshot());
    assert!(all.jobs == left.jobs && all.children == left.children, "{unneeded:?}");
    let named = left.jobs.iter().filter(|job| !job.run.status.is_terminal()).flat_map(|job| &job.depends_on);
    let named: BTreeSet<JobId> = named.filter_map(|entry| entry.target).map(JobRef::job).collect();
    assert!(unneeded.iter().all(|job| !named.contains(job)), "who waits can see what for");
    unneeded.len()
}

/// Terminal is for ever, and nothing that has ended runs.
fn check_terminal(world: &World, ended: &mut BTreeMap<JobRef, JobStatus>, reference: JobRef) {
    let run = world.run(reference);
    if let Some(before) = ended.get(&reference) {
        assert_eq!(*before, run.status, "{reference} had ended");
    }
    if run.status.is_terminal() {
        ended.insert(reference, run.status);
        assert!(run.current.is_none() && run.stopped_at.is_some(), "{reference}: {run:?}");
        assert!(!world.running.contains_key(&reference));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn every_step_keeps_the_invariants_and_every_job_ends(steps in steps()) {
        let mut world = sharing::world(3, resources::config());
        let mut jobs = Vec::new();
        let mut ended = BTreeMap::new();
        let (mut tagging, mut outputs) = (Tagging::default(), Outputs::default());
        for step in steps {
            take(&mut world, &mut jobs, (&mut tagging, &mut outputs), step);
            audit(&world, &tagging, &mut ended);
            outputs.audit(&world);
        }
        sharing::abound(&mut world);
        resources::abound(&mut world);
        world.run_all();
        audit(&world, &tagging, &mut ended);
        outputs.audit(&world);
        for job in &jobs {
            prop_assert!(world.status(*job).is_terminal(), "{} is {:?}", job, world.status(*job));
        }
        let open = world.rows.log_streams.values().filter(|stream| stream.ended_at.is_none()).count();
        prop_assert_eq!(open, 0, "streams end with their attempts");
        prop_assert_eq!(world.engine.jobs.len(), 0, "ended jobs leave memory");
        prop_assert!(world.engine.dependents.is_empty() && world.engine.attempts.len() == 0);
        prop_assert!(world.engine.nodes.is_empty(), "nodes leave memory with their jobs");
        prop_assert!(world.engine.named.is_empty() && world.engine.waiting == 0);
        prop_assert_eq!(check_unneeded(&mut world), jobs.len(), "nothing is needed for ever");
    }
}
