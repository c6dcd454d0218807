//! Which connection leads to which host. The newest connection of a host counts, even if what came over an older one is
//! read later.

use crate::LinkId;
use longshore_types::HostId;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Agents {
    hosts: BTreeMap<LinkId, HostId>,
    links: BTreeMap<HostId, LinkId>,
}

impl Agents {
    /// Whether the connection is the newest of its host.
    pub(crate) fn connected(&mut self, link: LinkId, host: HostId) -> bool {
        let newest = self.links.get(&host).is_none_or(|known| *known <= link);
        if newest {
            self.hosts.insert(link, host);
            self.links.insert(host, link);
        }
        newest
    }

    /// Forgets a connection; the host that has none left now, if any.
    pub(crate) fn closed(&mut self, link: LinkId) -> Option<HostId> {
        let host = self.hosts.remove(&link)?;
        if self.links.get(&host) != Some(&link) {
            return None;
        }
        self.links.remove(&host);
        Some(host)
    }

    pub(crate) fn host(&self, link: LinkId) -> Option<HostId> {
        self.hosts.get(&link).copied()
    }

    pub(crate) fn link(&self, host: HostId) -> Option<LinkId> {
        self.links.get(&host).copied()
    }

    /// The connections in use.
    pub(crate) fn links(&self) -> Vec<LinkId> {
        self.links.values().copied().collect()
    }
}
