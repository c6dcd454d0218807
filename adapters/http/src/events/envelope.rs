//! An event as EventBridge delivers it (`EV-1` to `EV-4`): the envelope, and in it the job as DescribeJobs shows it, but for
//! what is particular to events (`EV-2`).

use crate::arn;
use crate::auth::date;
use crate::context::Context;
use crate::failure::Failure;
use crate::jobs::{Environments, detail, environments_of};
use longshore_engine::entity::EventKind;
use longshore_store::{EventQuery, EventView, JobView, Reader};
use longshore_types::{JobRef, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Reads events and makes their envelopes. Its calls block.
#[derive(Clone, Debug)]
pub struct Envelopes {
    reader: Reader,
    context: Context,
}

/// Events with their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvelopePage {
    /// Number and envelope of each.
    pub events: Vec<(u64, Value)>,
    /// The number to read on from.
    pub next: u64,
    /// The number of the newest event there is.
    pub last: u64,
}

/// Why events cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read events: {0}")]
pub struct EnvelopeError(Failure);

impl Envelopes {
    pub(crate) const fn new(reader: Reader, context: Context) -> Self {
        Self { reader, context }
    }

    /// For a reader of this process: the server's own region and account.
    pub fn of(reader: Reader, region: &str, account: &Arc<str>) -> Self {
        Self { reader, context: Context::new(region, account) }
    }

    /// The events that `query` selects.
    ///
    /// # Errors
    /// [`EnvelopeError`] when the database cannot be read.
    pub fn page(&self, query: &EventQuery) -> Result<EnvelopePage, EnvelopeError> {
        self.read(query).map_err(EnvelopeError)
    }

    /// The number of the newest event.
    ///
    /// # Errors
    /// [`EnvelopeError`] when the database cannot be read.
    pub fn last(&self) -> Result<u64, EnvelopeError> {
        let bounds = self.reader.event_bounds();
        bounds.map(|(_, last)| last).map_err(|error| EnvelopeError(Failure::internal("read the database", error)))
    }

    pub(crate) fn read(&self, query: &EventQuery) -> Result<EnvelopePage, Failure> {
        let failed = |error| Failure::internal("read the database", error);
        let page = self.reader.events(query).map_err(failed)?;
        let (_, last) = self.reader.event_bounds().map_err(failed)?;
        let views: Vec<JobView> = page.events.iter().map(|event| event.view.clone()).collect();
        let environments = environments_of(&self.reader, &views).map_err(failed)?;
        let envelope = |event: &EventView| Ok((event.seq, envelope(&self.context, &environments, event)?));
        Ok(EnvelopePage {
            events: page.events.iter().map(envelope).collect::<Result<_, Failure>>()?,
            next: page.next,
            last,
        })
    }
}

fn envelope(context: &Context, environments: &Environments, event: &EventView) -> Result<Value, Failure> {
    let reference = event.view.reference();
    let job_arn = arn::job(context, reference);
    let (kind, resources) = match event.kind {
        EventKind::StateChange => ("Batch Job State Change", vec![job_arn]),
        EventKind::QueueBlocked => {
            ("Batch Job Queue Blocked", vec![job_arn, arn::queue(context, event.view.job.queue.as_str())])
        }
    };
    Ok(json!({
        "version": "0",
        "id": id(reference, event.seq),
        "detail-type": kind,
        "source": "aws.batch",
        "account": &*context.account,
        "time": instant(event.at),
        "region": context.region,
        "resources": resources,
        "detail": job_detail(context, environments, &event.view)?,
    }))
}

/// The job as DescribeJobs shows it, with what only events have: the tag `resourceArn`, which of a child names its array,
/// and `propagateTags` also where nobody gave it (`EV-2`).
fn job_detail(context: &Context, environments: &Environments, view: &JobView) -> Result<Value, Failure> {
    let mut job = detail(context, environments, view)?;
    job.propagate_tags.get_or_insert(false);
    let named = match view.reference() {
        JobRef::Child(array, _) => JobRef::Job(array),
        own => own,
    };
    job.tags.get_or_insert_default().insert("resourceArn".to_owned(), arn::job(context, named));
    serde_json::to_value(job).map_err(|error| Failure::internal("write an event", error))
}

/// The same for the same event whenever it is read: who gets it twice can tell.
fn id(reference: JobRef, seq: u64) -> String {
    let hash = Sha256::digest(format!("{seq}/{reference}"));
    let part = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let (version, variant) = (part(&hash[6..8]) & 0x0fff | 0x4000, part(&hash[8..10]) & 0x3fff | 0x8000);
    format!(
        "{:08x}-{:04x}-{version:04x}-{variant:04x}-{:012x}",
        part(&hash[..4]),
        part(&hash[4..6]),
        part(&hash[10..16])
    )
}

/// `2022-06-15T14:01:43Z`, whole seconds as EventBridge has them (`EV-4`).
fn instant(at: Timestamp) -> String {
    let basic = date::format(at.as_millis().div_euclid(1_000));
    let (date, time) = basic.split_at(6);
    format!("{}-{}-{}:{}:{}", &date[..4], &date[4..], &time[..5], &time[5..7], &time[7..])
}

#[cfg(test)]
mod tests;
