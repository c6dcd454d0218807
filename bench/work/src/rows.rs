//! Rows as a server that runs short jobs has them. The same in every run.

use anyhow::{Context, Result};
use longshore_engine::Change;
use longshore_engine::entity::{Array, ChildDefault, ChildRow, Event, EventKind, EventSubject, Job, LogStream, Run};
use longshore_types::{AttemptId, HostId, JobId, JobRef, JobStatus, Timestamp};
use serde_json::json;

const PLACED_AT: i64 = 1_700_000_000_000;
const ENDED_AT: Timestamp = Timestamp::from_millis(PLACED_AT + 12);

/// What the rows are copies of, so that making them costs little beside what is done with them.
pub(crate) struct Rows {
    job: Job,
    ended: Run,
}

/// Ids that are spread as random ones are.
const fn spread(number: u32) -> u128 {
    (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}

/// The array of the children.
pub(crate) const ARRAY: u32 = 0;

pub(crate) fn job_id(number: u32) -> JobId {
    JobId::from_random(spread(number))
}

impl Rows {
    pub(crate) fn new() -> Result<Self> {
        let container = json!({ "image": "host", "command": ["/bin/true"] });
        let demand = json!({ "vcpu_milli": 1_000, "memory_mib": 128, "gpus": 0 });
        let job = json!({
            "id": job_id(0), "seq": 0, "name": "short", "queue": "default",
            "definition": { "name": "host", "revision": 1 },
            "spec": { "work": { "container": container }, "demand": demand },
            "created_at": PLACED_AT, "run": { "status": "RUNNABLE" },
        });
        let reason = "Essential container in task exited";
        let attempt = json!({
            "id": AttemptId::from_random(0), "host": HostId::from_random(1), "environment": "default",
            "started_at": PLACED_AT + 10, "stopped_at": ENDED_AT, "exit_code": 0, "status_reason": reason,
        });
        let ended = json!({
            "status": "SUCCEEDED", "status_reason": reason, "started_at": PLACED_AT + 10, "stopped_at": ENDED_AT,
            "attempts": [attempt],
        });
        Ok(Self {
            job: serde_json::from_value(job).context("failed to make a job")?,
            ended: serde_json::from_value(ended).context("failed to make a life")?,
        })
    }

    /// Job `number`, RUNNABLE.
    pub(crate) fn job(&self, number: u32) -> Job {
        let created_at = Timestamp::from_millis(PLACED_AT + i64::from(number));
        Job { id: job_id(number), seq: u64::from(number) + 1, created_at, ..self.job.clone() }
    }

    /// The array, all of whose children have ended.
    pub(crate) fn array(&self, size: u32) -> Job {
        let spawned_at = Some(Timestamp::from_millis(PLACED_AT));
        let mut array = Array { spawned_at, default: ChildDefault::Runnable, ..Array::new(size) };
        array.counts[JobStatus::Succeeded as usize] = size;
        Job { array: Some(Box::new(array)), run: Run::new(JobStatus::Pending), ..self.job(ARRAY) }
    }

    /// What one short child leaves in a commit: its row, its log stream, and the three events of its life.
    pub(crate) fn ended_child(&self, index: u32) -> Vec<Change> {
        let (array, attempt) = (job_id(ARRAY), AttemptId::from_random(spread(index)));
        let job = JobRef::Child(array, index);
        let name = format!("host/default/{attempt}");
        let mut run = self.ended.clone();
        for one in &mut run.attempts {
            (one.id, one.log_stream) = (attempt, Some(name.clone()));
        }
        let event = |place: u64| Event {
            seq: u64::from(index) * 3 + place,
            at: ENDED_AT,
            kind: EventKind::StateChange,
            subject: EventSubject::One(job),
            run: run.clone(),
            counts: None,
        };
        let mut changes: Vec<Change> = (1..=3).map(|place| Change::AppendEvent(Box::new(event(place)))).collect();
        let group = "/aws/batch/job".to_owned();
        let stream = LogStream { group, name, attempt, job, created_at: ENDED_AT, ended_at: Some(ENDED_AT) };
        changes.push(Change::PutLogStream(Box::new(stream)));
        changes.push(Change::PutChild(Box::new(ChildRow { job: array, index, run })));
        changes
    }
}
