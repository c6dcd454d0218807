//! Reading what is committed, beside the writer and without holding it up. Every call blocks and sees one state.

mod active;
mod attempts;
mod audit;
mod children;
mod consumables;
mod events;
#[cfg(test)]
mod everything;
mod expiry;
mod jobs;
mod listing;
mod nodes;
mod outputs;
mod resources;
mod services;
mod streams;

pub use active::ActiveJobs;
pub use attempts::RowCounts;
pub use audit::DatabaseAudit;
pub use children::ChildQuery;
pub use consumables::{ConsumableJobQuery, ConsumableQuery};
pub(crate) use events::EventDoc;
pub use events::{EventPage, EventQuery, EventView};
pub use expiry::EndedPage;
pub use jobs::{JobView, Page};
pub use listing::{Cursor, DefinitionPattern, JobQuery, Pattern, Select};
pub use nodes::NodeQuery;
pub use outputs::EndedOutput;
pub use resources::DefinitionQuery;
pub use streams::{StreamCursor, StreamQuery};

use crate::error::Error;
use crate::schema;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Connections kept open between calls.
const IDLE_CONNECTIONS: usize = 8;

/// Reads the database. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Reader {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Reader {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { shared: Arc::new(Shared { path, idle: Mutex::default() }) }
    }

    /// Runs `query` over one state of the database.
    fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let idle = self.idle().pop();
        let db = match idle {
            Some(db) => db,
            None => schema::open_for_reading(&self.shared.path)
                .map_err(|source| Error::opening(&self.shared.path, source))?,
        };
        let state = db.unchecked_transaction()?;
        let answer = query(&state)?;
        state.finish()?;
        let mut idle = self.idle();
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(db);
        }
        Ok(answer)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
