//! Multi-node parallel jobs (spec section 9): placed whole, ended by the main node, tried again whole.

use crate::command::SubmitJob;
use crate::testing::{HOST, World, after, attempts, node};
use longshore_protocol::{AttemptEnd, EndCause, StartAttempt};
use longshore_types::{JobId, JobRef, JobStatus, Resources};
use std::collections::{BTreeMap, BTreeSet};

/// Three nodes, the second of them the main one: nothing may count on the main node being the first.
const MAIN: u32 = 1;
const OTHERS: [u32; 2] = [0, 2];

fn nodes(job: &mut SubmitJob) {
    job.job_definition.name = "m".into();
}

fn end(cause: EndCause, exit_code: Option<i32>) -> AttemptEnd {
    AttemptEnd { cause, exit_code, reason: None, containers: vec![] }
}

fn stopped() -> AttemptEnd {
    end(EndCause::Stopped, Some(143))
}

fn statuses(world: &World, job: JobId) -> [JobStatus; 3] {
    [0, 1, 2].map(|index| world.status(node(job, index)))
}

/// The nodes that the host was told of and that have not ended.
fn told(world: &World) -> Vec<u32> {
    world.running.keys().filter_map(|job| job.index()).collect()
}

/// A job whose nodes all run.
fn running(world: &mut World, change: impl FnOnce(&mut SubmitJob)) -> JobId {
    let job = world.submit(|job| {
        nodes(job);
        change(job);
    });
    world.start(node(job, MAIN));
    OTHERS.into_iter().for_each(|index| world.start(node(job, index)));
    assert_eq!(statuses(world, job), [JobStatus::Running; 3]);
    job
}

/// Nothing is left of the job on the host.
fn check_gone(world: &World) {
    let host = &world.engine.fleet().hosts()[&HOST];
    assert_eq!((host.used, host.attempts.len(), host.addresses.used()), (Resources::default(), 0, 0));
    assert!(world.running.is_empty() && world.engine.jobs.len() == 0 && world.engine.nodes.is_empty());
}

fn variables(start: &StartAttempt) -> BTreeMap<String, String> {
    start.containers[0].environment.iter().cloned().collect()
}

#[test]
fn mnp_4_all_nodes_have_their_places_at_once_but_the_main_node_starts_first() {
    let mut world = World::new(3);
    let job = world.submit(nodes);
    assert_eq!((world.status(job), statuses(&world, job)), (JobStatus::Starting, [JobStatus::Starting; 3]));
    assert_eq!((told(&world), world.engine.fleet().hosts()[&HOST].used.vcpu_milli), (vec![MAIN], 3_000));
    world.start(node(job, MAIN));
    let expected = [JobStatus::Starting, JobStatus::Running, JobStatus::Starting];
    assert_eq!((world.status(job), statuses(&world, job)), (JobStatus::Running, expected));
    assert_eq!(told(&world), [0, 1, 2]);
}

#[test]
fn mnp_4_job_waits_until_there_is_room_for_every_node() {
    let mut world = World::new(3);
    let first = world.submit(|_| {});
    let job = world.submit(nodes);
    assert_eq!((world.status(job), statuses(&world, job)), (JobStatus::Runnable, [JobStatus::Runnable; 3]));
    assert_eq!(world.rows.children.len(), 0, "nodes that were never placed have no rows");
    world.exit(first, 0);
    assert_eq!(world.status(job), JobStatus::Starting);
}

#[test]
fn mnp_4_job_that_could_never_be_placed_says_so_and_blocks_nobody() {
    let mut world = World::new(2);
    let job = world.submit(nodes);
    let other = world.submit(|_| {});
    assert_eq!((world.status(job), world.status(other)), (JobStatus::Runnable, JobStatus::Starting));
    assert!(world.reason(job).starts_with("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"), "{}", world.reason(job));
}

