//! Multi-node jobs that were given room: which node goes where.

use super::Step;
use crate::engine::Engine;
use crate::entity::Nodes;
use crate::lifecycle::start_gang;
use crate::ready::Ready;
use longshore_placement::Assignment;
use longshore_types::{HostId, JobRef};

/// Starts the one job that the assignments are for; how many jobs were started.
pub(super) fn start(engine: &mut Engine, step: &Step, entries: &[(Ready, u32)], to: &[Assignment]) -> u32 {
    let (Some((Ready::One(JobRef::Job(id)), _)), Some(first)) = (entries.first(), to.first()) else { return 0 };
    let Some(nodes) = engine.jobs.get(id).and_then(|job| job.spec.nodes()) else { return 0 };
    let hosts = hosts_of(nodes, step, to);
    assert_eq!(hosts.len(), nodes.count as usize, "a gang is placed whole");
    start_gang(engine, step.now, *id, &hosts, &step.round.pools[first.pool]);
    1
}

/// The host of each node: those of a group take the places of that member of the gang in order.
fn hosts_of(nodes: &Nodes, step: &Step, to: &[Assignment]) -> Vec<HostId> {
    let places = |group: usize| {
        let own = to.iter().filter(move |assignment| assignment.member == group);
        own.flat_map(|own| std::iter::repeat_n(step.round.hosts[own.host], own.count as usize))
    };
    let mut left: Vec<_> = (0..nodes.groups.len()).map(places).collect();
    (0..nodes.count).filter_map(|node| left[nodes.group_of(node)?].next()).collect()
}
