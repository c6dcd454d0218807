//! Compute environments, job queues, job definitions and hosts. Listings take the last entry of the page before and
//! return up to `limit` entries; asking for one more than is shown tells whether there are more.

use super::Reader;
use crate::error::Error;
use crate::load::{doc, docs};
use longshore_engine::entity::{ComputeEnvironment, DefinitionId, Host, JobDefinition, JobQueue, SchedulingPolicy};
use longshore_types::Name;
use rusqlite::{Connection, Params, params};
use serde::de::DeserializeOwned;

/// Which job definitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefinitionQuery {
    /// Only revisions of this one.
    pub name: Option<Name>,
    /// Only ACTIVE ones, or only INACTIVE ones.
    pub active: Option<bool>,
    /// The last one of the page before.
    pub after: Option<DefinitionId>,
    /// The most to return.
    pub limit: usize,
}

impl Reader {
    /// A compute environment.
    pub fn environment(&self, name: &Name) -> Result<Option<ComputeEnvironment>, Error> {
        let query = "SELECT doc, name FROM environments WHERE name = ?";
        self.read(|db| one(db, "environments", query, [name.as_str()]))
    }

    /// Compute environments in the order of their names.
    pub fn environments(&self, after: Option<&Name>, limit: usize) -> Result<Vec<ComputeEnvironment>, Error> {
        let query = "SELECT doc, name FROM environments WHERE name > ? ORDER BY name LIMIT ?";
        self.read(|db| docs(db, "environments", query, params![after.map_or("", Name::as_str), rows(limit)]))
    }

    /// A job queue.
    pub fn queue(&self, name: &Name) -> Result<Option<JobQueue>, Error> {
        self.read(|db| one(db, "queues", "SELECT doc, name FROM queues WHERE name = ?", [name.as_str()]))
    }

    /// Job queues in the order of their names.
    pub fn queues(&self, after: Option<&Name>, limit: usize) -> Result<Vec<JobQueue>, Error> {
        let query = "SELECT doc, name FROM queues WHERE name > ? ORDER BY name LIMIT ?";
        self.read(|db| docs(db, "queues", query, params![after.map_or("", Name::as_str), rows(limit)]))
    }

    /// A revision of a job definition.
    pub fn definition(&self, id: &DefinitionId) -> Result<Option<JobDefinition>, Error> {
        let query = "SELECT doc, name FROM definitions WHERE name = ? AND revision = ?";
        self.read(|db| one(db, "definitions", query, params![id.name.as_str(), id.revision]))
    }

    /// Job definitions in descending order of name and revision (`JD-4`).
    pub fn definitions(&self, query: &DefinitionQuery) -> Result<Vec<JobDefinition>, Error> {
        let last = char::MAX.to_string();
        let (name, revision) =
            query.after.as_ref().map_or((last.as_str(), u32::MAX), |after| (after.name.as_str(), after.revision));
        let limit = rows(query.limit);
        self.read(|db| match &query.name {
            None => {
                let statement = "SELECT doc, name FROM definitions
                    WHERE (name, revision) < (?, ?) AND active = coalesce(?, active)
                    ORDER BY name DESC, revision DESC LIMIT ?";
                docs(db, "definitions", statement, params![name, revision, query.active, limit])
            }
            Some(only) => {
                let statement = "SELECT doc, name FROM definitions
                    WHERE name = ? AND (name, revision) < (?, ?) AND active = coalesce(?, active)
                    ORDER BY revision DESC LIMIT ?";
                docs(db, "definitions", statement, params![only.as_str(), name, revision, query.active, limit])
            }
        })
    }

    /// A scheduling policy.
    pub fn policy(&self, name: &Name) -> Result<Option<SchedulingPolicy>, Error> {
        self.read(|db| one(db, "policies", "SELECT doc, name FROM policies WHERE name = ?", [name.as_str()]))
    }

    /// Scheduling policies in the order of their names.
    pub fn policies(&self, after: Option<&Name>, limit: usize) -> Result<Vec<SchedulingPolicy>, Error> {
        let query = "SELECT doc, name FROM policies WHERE name > ? ORDER BY name LIMIT ?";
        self.read(|db| docs(db, "policies", query, params![after.map_or("", Name::as_str), rows(limit)]))
    }

    /// Every host.
    pub fn hosts(&self) -> Result<Vec<Host>, Error> {
        self.read(|db| docs(db, "hosts", "SELECT doc, id FROM hosts ORDER BY id", []))
    }
}

pub(super) fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn one<T: DeserializeOwned>(
    db: &Connection,
    table: &'static str,
    query: &str,
    values: impl Params,
) -> Result<Option<T>, Error> {
    let mut statement = db.prepare_cached(query)?;
    let mut rows = statement.query(values)?;
    rows.next()?.map(|row| doc(table, row)).transpose()
}
