//! Sentences as users read them.

use crate::wait::{Ahead, Blockage, ClosedEnvironment, HeldUp, Obstacle, Queued, Short, ShortOnHost, Wait};
use longshore_types::{HostId, JobId, JobRef, Resources};

fn place(obstacle: Obstacle, jobs: u32, more: bool) -> String {
    let queue = "q".parse().unwrap();
    let ahead = Ahead { jobs, more };
    Wait::Place(Box::new(Queued { queue, obstacle, ahead, queues_ahead: vec![], attempt: (1, 3), blocked: None }))
        .to_string()
}

fn short(vcpu_milli: u64, memory_mib: u64, cap_missing: u64) -> Short {
    let missing = Resources { vcpu_milli, memory_mib, gpus: 0 };
    let host = ShortOnHost { host: HostId::from_random(1), name: "h".into(), missing };
    let hosts = if missing == Resources::default() { vec![] } else { vec![host] };
    Short { environment: "ce".parse().unwrap(), cap_missing, hosts, consumables: vec![] }
}

#[test]
fn shortage_names_amount_host_environment_and_position() {
    assert_eq!(
        place(Obstacle::Short(short(1_500, 512, 0)), 3, false),
        "Lacks 1.5 vCPU, 512 MiB of memory on host h of compute environment ce; 3 jobs are ahead in job queue q"
    );
    assert_eq!(
        place(Obstacle::Short(short(0, 0, 2_000)), 1_000, true),
        "Lacks 2 vCPU of the maxvCpus of compute environment ce; more than 1000 jobs are ahead in job queue q"
    );
    assert_eq!(
        place(Obstacle::Oversized(short(1_000, 0, 0)), 0, false),
        "Too large even for idle hosts: lacks 1 vCPU on host h of compute environment ce"
    );
}

#[test]
fn whoever_holds_a_job_up_is_named() {
    let by = JobRef::Job(JobId::from_random(0));
    let held = |reserved| place(Obstacle::HeldUp(HeldUp { by, reserved }), 1, false);
    assert_eq!(
        held(vec!["h".into()]),
        format!("Fits, but the room is reserved for job {by} on host h; 1 job is ahead in job queue q")
    );
    assert_eq!(
        held(vec![]),
        format!("Fits, but job {by} at the head of the queue has to start first; 1 job is ahead in job queue q")
    );
}

#[test]
fn dependencies_and_children_are_named() {
    let on = vec![JobRef::Child(JobId::from_random(0), 3)];
    let text = Wait::Dependencies { on: on.clone(), more: true }.to_string();
    assert_eq!(text, format!("Waiting for {} and others to succeed", on[0]));
    let children = Wait::Children { counts: [0, 0, 2, 0, 1, 0, 0] }.to_string();
    assert_eq!(children, "Waiting for its children: 2 RUNNABLE, 1 RUNNING");
}

#[test]
fn blocked_queue_and_retry_are_told() {
    let capacity = Blockage::Capacity { instance_types: vec!["m5.large".into(), "c5".into()] };
    let queued = Queued {
        queue: "q".parse().unwrap(),
        obstacle: Obstacle::NoHost,
        ahead: Ahead::default(),
        queues_ahead: vec![],
        attempt: (2, 3),
        blocked: Some(capacity),
    };
    assert_eq!(
        queued.to_string(),
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type \
         [m5.large, c5]. No host is connected; first in job queue q, for attempt 2 of 3"
    );
}

#[test]
fn closed_environments_are_named() {
    let closed = |name: &str, because| ClosedEnvironment { name: name.parse().unwrap(), because };
    let closed = vec![closed("a", "DISABLED"), closed("b", "INVALID")];
    assert_eq!(
        place(Obstacle::NoEnvironment { closed }, 0, false),
        "No compute environment of job queue q takes jobs: a is DISABLED, b is INVALID"
    );
}
