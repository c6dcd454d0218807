//! Commits, one after another, as the server writes them.

use anyhow::{Context, Result};
use longshore_engine::Change;
use longshore_store::{Error, Store, Writer};
use std::sync::mpsc::{Receiver, channel};

#[derive(Debug)]
pub(crate) struct Writing {
    writer: Writer,
    outcomes: Receiver<Result<u64, Error>>,
    /// Commits asked for, and those of them whose outcome is not known yet.
    asked: u64,
    open: u64,
}

impl Writing {
    pub(crate) fn start(store: Store) -> Result<Self> {
        let (done, outcomes) = channel();
        let writer = store.writer(move |outcome| drop(done.send(outcome)))?;
        Ok(Self { writer, outcomes, asked: 0, open: 0 })
    }

    /// Asks for a commit while the one before it is written.
    pub(crate) fn commit(&mut self, changes: Vec<Change>) -> Result<()> {
        if self.open > 1 {
            self.wait()?;
        }
        self.asked += 1;
        self.open += 1;
        Ok(self.writer.commit(self.asked, changes)?)
    }

    /// Waits until all of it is on disk.
    pub(crate) fn finish(mut self) -> Result<()> {
        while self.open > 0 {
            self.wait()?;
        }
        Ok(())
    }

    fn wait(&mut self) -> Result<()> {
        self.outcomes.recv().context("failed to hear of a commit")??;
        self.open -= 1;
        Ok(())
    }
}
