//! Counts of the state in memory, for those who watch a server. Their cost grows with queues, classes, hosts and arrays,
//! never with jobs.

use crate::engine::Engine;
use longshore_types::{JobId, Name, Resources};

/// What there is at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// How many jobs and children wait in each queue for capacity, by the queue's name.
    pub runnable: Vec<(Name, u64)>,
    /// Jobs that have been submitted and have not started; an array counts until it ends.
    pub waiting: u64,
    /// Jobs in memory: those that have not ended, and a few that have just done so.
    pub jobs: u64,
    /// Attempts that have their place on a host, or are ahead on one.
    pub attempts: u64,
    /// Attempts that wait on their hosts for the place of another to become free.
    pub ahead: u64,
    /// Hosts whose agents are connected.
    pub hosts_connected: u64,
    /// Hosts whose agents are away and that are not given up yet.
    pub hosts_away: u64,
    /// What the connected hosts offer.
    pub capacity: Resources,
    /// What attempts use of all hosts.
    pub used: Resources,
}

impl Engine {
    /// Counts.
    pub(crate) fn census(&self) -> Census {
        let mut census = Census {
            runnable: self.queues.keys().map(|queue| (queue.clone(), self.runnable_in(queue))).collect(),
            waiting: self.waiting as u64,
            jobs: self.jobs.len() as u64,
            attempts: self.attempts.len() as u64,
            ahead: self.fleet.ahead as u64,
            ..Census::default()
        };
        for host in self.fleet.hosts.values() {
            census.used = census.used.plus(host.used);
            if host.connected {
                census.hosts_connected += 1;
                census.capacity = census.capacity.plus(host.host.description.capacity);
            } else if host.lost_at.is_some() {
                census.hosts_away += 1;
            }
        }
        census
    }

    /// Entries, but for those that stand for many children: these count one by one.
    fn runnable_in(&self, queue: &Name) -> u64 {
        let Some(ready) = self.ready.get(queue) else { return 0 };
        let entries: u64 = ready.classes().values().map(|class| class.entries.len() as u64).sum();
        let arrays = self.children.iter().filter(|(array, children)| children.fresh > 0 && self.is_in(**array, queue));
        arrays.fold(entries, |all, (_, children)| all + u64::from(children.fresh) - 1)
    }

    fn is_in(&self, job: JobId, queue: &Name) -> bool {
        self.jobs.get(&job).is_some_and(|job| job.queue == *queue)
    }
}

#[cfg(test)]
mod tests;
