//! How many jobs have not ended, by queue and status. Counted in an index, so that the cost grows with them alone, however many
//! have ended, and no row is read.

use super::Reader;
use crate::error::Error;
use longshore_types::JobStatus;

/// Jobs of a queue that have not ended, by status.
pub type ActiveJobs = (String, Vec<(JobStatus, u64)>);

impl Reader {
    /// Every queue with its jobs that have not ended, an array counting as one.
    pub fn active_jobs(&self) -> Result<Vec<ActiveJobs>, Error> {
        self.read(|db| {
            let mut queues = db.prepare_cached("SELECT name FROM queues ORDER BY name")?;
            let queues: Vec<String> = queues.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let count = "SELECT count(*) FROM jobs INDEXED BY jobs_by_status WHERE queue = ? AND status = ?";
            let mut count = db.prepare_cached(count)?;
            let mut all = Vec::new();
            for queue in queues {
                let mut counts = Vec::new();
                for status in JobStatus::ALL.into_iter().filter(|status| !status.is_terminal()) {
                    let jobs: i64 = count.query_row([queue.as_str(), status.as_str()], |row| row.get(0))?;
                    counts.push((status, u64::try_from(jobs).unwrap_or(0)));
                }
                all.push((queue, counts));
            }
            Ok(all)
        })
    }
}
