//! Service environments, quota shares and service jobs. Listings go as those of other resources.

use super::Reader;
use super::resources::{one, rows};
use crate::error::Error;
use crate::load::{doc, docs};
use longshore_engine::entity::{QuotaShare, QuotaShareId, ServiceEnvironment, ServiceJob};
use longshore_types::{JobId, Name};
use rusqlite::params;

impl Reader {
    /// A service environment.
    pub fn service_environment(&self, name: &Name) -> Result<Option<ServiceEnvironment>, Error> {
        let query = "SELECT doc, name FROM service_environments WHERE name = ?";
        self.read(|db| one(db, "service_environments", query, [name.as_str()]))
    }

    /// Service environments in the order of their names.
    pub fn service_environments(&self, after: Option<&Name>, limit: usize) -> Result<Vec<ServiceEnvironment>, Error> {
        let query = "SELECT doc, name FROM service_environments WHERE name > ? ORDER BY name LIMIT ?";
        self.read(|db| docs(db, "service_environments", query, params![after.map_or("", Name::as_str), rows(limit)]))
    }

    /// A quota share.
    pub fn quota_share(&self, id: &QuotaShareId) -> Result<Option<QuotaShare>, Error> {
        let query = "SELECT doc, name FROM quota_shares WHERE queue = ? AND name = ?";
        self.read(|db| one(db, "quota_shares", query, [id.queue.as_str(), id.name.as_str()]))
    }

    /// The quota shares of a queue in the order of their names.
    pub fn quota_shares(&self, queue: &Name, after: Option<&Name>, limit: usize) -> Result<Vec<QuotaShare>, Error> {
        let query = "SELECT doc, name FROM quota_shares WHERE queue = ? AND name > ? ORDER BY name LIMIT ?";
        let values = (queue.as_str(), after.map_or("", Name::as_str), rows(limit));
        self.read(|db| docs(db, "quota_shares", query, values))
    }

    /// A service job.
    pub fn service_job(&self, id: JobId) -> Result<Option<ServiceJob>, Error> {
        self.read(|db| one(db, "service_jobs", "SELECT doc, id FROM service_jobs WHERE id = ?", [id.to_string()]))
    }

    /// The service jobs of a queue that are `selected`, newest first, after the one with the order of submission `after`.
    pub fn list_service_jobs(
        &self,
        queue: &Name,
        after: Option<u64>,
        limit: usize,
        selected: impl Fn(&ServiceJob) -> bool,
    ) -> Result<Vec<ServiceJob>, Error> {
        let query = "SELECT doc, id FROM service_jobs WHERE queue = ? AND seq < ? ORDER BY seq DESC";
        let before = after.and_then(|seq| i64::try_from(seq).ok()).unwrap_or(i64::MAX);
        self.read(|db| {
            let mut statement = db.prepare_cached(query)?;
            let mut found = statement.query(params![queue.as_str(), before])?;
            let mut jobs = Vec::new();
            while jobs.len() < limit
                && let Some(row) = found.next()?
            {
                let job: ServiceJob = doc("service_jobs", row)?;
                if selected(&job) {
                    jobs.push(job);
                }
            }
            Ok(jobs)
        })
    }
}