#[test]
fn mnp_5_exit_of_the_main_node_ends_the_job_when_the_others_are_stopped() {
    let mut world = World::new(3);
    let job = running(&mut world, |_| {});
    let started_at = world.run(job).started_at;
    world.exit(node(job, MAIN), 0);
    let ended_at = world.now;
    assert_eq!((world.status(job), world.status(node(job, MAIN))), (JobStatus::Running, JobStatus::Succeeded));
    assert_eq!(world.stopped.len(), 2);
    world.end(node(job, 0), stopped());
    assert_eq!(world.status(job), JobStatus::Running);
    world.end(node(job, 2), end(EndCause::Stopped, Some(0)));
    let run = world.run(job);
    assert_eq!((run.status, run.started_at, run.stopped_at), (JobStatus::Succeeded, started_at, Some(ended_at)));
    assert_eq!(run.status_reason.as_deref(), Some("Essential container in task exited"));
    assert_eq!(run.attempts, world.run(node(job, MAIN)).attempts);
    // MNP-10: each node by its own exit code.
    assert_eq!(statuses(&world, job), [JobStatus::Failed, JobStatus::Succeeded, JobStatus::Succeeded]);
    assert_eq!((world.reason(node(job, 0)), world.run(node(job, 0)).attempts[0].exit_code), {
        ("Main node has ended".to_owned(), Some(143))
    });
    check_gone(&world);
}

#[test]
fn mnp_5_end_of_another_node_neither_fails_nor_stops_the_job() {
    let mut world = World::new(3);
    let job = running(&mut world, |job| job.retry = attempts(3));
    world.exit(node(job, 0), 1);
    assert_eq!((world.status(job), world.stopped.len()), (JobStatus::Running, 0));
    assert_eq!(statuses(&world, job), [JobStatus::Failed, JobStatus::Running, JobStatus::Running]);
    world.exit(node(job, 2), 0);
    world.exit(node(job, MAIN), 0);
    assert_eq!((world.status(job), world.run(job).attempts.len()), (JobStatus::Succeeded, 1));
    assert_eq!(statuses(&world, job), [JobStatus::Failed, JobStatus::Succeeded, JobStatus::Succeeded]);
    check_gone(&world);
}

#[test]
fn mnp_6_failed_main_node_restarts_every_node_once_all_are_gone() {
    let mut world = World::new(3);
    let job = running(&mut world, |job| job.retry = attempts(2));
    world.exit(node(job, 0), 0);
    world.exit(node(job, MAIN), 1);
    assert_eq!((world.status(job), told(&world)), (JobStatus::Running, vec![2]));
    world.end(node(job, 2), stopped());
    assert_eq!((world.status(job), statuses(&world, job)), (JobStatus::Starting, [JobStatus::Starting; 3]));
    assert_eq!((told(&world), world.running[&node(job, MAIN)].epoch), (vec![MAIN], 2));
    world.exit(node(job, MAIN), 1);
    assert_eq!((world.status(job), world.run(job).attempts.len()), (JobStatus::Failed, 2));
    assert_eq!([0, 1, 2].map(|index| world.run(node(job, index)).attempts.len()), [2; 3]);
    check_gone(&world);
}

#[test]
fn rty_2_job_that_is_tried_again_waits_ahead_of_the_queue_with_all_its_nodes() {
    let mut world = World::new(3);
    let job = running(&mut world, |job| job.retry = attempts(2));
    let other = world.submit(nodes);
    for index in OTHERS {
        world.exit(node(job, index), 0);
    }
    world.exit(node(job, MAIN), 1);
    assert_eq!((world.status(job), world.status(other)), (JobStatus::Starting, JobStatus::Runnable));
}

#[test]
fn mnp_5_main_node_that_cannot_start_takes_along_nodes_that_nobody_was_told_of() {
    let mut world = World::new(3);
    let job = world.submit(nodes);
    world.end(node(job, MAIN), end(EndCause::StartFailed, None));
    assert_eq!((world.status(job), world.reason(job)), (JobStatus::Failed, "Task failed to start".into()));
    assert_eq!((statuses(&world, job), world.stopped.len()), ([JobStatus::Failed; 3], 0));
    let other = world.run(node(job, 0)).attempts[0].clone();
    assert_eq!((other.started_at, other.exit_code, other.log_stream), (None, None, None));
    check_gone(&world);
}

#[test]
fn main_node_that_starts_and_ends_in_one_step_starts_no_other() {
    let mut world = World::new(3);
    let job = world.submit(nodes);
    world.exit(node(job, MAIN), 0);
    assert_eq!((world.status(job), world.stopped.len()), (JobStatus::Succeeded, 0));
    assert_eq!(statuses(&world, job), [JobStatus::Failed, JobStatus::Succeeded, JobStatus::Failed]);
    check_gone(&world);
}

