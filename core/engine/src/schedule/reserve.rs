//! What a fair-share policy keeps of a queue's vCPUs for shares that are not active yet (`FSS-4`).

use crate::engine::Engine;
use crate::entity::{ComputeEnvironment, FairShare};
use longshore_types::{JobRef, Name, Timestamp};

/// Milli-vCPU that the active shares of a queue may use together; `None` if nothing is kept from them.
///
/// Of `n` active shares and a reservation of `r` percent, `(r/100)^n` of the most that the queue's environments may use
/// is kept: half, a quarter, an eighth for 50 percent. Where the hosts are smaller than the environments may grow, it is
/// that part of the hosts. An unmanaged environment counts with its `unmanagedvCpus`, if it says so many.
pub(super) fn limit_milli(engine: &Engine, now: Timestamp, (queue, policy): (&Name, &FairShare)) -> Option<u64> {
    let percent = policy.reservation.filter(|percent| *percent > 0)?;
    let hosts: u64 = engine.fleet.hosts.values().map(|state| state.host.description.capacity.vcpu_milli).sum();
    let known = engine.queues.get(queue)?.environments.iter();
    let environments: Vec<_> = known.filter_map(|entry| engine.environments.get(&entry.environment)).collect();
    let most = |unknown: u64| {
        let sum = environments.iter().map(|environment| most_milli(environment).unwrap_or(unknown));
        sum.fold(0, u64::saturating_add).min(hosts)
    };
    let kept = part(most(0), percent, engine.shares.active(queue, now, policy));
    Some(most(u64::MAX).saturating_sub(kept))
}

/// What the shares of a queue may start before what is kept for others is touched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Milli-vCPU; without it nothing is kept.
    left: Option<u64>,
    /// Whether nothing of the queue runs. Then one job may start whatever it asks for.
    idle: bool,
}

impl Room {
    pub(super) fn of(engine: &Engine, now: Timestamp, (queue, policy): (&Name, &FairShare)) -> Self {
        let Some(most) = limit_milli(engine, now, (queue, policy)) else { return Self { left: None, idle: false } };
        let used: u64 = engine.shares.of(queue).map(|(_, share)| share.running_milli).sum();
        Self { left: Some(most.saturating_sub(used)), idle: used == 0 }
    }

    /// How many jobs that ask for so many milli-vCPU each.
    pub(super) fn admits(&self, milli: u64) -> u32 {
        let Some(left) = self.left else { return u32::MAX };
        let fits = left.checked_div(milli).unwrap_or(u64::MAX);
        u32::try_from(fits).unwrap_or(u32::MAX).max(u32::from(self.idle))
    }

    /// So much has been started.
    pub(super) fn start(&mut self, milli: u64) {
        self.idle &= milli == 0;
        self.take(milli);
    }

    /// So much is spoken for.
    pub(super) fn take(&mut self, milli: u64) {
        self.left = self.left.map(|left| left.saturating_sub(milli));
    }
}

/// Whether a job of a queue that asks for so many milli-vCPU would touch what is kept for others, once the one that has a place
/// reserved has it. One that nothing of its queue runs beside may (`order/fair.rs`).
pub(super) fn is_kept(engine: &Engine, now: Timestamp, queue: &Name, (job, milli): (JobRef, u64)) -> bool {
    let Some(policy) = engine.fair_share(queue) else { return false };
    let used: u64 = engine.shares.of(queue).map(|(_, share)| share.running_milli).sum();
    let held = engine.reservations.get(queue).filter(|held| held.job != job);
    let reserved = held.map_or(0, |held| held.class.shape.vcpu_milli());
    let most = limit_milli(engine, now, (queue, policy));
    most.is_some_and(|most| used > 0 && used.saturating_add(reserved).saturating_add(milli) > most)
}

fn most_milli(environment: &ComputeEnvironment) -> Option<u64> {
    let unmanaged =
        || environment.unmanaged_vcpus.and_then(|vcpus| u64::try_from(vcpus).ok()).map(|vcpus| vcpus * 1_000);
    environment.max_vcpu_milli().or_else(unmanaged)
}

/// `(percent/100)^times` of it, rounded down at each multiplication.
fn part(whole: u64, percent: u64, times: usize) -> u64 {
    let mut left = u128::from(whole);
    for _ in 0..times {
        left = left * u128::from(percent) / 100;
        if left == 0 {
            break;
        }
    }
    u64::try_from(left).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
