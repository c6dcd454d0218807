//! A request body on its way in: hashed and written in large steps on the blocking pool, small ones kept in memory.

use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use rusqlite::Connection;
use s3s::{S3Error, S3ErrorCode, StdError};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::checksum::{Algorithm, Digests, Running};
use crate::content::{Content, Staged};
use crate::failure::{Error, Result};
use crate::object::{self, Piece};
use crate::usage::Charge;

/// Bodies up to this size live in the database row: one sync instead of three.
pub(crate) const INLINE_MAX_BYTES: usize = 16 << 10;

/// Enough to amortise a hop to the blocking pool.
const STEP_BYTES: usize = 512 << 10;

/// Where a received body is. A file is already durable.
#[derive(Debug)]
pub(crate) enum Place {
    Memory(Vec<u8>, Charge),
    File(Staged),
}

#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) place: Place,
    pub(crate) size: u64,
    pub(crate) digests: Digests,
}

impl Place {
    /// Splits off what the writer must keep or remove, leaving what a change needs to name the content.
    pub(crate) fn split(self) -> (Held, Unplaced) {
        match self {
            Self::Memory(bytes, charge) => (Held::Memory(charge), Unplaced::Memory(bytes)),
            Self::File(staged) => {
                let piece = Piece::File { id: staged.id, length: staged.length };
                (Held::File(staged), Unplaced::File(piece))
            }
        }
    }
}

/// Content that goes away again unless a row comes to name it.
#[derive(Debug)]
pub(crate) enum Held {
    Memory(Charge),
    File(Staged),
}

impl Held {
    pub(crate) fn keep(self) {
        match self {
            Self::Memory(mut charge) => charge.keep(),
            Self::File(staged) => staged.keep(),
        }
    }
}

/// Content that the transaction has yet to name.
pub(crate) enum Unplaced {
    Memory(Vec<u8>),
    File(Piece),
}

impl Unplaced {
    /// Names it; no piece for no bytes.
    pub(crate) fn place(&self, db: &Connection) -> Result<Vec<Piece>> {
        match self {
            Self::Memory(bytes) if bytes.is_empty() => Ok(Vec::new()),
            Self::Memory(bytes) => Ok(vec![object::insert_inline(db, bytes)?]),
            Self::File(piece) => Ok(vec![*piece]),
        }
    }
}

/// Receives all of `body`. Bodies over `inline_max` go to a file as they arrive.
pub(crate) async fn receive(
    content: &Arc<Content>,
    mut body: impl Stream<Item = std::result::Result<Bytes, StdError>> + Unpin,
    compute: &[Algorithm],
    inline_max: usize,
) -> Result<Received> {
    let mut gathered = Gathered::default();
    let mut spool: Option<Spool> = None;
    while let Some(chunk) = body.next().await {
        match chunk {
            Ok(chunk) => gathered.push(chunk),
            Err(error) => return Err(abandon(spool, error).await),
        }
        let limit = if spool.is_some() { STEP_BYTES } else { inline_max };
        if gathered.length > limit {
            let spool = spool.get_or_insert_with(|| Spool::new(content, compute));
            spool.write(std::mem::take(&mut gathered.chunks)).await?;
            gathered.length = 0;
        }
    }
    if inline_max == 0 {
        spool.get_or_insert_with(|| Spool::new(content, compute));
    }
    match spool {
        Some(spool) => spool.finish(gathered.chunks).await,
        None => in_memory(gathered, compute, Charge::new(Arc::clone(content.usage()))),
    }
}

/// Removes what has been written before the client learns of the failure.
async fn abandon(spool: Option<Spool>, source: StdError) -> Error {
    if let Some(mut spool) = spool {
        drop(spool.sink().await);
    }
    let mut refusal = S3Error::with_message(
        S3ErrorCode::IncompleteBody,
        "The request body ended early or is not what its headers say.",
    );
    refusal.set_source(source);
    Error::Refused(refusal)
}

fn in_memory(gathered: Gathered, compute: &[Algorithm], mut charge: Charge) -> Result<Received> {
    let mut running = Running::new(compute);
    let bytes = gathered.chunks.concat();
    charge.grow(bytes.len() as u64)?;
    running.update(&bytes);
    Ok(Received { size: bytes.len() as u64, place: Place::Memory(bytes, charge), digests: running.finish() })
}

#[derive(Default)]
struct Gathered {
    chunks: Vec<Bytes>,
    length: usize,
}

impl Gathered {
    fn push(&mut self, chunk: Bytes) {
        self.length += chunk.len();
        self.chunks.push(chunk);
    }
}

/// A body that goes to a file, one step at a time: the next is gathered while one is hashed and written.
struct Spool {
    step: JoinHandle<Result<Sink>>,
}

struct Sink {
    staged: Staged,
    running: Running,
}

impl Spool {
    fn new(content: &Arc<Content>, compute: &[Algorithm]) -> Self {
        let (content, running) = (Arc::clone(content), Running::new(compute));
        Self { step: spawn_blocking(move || Ok(Sink { staged: content.stage()?, running })) }
    }

    async fn sink(&mut self) -> Result<Sink> {
        (&mut self.step).await.map_err(|_| Error::Stopped)?
    }

    async fn write(&mut self, chunks: Vec<Bytes>) -> Result<()> {
        let sink = self.sink().await?;
        self.step = spawn_blocking(move || sink.write(&chunks));
        Ok(())
    }

    async fn finish(mut self, chunks: Vec<Bytes>) -> Result<Received> {
        let sink = self.sink().await?;
        let last = spawn_blocking(move || {
            let sink = sink.write(&chunks)?;
            sink.staged.sync()?;
            let (size, digests) = (sink.staged.length, sink.running.finish());
            Ok(Received { place: Place::File(sink.staged), size, digests })
        });
        last.await.map_err(|_| Error::Stopped)?
    }
}

impl Sink {
    fn write(mut self, chunks: &[Bytes]) -> Result<Self> {
        for chunk in chunks {
            self.running.update(chunk);
            self.staged.write(chunk)?;
        }
        Ok(self)
    }
}