#[test]
fn tmo_3_main_node_alone_is_timed_and_its_time_is_the_jobs() {
    let mut world = World::new(3);
    let job = running(&mut world, |job| {
        job.timeout_s = Some(Some(60));
        job.retry = attempts(3);
    });
    let timeouts = [0, 1, 2].map(|index| world.running[&node(job, index)].timeout_ms);
    assert_eq!(timeouts, [None, Some(60_000), None]);
    world.end(node(job, MAIN), end(EndCause::TimedOut, Some(137)));
    OTHERS.into_iter().for_each(|index| world.end(node(job, index), stopped()));
    assert_eq!((world.status(job), world.reason(job)), {
        (JobStatus::Failed, "Job attempt duration exceeded timeout".into())
    });
    check_gone(&world);
}

#[test]
fn mnp_6_lost_hosts_fail_nodes_and_the_main_nodes_is_a_failed_attempt() {
    let mut world = World::new(3);
    let once = running(&mut world, |job| job.retry = attempts(2));
    world.running.clear();
    world.incarnation += 1;
    world.hello();
    let reason = format!("Host EC2 (instance {}) terminated.", HOST.instance_id());
    assert_eq!((world.status(once), world.run(once).attempts[0].status_reason.clone()), (JobStatus::Starting, reason));
    assert_eq!([0, 1, 2].map(|index| world.run(node(once, index)).attempts.len()), [1; 3]);
    world.exit(node(once, MAIN), 0);
    check_gone(&world);
}

#[test]
fn mnp_10_main_node_that_is_stopped_with_its_agent_has_failed_whatever_its_exit_code() {
    let mut world = World::new(3);
    let job = running(&mut world, |_| {});
    for index in [OTHERS[0], MAIN, OTHERS[1]] {
        world.end(node(job, index), end(EndCause::Stopped, Some(0)));
    }
    assert_eq!(statuses(&world, job), [JobStatus::Succeeded, JobStatus::Failed, JobStatus::Succeeded]);
    assert_eq!(world.status(job), JobStatus::Failed);
}

#[test]
fn mnp_4_node_that_waits_for_the_main_node_is_told_to_nobody_by_a_reconnection_or_restart() {
    let mut world = World::new(3);
    let job = world.submit(nodes);
    let start = world.running[&node(job, MAIN)].clone();
    world.running.clear();
    world.restart();
    assert_eq!(world.running.values().collect::<Vec<_>>(), [&start]);
    world.start(node(job, MAIN));
    let all = world.running.clone();
    world.running.clear();
    world.hello();
    assert_eq!((told(&world), &world.running), (vec![0, 1, 2], &all));
}

#[test]
fn nodes_that_are_being_stopped_are_told_so_again() {
    let mut world = World::new(3);
    let job = running(&mut world, |_| {});
    world.exit(node(job, MAIN), 0);
    let before: BTreeSet<_> = std::mem::take(&mut world.stopped).into_iter().collect();
    world.restart();
    assert_eq!(world.stopped.iter().copied().collect::<BTreeSet<_>>(), before);
    OTHERS.into_iter().for_each(|index| world.end(node(job, index), stopped()));
    assert_eq!(world.status(job), JobStatus::Succeeded);
}

#[test]
fn ter_1_terminated_job_stops_every_node_and_is_not_tried_again() {
    let mut world = World::new(3);
    let job = running(&mut world, |job| job.retry = attempts(3));
    world.terminate(job);
    assert_eq!((world.stopped.len(), world.run(job).status_reason), (3, None));
    for index in [0, 1, 2] {
        world.end(node(job, index), stopped());
    }
    let run = world.run(job);
    assert_eq!((run.status, run.status_reason.as_deref(), run.terminated), (JobStatus::Failed, Some("because"), true));
    assert_eq!(statuses(&world, job), [JobStatus::Failed; 3]);
    assert_eq!(world.reason(node(job, 2)), "because");
    check_gone(&world);
}

#[test]
fn ter_3_job_terminated_between_two_attempts_is_not_tried_again() {
    let mut world = World::new(3);
    let job = running(&mut world, |job| job.retry = attempts(3));
    world.exit(node(job, MAIN), 1);
    world.terminate(job);
    OTHERS.into_iter().for_each(|index| world.end(node(job, index), stopped()));
    assert_eq!((world.status(job), world.reason(job)), (JobStatus::Failed, "because".into()));
    check_gone(&world);
}

#[test]
fn ter_1_end_that_is_decided_is_not_changed_by_a_request() {
    let mut world = World::new(3);
    let job = running(&mut world, |_| {});
    world.exit(node(job, MAIN), 0);
    let before = world.rows.clone();
    world.terminate(job);
    assert_eq!(world.rows, before);
    OTHERS.into_iter().for_each(|index| world.end(node(job, index), stopped()));
    assert_eq!((world.status(job), world.run(job).terminated), (JobStatus::Succeeded, false));
}

