//! Which connection leads to which host. The newest connection of a host counts.

use crate::LinkId;
use longshore_types::HostId;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Agents {
    hosts: BTreeMap<LinkId, HostId>,
    links: BTreeMap<HostId, LinkId>,
}

impl Agents {
    pub(crate) fn connected(&mut self, link: LinkId, host: HostId) {
        self.hosts.insert(link, host);
        self.links.insert(host, link);
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
