//! The hosts and what is used of them. Capacity is counted here, once; environments only cap their share of it.

mod addresses;

pub(crate) use addresses::Addresses;

use crate::entity::Host;
use longshore_types::{AttemptId, HostId, Name, Resources, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// A host in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostState {
    /// The row.
    pub host: Host,
    /// Whether its agent is connected now; only connected hosts get attempts.
    pub connected: bool,
    /// What its attempts use.
    pub used: Resources,
    /// Its attempts.
    pub attempts: BTreeSet<AttemptId>,
    /// The same by seat: attempts of one seat run one after the other and use it together.
    pub seats: BTreeMap<AttemptId, BTreeSet<AttemptId>>,
    /// The version of the protocol that its agent speaks; zero before it has said Hello.
    pub version: u32,
    /// The addresses of the nodes that it runs.
    pub(crate) addresses: Addresses,
    /// When it counts as terminated unless its agent comes back.
    pub lost_at: Option<Timestamp>,
    /// Attempts that were given up while its agent was away, and that the agent still holds: they are being stopped.
    pub(crate) given_up: BTreeSet<AttemptId>,
}

impl HostState {
    /// Whether it takes new attempts: not while its agent is away, or still holds attempts that were given up. What those use
    /// is not known any more, and their jobs may be placed again: two attempts of one would run at once.
    pub(crate) fn takes_work(&self) -> bool {
        self.connected && self.given_up.is_empty()
    }

    /// What new attempts can have of it.
    pub fn free(&self) -> Resources {
        if self.takes_work() { self.host.description.capacity.minus(self.used) } else { Resources::default() }
    }
}

/// Every host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    pub(crate) hosts: BTreeMap<HostId, HostState>,
    /// Milli-vCPU in use per compute environment.
    pub(crate) environment_used: BTreeMap<Name, u64>,
    /// Attempts that wait on their hosts for their seats.
    pub(crate) ahead: usize,
    /// How many places are taken.
    seats: usize,
    /// Hosts of which more or less has become free since placement last looked.
    pub(crate) changed: Vec<HostId>,
}

impl Fleet {
    /// The row of a host.
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.get(&id).map(|state| &state.host)
    }

    /// Every host by id.
    pub const fn hosts(&self) -> &BTreeMap<HostId, HostState> {
        &self.hosts
    }

    /// Milli-vCPU that the attempts of a compute environment use now.
    pub fn environment_used_milli(&self, environment: &Name) -> u64 {
        self.environment_used.get(environment).copied().unwrap_or(0)
    }

    /// Counts an attempt in; what it uses counts if it is the first at its seat.
    pub(crate) fn occupy(&mut self, host: HostId, environment: &Name, at: (AttemptId, AttemptId), demand: Resources) {
        let (attempt, seat) = at;
        let Some(state) = self.hosts.get_mut(&host) else { return };
        let fresh = state.attempts.insert(attempt);
        assert!(fresh, "an attempt is placed once");
        let line = state.seats.entry(seat).or_default();
        line.insert(attempt);
        if line.len() > 1 {
            self.ahead += 1;
            return;
        }
        self.seats += 1;
        self.changed.push(host);
        state.used = state.used.plus(demand);
        *self.environment_used.entry(environment.clone()).or_default() += demand.vcpu_milli;
    }

    /// Counts an attempt out; whether its place is free by that.
    pub(crate) fn release(
        &mut self,
        host: HostId,
        environment: &Name,
        at: (AttemptId, AttemptId),
        demand: Resources,
    ) -> bool {
        let (attempt, seat) = at;
        let Some(state) = self.hosts.get_mut(&host) else { return true };
        let held = state.attempts.remove(&attempt);
        assert!(held, "an attempt is released once");
        let line = state.seats.entry(seat).or_default();
        line.remove(&attempt);
        if !line.is_empty() {
            self.ahead -= 1;
            return false;
        }
        state.seats.remove(&seat);
        self.seats -= 1;
        self.changed.push(host);
        state.used = state.used.minus(demand);
        if let Some(used) = self.environment_used.get_mut(environment) {
            *used = used.saturating_sub(demand.vcpu_milli);
        }
        true
    }

    /// How many places are taken.
    pub(crate) const fn seats(&self) -> usize {
        self.seats
    }

    /// An address of a host that none of the nodes on it has.
    pub(crate) fn lend_address(&mut self, host: HostId) -> Option<Ipv4Addr> {
        self.hosts.get_mut(&host)?.addresses.lend()
    }

    /// Notes an address as in use: start-up found a node that has it.
    pub(crate) fn keep_address(&mut self, host: HostId, address: Ipv4Addr) {
        if let Some(state) = self.hosts.get_mut(&host) {
            state.addresses.keep(address);
        }
    }

    /// The node that had the address is gone.
    pub(crate) fn take_address_back(&mut self, host: HostId, address: Ipv4Addr) {
        if let Some(state) = self.hosts.get_mut(&host) {
            state.addresses.take_back(address);
        }
    }
}