#[test]
fn ter_1_terminated_node_ends_alone_unless_it_is_the_main_node() {
    let mut world = World::new(3);
    let job = running(&mut world, |_| {});
    world.terminate(node(job, 2));
    assert_eq!(world.stopped, [world.running[&node(job, 2)].attempt]);
    world.end(node(job, 2), end(EndCause::Stopped, Some(0)));
    assert_eq!((world.status(node(job, 2)), world.reason(node(job, 2))), (JobStatus::Failed, "because".into()));
    assert_eq!(world.status(job), JobStatus::Running);
    world.terminate(node(job, MAIN));
    for index in [0, MAIN] {
        world.end(node(job, index), stopped());
    }
    assert_eq!((world.status(job), world.reason(job), world.run(job).terminated), {
        (JobStatus::Failed, "because".into(), true)
    });
    check_gone(&world);
}

#[test]
fn ter_1_node_that_nobody_was_told_of_ends_at_once() {
    let mut world = World::new(3);
    let job = world.submit(nodes);
    world.terminate(node(job, 0));
    assert_eq!((world.status(node(job, 0)), world.stopped.len()), (JobStatus::Failed, 0));
    world.start(node(job, MAIN));
    assert_eq!(told(&world), [1, 2]);
    world.run_all();
    check_gone(&world);
}

#[test]
fn can_1_waiting_job_ends_with_its_nodes_and_nodes_alone_cannot() {
    let mut world = World::new(3);
    let blocker = world.submit(|_| {});
    let job = world.submit(nodes);
    let before = world.rows.clone();
    for index in [0, MAIN] {
        world.cancel(node(job, index));
        world.terminate(node(job, index));
    }
    assert_eq!(world.rows, before);
    world.cancel(job);
    assert_eq!((world.status(job), statuses(&world, job)), (JobStatus::Failed, [JobStatus::Failed; 3]));
    assert_eq!((world.reason(node(job, 0)), world.run(node(job, 0)).cancelled), ("because".into(), true));
    world.exit(blocker, 0);
    check_gone(&world);
}

#[test]
fn can_1_job_that_waits_to_be_tried_again_ends_with_its_nodes() {
    let mut world = World::new(3);
    let job = running(&mut world, |job| job.retry = attempts(2));
    world.engine.host_disconnected(world.now, HOST);
    for index in [0, 1, 2] {
        world.exit(node(job, index), 1);
    }
    assert_eq!((world.status(job), statuses(&world, job)), (JobStatus::Runnable, [JobStatus::Runnable; 3]));
    world.cancel(job);
    assert_eq!((world.status(job), statuses(&world, job)), (JobStatus::Failed, [JobStatus::Failed; 3]));
    check_gone(&world);
}

#[test]
fn dep_5_job_and_its_nodes_can_be_waited_for_and_count_when_the_job_has_ended() {
    let mut world = World::new(4);
    let job = running(&mut world, |job| job.retry = attempts(2));
    let on_job = world.submit(|new| new.depends_on = vec![after(job)]);
    let on_failed = world.submit(|new| new.depends_on = vec![after(node(job, 0))]);
    let on_good = world.submit(|new| new.depends_on = vec![after(node(job, 2))]);
    world.exit(node(job, 0), 1);
    world.exit(node(job, 2), 0);
    assert_eq!((world.status(on_failed), world.status(on_good)), (JobStatus::Pending, JobStatus::Pending));
    world.exit(node(job, MAIN), 0);
    assert_eq!([on_job, on_failed, on_good].map(|job| world.status(job)), {
        [JobStatus::Starting, JobStatus::Failed, JobStatus::Starting]
    });
    assert!(world.engine.job(job).is_none(), "ended jobs leave memory");
    let [late_failed, late_good] =
        [0, 2].map(|index| world.submit(|new| new.depends_on = vec![after(node(job, index))]));
    assert_eq!([late_failed, late_good].map(|job| world.status(job)), [JobStatus::Failed, JobStatus::Starting]);
    let refused = world.try_submit(|new| new.depends_on = vec![after(node(job, 3))]).unwrap_err().to_string();
    assert_eq!(refused, format!("Job {job}#3 that this job depends on was not found."));
}

