//! Fills a server's database, while the server is down, with many copies of jobs that it has run: what a long life leaves
//! there, written by the server's own store. The copies differ in what names them: ids, attempts, log streams, times.

use crate::output;
use crate::writing::Writing;
use anyhow::{Context, Result, bail};
use longshore_engine::entity::{ChildRow, Event, EventKind, EventSubject, Job, LogStream, Run};
use longshore_engine::{Change, Snapshot};
use longshore_store::Store;
use longshore_types::{AttemptId, JobId, JobRef, JobStatus, Timestamp};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

/// Copies in one commit.
const PER_COMMIT: u32 = 5_000;
/// Milliseconds; more than there are copies.
const OLDER_MS: i64 = 10_000_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The database.
    database: PathBuf,
    /// A single job that has ended.
    single: JobId,
    /// An array job that has ended.
    array: JobId,
    /// How many single jobs that have ended and that wait, and how many children of one array that have and that do.
    each: u32,
}

/// What is copied, and the numbers that the next copies get.
struct Copies {
    single: Job,
    array: Job,
    child: Run,
    group: String,
    seq: u64,
    event: u64,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let store = Store::open(&args.database)?;
    let Snapshot { last_seq, last_event, .. } = store.load()?;
    let views =
        store.reader().jobs(&[JobRef::Job(args.single), JobRef::Job(args.array), JobRef::Child(args.array, 0)])?;
    let [Some(single), Some(array), Some(child)] = views.as_slice() else { bail!("the jobs to copy are not there") };
    let groups = store.reader().log_groups("")?;
    let mut copies = Copies {
        single: Job::clone(&single.job),
        array: Job::clone(&array.job),
        child: child.run().clone(),
        group: groups.into_iter().next().context("there is no log group")?,
        seq: last_seq,
        event: last_event,
    };
    let mut writing = Writing::start(store)?;
    let parent = copies.parent(args.each)?;
    let id = parent.id;
    writing.commit(vec![Change::PutJob(Arc::new(parent))])?;
    for from in (0..args.each).step_by(PER_COMMIT as usize) {
        let numbers = from..args.each.min(from + PER_COMMIT);
        let mut changes = Vec::new();
        for number in numbers {
            copies.child_of(id, number, &mut changes);
            copies.ended(number, &mut changes);
            copies.waiting(number, &mut changes);
        }
        writing.commit(changes)?;
    }
    writing.finish()?;
    let last = copies.single.created_at.as_millis() - OLDER_MS + i64::from(args.each);
    let said = json!({ "array": id, "first_created_at": last - i64::from(args.each), "last_created_at": last });
    output::data(&said.to_string());
    Ok(())
}

/// Ids that are spread as random ones are, and differ by kind.
const fn spread(kind: u128, number: u64) -> u128 {
    (((number as u128) << 4) + kind + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}

impl Copies {
    /// The array, half of whose children have ended.
    fn parent(&mut self, each: u32) -> Result<Job> {
        let mut parent = self.copy(self.array.clone(), 0);
        let array = parent.array.as_mut().context("the array to copy is none")?;
        (array.size, array.rows_before) = (2 * each, each);
        array.counts = [0; 7];
        array.counts[JobStatus::Succeeded as usize] = each;
        array.counts[JobStatus::Runnable as usize] = each;
        parent.run = Run::new(JobStatus::Pending);
        Ok(parent)
    }

    fn child_of(&mut self, array: JobId, index: u32, changes: &mut Vec<Change>) {
        let mut run = self.child.clone();
        self.told(JobRef::Child(array, index), &mut run, changes);
        changes.push(Change::PutChild(Box::new(ChildRow { job: array, index, run })));
    }

    fn ended(&mut self, number: u32, changes: &mut Vec<Change>) {
        let mut job = self.copy(self.single.clone(), number);
        self.told(JobRef::Job(job.id), &mut job.run, changes);
        changes.push(Change::PutJob(Arc::new(job)));
    }

    fn waiting(&mut self, number: u32, changes: &mut Vec<Change>) {
        let job = self.copy(self.single.clone(), number);
        changes.push(Change::PutJob(Arc::new(Job { run: Run::new(JobStatus::Runnable), ..job })));
    }

    /// The next copy, older than the original, in the order of their numbers.
    fn copy(&mut self, original: Job, number: u32) -> Job {
        self.seq += 1;
        let created_at = Timestamp::from_millis(original.created_at.as_millis() - OLDER_MS + i64::from(number));
        Job { id: JobId::from_random(spread(0, self.seq)), seq: self.seq, created_at, ..original }
    }

    /// A life that has ended: its own attempts, their log streams, and an event.
    fn told(&mut self, reference: JobRef, run: &mut Run, changes: &mut Vec<Change>) {
        self.event += 1;
        for attempt in &mut run.attempts {
            attempt.id = AttemptId::from_random(spread(1, self.event));
            let name = format!("host/default/{}", attempt.id);
            changes.push(Change::PutLogStream(Box::new(LogStream {
                group: self.group.clone(),
                name: name.clone(),
                attempt: attempt.id,
                job: reference,
                created_at: attempt.stopped_at,
                ended_at: Some(attempt.stopped_at),
            })));
            attempt.log_stream = Some(name);
        }
        changes.push(Change::AppendEvent(Box::new(Event {
            seq: self.event,
            at: self.array.created_at,
            kind: EventKind::StateChange,
            subject: EventSubject::One(reference),
            run: run.clone(),
            counts: None,
        })));
    }
}
