//! How much is taken in at once (`ERR-6`). What is beyond is refused at the door, before memory or patience runs out: clients
//! wait and try again. Liveness checks do not pass here; requests of S3 count apart, and their bytes, which stream, do not count.

use crate::failure::Failure;
use longshore_types::Limits;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bounds, and what is under way.
#[derive(Debug)]
pub(crate) struct Admission {
    requests: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    event_readers: Arc<Semaphore>,
    objects: Arc<Semaphore>,
}

/// Who counts against which bound while being answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A request that is answered as soon as possible.
    Request,
    /// A reader of events, who may wait for long.
    EventReader,
    /// A request for the embedded S3, until its answer has been sent.
    Object,
}

/// A place that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    _place: OwnedSemaphorePermit,
}

/// The bytes of a body in memory, counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Admission {
    pub(crate) fn new(limits: &Limits) -> Self {
        let places = |limit: usize| Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        Self {
            requests: places(limits.open_requests),
            bytes: places(limits.open_bytes),
            event_readers: places(limits.event_readers),
            objects: places(limits.object_requests),
        }
    }

    /// A place for a request that has been read.
    pub(crate) fn admit(&self, kind: Kind) -> Result<Admitted, Failure> {
        let places = match kind {
            Kind::Request => &self.requests,
            Kind::EventReader => &self.event_readers,
            Kind::Object => &self.objects,
        };
        let place = Arc::clone(places).try_acquire_owned();
        place.map(|place| Admitted { _place: place }).map_err(|_| Failure::TooManyRequests)
    }

    /// For a body that is about to be read.
    pub(crate) fn hold(&self) -> Held {
        Held { bytes: Arc::clone(&self.bytes), held: None }
    }
}

impl Held {
    /// So many more bytes.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), Failure> {
        let bytes = u32::try_from(bytes).map_err(|_| Failure::TooManyRequests)?;
        let more = Arc::clone(&self.bytes).try_acquire_many_owned(bytes).map_err(|_| Failure::TooManyRequests)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }

    /// None of them any more.
    pub(crate) fn free(&mut self) {
        self.held = None;
    }
}

#[cfg(test)]
mod tests;
