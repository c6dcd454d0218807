//! Addresses for the nodes of multi-node jobs: each node on a host has one of its own (`MNP-4`), from the loopback network,
//! so that nodes that all listen on the same port do not meet.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// 127.77.0.0/16; host parts 0 and 255 of each /24 are left out, for programs that take them for special.
const NETWORK: [u8; 2] = [127, 77];
/// Addresses in the network.
const NUMBER: u32 = 256 * 254;

/// The addresses of one host that are in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    used: BTreeSet<Ipv4Addr>,
    /// Where the search for the next one begins: an address rests as long as possible before it is used again, because
    /// connections to its last owner may still be closing.
    next: u32,
}

impl Addresses {
    /// An address that is not in use; `None` when all are.
    pub(super) fn lend(&mut self) -> Option<Ipv4Addr> {
        let free =
            (0..NUMBER).map(|offset| (self.next + offset) % NUMBER).find(|at| !self.used.contains(&address(*at)))?;
        self.next = (free + 1) % NUMBER;
        self.used.insert(address(free));
        Some(address(free))
    }

    /// Notes one as in use.
    pub(super) fn keep(&mut self, address: Ipv4Addr) {
        let fresh = self.used.insert(address);
        assert!(fresh, "an address has one owner");
    }

    /// Notes one as free.
    pub(super) fn take_back(&mut self, address: Ipv4Addr) {
        let owned = self.used.remove(&address);
        assert!(owned, "an address is given back once");
    }

    /// How many are in use.
    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        self.used.len()
    }
}

fn address(ordinal: u32) -> Ipv4Addr {
    let byte = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    Ipv4Addr::new(NETWORK[0], NETWORK[1], byte(ordinal / 254), byte(ordinal % 254 + 1))
}

#[cfg(test)]
mod tests;
