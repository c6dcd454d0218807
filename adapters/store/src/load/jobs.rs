//! Jobs out of their rows, by as many threads as there are processors: at start-up nothing else is to be done, and with
//! many jobs making them out of their text takes longer than all the rest.
//!
//! One thread reads the rows, and hands their text in batches to whoever is free; if nobody is, it does the next batch
//! itself. The jobs come in no order.

use crate::error::Error;
use longshore_engine::entity::{Job, JobSpec};
use rusqlite::{Connection, Params};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Rows in a batch.
const BATCH: usize = 512;
/// The most threads that are started for it: one that reads cannot feed more.
const HELPERS: usize = 3;

/// The jobs that `query` finds; its columns are the document and the id.
pub(super) fn read(db: &Connection, query: &str, values: impl Params) -> Result<Vec<Job>, Error> {
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    read_with(db, (query, values), (processors - 1).min(HELPERS))
}

fn read_with(db: &Connection, (query, values): (&str, impl Params), helpers: usize) -> Result<Vec<Job>, Error> {
    let (sender, batches) = sync_channel::<Batch>(helpers);
    let batches = Mutex::new(batches);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..helpers {
            let name = thread::Builder::new().name("store-load".into());
            threads.push(name.spawn_scoped(scope, || help(&batches)).map_err(Error::Thread)?);
        }
        let mut own = Decoder::default();
        let read = each_batch(db, (query, values), |batch| match sender.try_send(batch) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) => own.decode(&batch),
        });
        // The helpers end with what is left.
        drop(sender);
        let mut jobs = own.jobs;
        for thread in threads {
            jobs.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        read.map(|()| jobs)
    })
}

/// Decodes what comes until nothing more does.
fn help(batches: &Mutex<Receiver<Batch>>) -> Result<Vec<Job>, Error> {
    let mut decoder = Decoder::default();
    // Whoever waits for the next batch holds the lock: the others wait for it to get one.
    let next = || batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(batch) = next() {
        decoder.decode(&batch)?;
    }
    Ok(decoder.jobs)
}

fn each_batch(
    db: &Connection,
    (query, values): (&str, impl Params),
    mut take: impl FnMut(Batch) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = db.prepare_cached(query)?;
    let mut rows = statement.query(values)?;
    let mut batch = Batch::default();
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        batch.push(text(0)?, text(1)?);
        if batch.ends.len() == BATCH {
            take(std::mem::take(&mut batch))?;
        }
    }
    take(batch)
}

/// The text of some rows.
#[derive(Debug, Default)]
struct Batch {
    /// The document and the id of each, one behind the other.
    text: String,
    /// Where each document ends, and each id.
    ends: Vec<(usize, usize)>,
}

impl Batch {
    fn push(&mut self, doc: &str, id: &str) {
        self.text.push_str(doc);
        let end = self.text.len();
        self.text.push_str(id);
        self.ends.push((end, self.text.len()));
    }

    /// Documents with their ids.
    fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut from = 0;
        self.ends.iter().map(move |&(doc, id)| {
            let row = (&self.text[from..doc], &self.text[doc..id]);
            from = id;
            row
        })
    }
}

/// What one thread has made of its batches.
#[derive(Default)]
struct Decoder {
    specs: Specs,
    jobs: Vec<Job>,
}

impl Decoder {
    fn decode(&mut self, batch: &Batch) -> Result<(), Error> {
        self.jobs.reserve(batch.ends.len());
        for (doc, id) in batch.rows() {
            let decode = |source| Error::Decode { table: "jobs", key: id.to_owned(), source };
            let job: Job<&RawValue> = serde_json::from_str(doc).map_err(decode)?;
            let spec = self.specs.get(job.spec.get()).map_err(decode)?;
            self.jobs.push(job.with_spec(spec));
        }
        Ok(())
    }
}

/// Specs by the text that they were decoded from: most jobs of a queue run what many others do, and a spec is most of a
/// row. The jobs share it in memory too.
#[derive(Default)]
struct Specs {
    known: BTreeMap<Box<str>, Arc<JobSpec>>,
}

impl Specs {
    /// How many are kept: where every job runs something else, keeping them is in vain.
    const MOST: usize = 4_096;

    fn get(&mut self, text: &str) -> Result<Arc<JobSpec>, serde_json::Error> {
        if let Some(spec) = self.known.get(text) {
            return Ok(Arc::clone(spec));
        }
        let spec: Arc<JobSpec> = Arc::new(serde_json::from_str(text)?);
        if self.known.len() == Self::MOST {
            self.known.clear();
        }
        self.known.insert(text.into(), Arc::clone(&spec));
        Ok(spec)
    }
}

#[cfg(test)]
mod tests;
