//! Hosts: machines that can run attempts, what AWS calls container instances.

use longshore_protocol::HostDescription;
use longshore_types::{HostId, Timestamp};
use serde::{Deserialize, Serialize};

/// A host that an agent has said Hello from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The host.
    pub id: HostId,
    /// The agent process last heard of; attempts die with it.
    pub incarnation: u64,
    /// What it offers.
    pub description: HostDescription,
    /// When it was first heard of.
    pub registered_at: Timestamp,
}
