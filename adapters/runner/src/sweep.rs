//! What is done every now and then for all attempts at once, on a thread of its own: the index of output, and burying
//! strays. No attempt waits for it.

use crate::children;
use crate::index::{Index, TICK};
use crate::process::now;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};

/// Sweeps until the other end of `stopped` is dropped.
pub(crate) fn run(index: &Arc<Index>, stopped: &Receiver<()>) {
    while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
        index.tick(now());
        children::bury_strays();
    }
}