#[test]
fn dep_2_job_whose_dependency_failed_fails_with_its_nodes_and_those_who_wait_for_them() {
    let mut world = World::new(4);
    let first = world.submit(|_| {});
    let job = world.submit(|job| {
        nodes(job);
        job.depends_on = vec![after(first)];
    });
    let last = world.submit(|new| new.depends_on = vec![after(node(job, 2))]);
    assert_eq!(statuses(&world, job), [JobStatus::Pending; 3]);
    world.exit(first, 1);
    assert_eq!((world.status(job), statuses(&world, job)), (JobStatus::Failed, [JobStatus::Failed; 3]));
    assert_eq!((world.status(last), world.reason(last)), (JobStatus::Failed, "Dependent Job failed".into()));
    check_gone(&world);
}

#[test]
fn jq_10_job_ends_with_its_queue_when_its_last_node_has() {
    let mut world = World::new(3);
    let job = running(&mut world, |job| job.retry = attempts(2));
    super::super::end_jobs_of_queue(&mut world.engine, world.now, &"q".parse().unwrap());
    super::super::settle(&mut world.engine, world.now);
    world.step();
    for index in [0, 1, 2] {
        world.end(node(job, index), stopped());
    }
    assert_eq!((world.status(job), world.reason(job)), (JobStatus::Failed, "JobQueue deleted".into()));
    check_gone(&world);
}

#[test]
fn mnp_8_nodes_know_the_job_themselves_and_the_main_nodes_address() {
    let mut world = World::new(3);
    let job = running(&mut world, |_| {});
    let all = [0, 1, 2].map(|index| variables(&world.running[&node(job, index)]));
    let addresses = [0, 1, 2].map(|index| {
        let address = world.run(node(job, index)).current.unwrap().address.unwrap();
        assert!(address.is_loopback());
        address.to_string()
    });
    assert_eq!(addresses.iter().collect::<BTreeSet<_>>().len(), 3);
    for (index, variables) in all.iter().enumerate() {
        let main = (index != MAIN as usize).then(|| addresses[MAIN as usize].clone());
        assert_eq!(variables.get("AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS").cloned(), main);
        for (name, value) in [
            ("AWS_BATCH_JOB_ID", format!("{job}#{index}")),
            ("AWS_BATCH_JOB_NODE_INDEX", index.to_string()),
            ("AWS_BATCH_JOB_MAIN_NODE_INDEX", MAIN.to_string()),
            ("AWS_BATCH_JOB_NUM_NODES", "3".to_owned()),
            ("AWS_BATCH_JOB_ATTEMPT", "1".to_owned()),
            ("LONGSHORE_NODE_ADDRESS", addresses[index].clone()),
        ] {
            assert_eq!(variables[name], value, "{name}");
        }
    }
}

#[test]
fn mnp_8_no_two_nodes_of_a_host_have_the_same_address_whatever_they_belong_to() {
    let mut world = World::new(6);
    let jobs = [running(&mut world, |_| {}), running(&mut world, |_| {})];
    let address = |job: JobRef| world.run(job).current.unwrap().address.unwrap();
    let all: BTreeSet<_> = jobs.iter().flat_map(|job| [0, 1, 2].map(|index| address(node(*job, index)))).collect();
    assert_eq!(all.len(), 6);
    world.restart();
    assert_eq!(world.engine.fleet().hosts()[&HOST].addresses.used(), 6);
}

#[test]
fn log_2_every_node_has_a_log_stream_of_its_own() {
    let mut world = World::new(3);
    let job = running(&mut world, |_| {});
    let streams: BTreeMap<_, _> = world.rows.log_streams.values().map(|row| (row.job, row.name.clone())).collect();
    let expected = [0, 1, 2].map(|index| {
        let attempt = world.running[&node(job, index)].attempt;
        (node(job, index), format!("m/default/{attempt}"))
    });
    assert_eq!(streams, BTreeMap::from(expected));
}

#[test]
fn nodes_that_an_older_database_takes_for_untold_are_stopped_with_the_main_node() {
    let mut world = World::new(3);
    let job = world.submit(nodes);
    let backup = world.rows.clone();
    world.start(node(job, MAIN));
    assert_eq!(told(&world), [0, 1, 2]);
    world.rows = backup;
    world.restart();
    world.exit(node(job, MAIN), 0);
    assert_eq!(world.stopped.len(), OTHERS.len(), "they run, and keep their places until they are over");
    OTHERS.into_iter().for_each(|index| world.end(node(job, index), stopped()));
    assert_eq!(world.status(job), JobStatus::Succeeded);
}
