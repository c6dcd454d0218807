//! Multi-node parallel jobs and their nodes as clients see them (`MNP-7`).

use super::container::properties;
use super::pod::properties as pod_properties;
use super::task::properties as task_properties;
use crate::failure::Failure;
use longshore_api_batch::types::{
    NetworkInterface, NodeDetails, NodeProperties, NodePropertiesSummary, NodeRangeProperty,
};
use longshore_engine::entity::{NodeGroup, Nodes, Work};
use longshore_store::JobView;
use std::net::Ipv4Addr;

/// What the nodes of a job run, overrides applied: shown with the job, not with its nodes.
pub(super) fn node_properties(view: &JobView) -> Result<Option<NodeProperties>, Failure> {
    let Some(nodes) = view.job.spec.nodes().filter(|_| view.child.is_none()) else { return Ok(None) };
    let ranges = nodes.groups.iter().map(range).collect::<Result<_, _>>()?;
    Ok(Some(NodeProperties {
        num_nodes: Some(i64::from(nodes.count)),
        main_node: Some(i64::from(nodes.main)),
        node_range_properties: Some(ranges),
    }))
}

fn range(group: &NodeGroup) -> Result<NodeRangeProperty, Failure> {
    let range = NodeRangeProperty {
        target_nodes: Some(group.target_nodes.clone()),
        instance_types: (!group.instance_types.is_empty()).then(|| group.instance_types.clone()),
        ..NodeRangeProperty::default()
    };
    Ok(match &group.work {
        Work::Container(container) => NodeRangeProperty { container: Some(properties(container)?), ..range },
        Work::Task(task) => NodeRangeProperty { ecs_properties: Some(task_properties(task)?), ..range },
        Work::Pod(pod) => NodeRangeProperty { eks_properties: Some(pod_properties(pod)?), ..range },
        Work::Nodes(_) => range,
    })
}

/// Which node this is.
pub(super) fn node_details(view: &JobView) -> Option<NodeDetails> {
    let (nodes, index) = node(view)?;
    Some(NodeDetails { node_index: Some(i64::from(index)), is_main_node: Some(index == nodes.main) })
}

/// What listings show: of a job the number of its nodes, of a node which one it is.
pub(super) fn node_summary(view: &JobView) -> Option<NodePropertiesSummary> {
    if let Some((nodes, index)) = node(view) {
        return Some(NodePropertiesSummary {
            node_index: Some(i64::from(index)),
            is_main_node: Some(index == nodes.main),
            num_nodes: None,
        });
    }
    let count = view.job.spec.nodes()?.count;
    Some(NodePropertiesSummary { num_nodes: Some(i64::from(count)), ..NodePropertiesSummary::default() })
}

/// The network interface of a node, which is its address; others have none.
pub(super) fn network_interfaces(address: Option<Ipv4Addr>) -> Vec<NetworkInterface> {
    let interface = |address: Ipv4Addr| NetworkInterface {
        private_ipv4_address: Some(address.to_string()),
        ..NetworkInterface::default()
    };
    address.map(interface).into_iter().collect()
}

fn node(view: &JobView) -> Option<(&Nodes, u32)> {
    let (index, _) = view.child.as_ref()?;
    view.job.spec.nodes().map(|nodes| (nodes, *index))
}

#[cfg(test)]
mod tests;
