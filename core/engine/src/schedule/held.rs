//! Reservations by id, because ordinals live for one step only.

use super::round::Round;
use crate::engine::Engine;
use crate::ready::ClassKey;
use longshore_placement::{Assignment, Demand, Reservation};
use longshore_types::{HostId, JobRef, Name};
use std::sync::Arc;

/// Where a job that has to wait will start at the latest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The job, or child.
    pub(crate) job: JobRef,
    /// Its class.
    pub(crate) class: Arc<ClassKey>,
    /// The environment it will count against.
    pub(crate) environment: Name,
    /// The hosts: which member of its shape goes where, and how many.
    pub(crate) parts: Vec<(HostId, usize, u32)>,
    /// Whether something is kept idle for it already.
    pub(crate) keeps_idle: bool,
}

impl Held {
    /// The reservation of a step, by id.
    pub(super) fn of(
        round: &Round,
        (job, class): (JobRef, &Arc<ClassKey>),
        (reservation, keeps_idle): (&Reservation, bool),
    ) -> Self {
        let part = |assignment: &Assignment| (round.hosts[assignment.host], assignment.member, assignment.count);
        let parts = reservation.assignments.iter().map(part).collect();
        let environment = round.pools[reservation.pool].clone();
        Self { job, class: Arc::clone(class), environment, parts, keeps_idle }
    }

    /// By ordinal; `None` if a host or the environment is gone.
    pub(super) fn reservation(&self, round: &Round) -> Option<Reservation> {
        let pool = round.pools.binary_search(&self.environment).ok()?;
        let assignment = |(host, member, count): &(HostId, usize, u32)| {
            let host = round.hosts.binary_search(host).ok()?;
            Some(Assignment { pool, host, member: *member, count: *count })
        };
        let assignments: Option<Vec<Assignment>> = self.parts.iter().map(assignment).collect();
        Some(Reservation { pool, assignments: assignments? })
    }
}

/// What the head of a queue has reserved, as demand and reservation of this step.
pub(super) fn claim(engine: &Engine, round: &Round, queue: &Name) -> Option<(Demand, Reservation)> {
    let held = engine.reservations.get(queue)?;
    engine.job(held.job.job())?;
    let demand = round.demand(&held.class, 1, round.pools_of(queue));
    Some((demand, held.reservation(round)?))
}
