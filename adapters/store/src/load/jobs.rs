//! Jobs out of their rows, by as many threads as there are processors: at start-up nothing else is to be done, and with
//! many jobs making them out of their text takes longer than all the rest.
//!
//! One thread reads the rows, and hands their text in batches to whoever is free; if nobody is, it does the next batch
//! itself. The jobs come in no order.

use crate::error::Error;
use crate::specs::Specs;
use longshore_engine::entity::Job;
use rusqlite::{Connection, Params};
use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Rows in a batch: few enough that their text is still in the caches of whoever decodes it.
const BATCH: usize = 64;
/// Batches that wait for each thread, so that it need not wait for the one that reads.
const AHEAD: usize = 16;
/// The most threads that are started for it: one that reads cannot feed more.
const HELPERS: usize = 3;

/// The jobs that `query` finds; its columns are the document and the id.
pub(super) fn read(db: &Connection, query: &str, values: impl Params) -> Result<Vec<Arc<Job>>, Error> {
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    read_with(db, (query, values), (processors - 1).min(HELPERS))
}

fn read_with(db: &Connection, (query, values): (&str, impl Params), helpers: usize) -> Result<Vec<Arc<Job>>, Error> {
    let (sender, batches) = sync_channel::<Batch>(helpers * AHEAD);
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
fn help(batches: &Mutex<Receiver<Batch>>) -> Result<Vec<Arc<Job>>, Error> {
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
            let next = Batch::like(&batch);
            take(std::mem::replace(&mut batch, next))?;
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
    /// An empty one, with room for as much.
    fn like(other: &Self) -> Self {
        Self { text: String::with_capacity(other.text.len()), ends: Vec::with_capacity(other.ends.len()) }
    }

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
    /// Each apart, so that nothing large is copied when they become many.
    jobs: Vec<Arc<Job>>,
}

impl Decoder {
    fn decode(&mut self, batch: &Batch) -> Result<(), Error> {
        self.jobs.reserve(batch.ends.len());
        for (doc, id) in batch.rows() {
            let decode = |source| Error::Decode { table: "jobs", key: id.to_owned(), source };
            self.jobs.push(Arc::new(self.specs.job(doc).map_err(decode)?));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
