//! `nodeProperties`: multi-node parallel jobs (`MNP-1`, `MNP-2`, `MNP-3`).

use super::{Platform, container_document, ecs_properties, pod, require};
use crate::entity::{NodeGroup, NodeRange, Nodes, Work};
use crate::error::Error;
use serde_json::Value;
use std::collections::BTreeSet;

/// Most nodes of a job.
const NODES_MAX: i64 = 1_000;
/// Most ranges of a definition.
const RANGES_MAX: usize = 5;

/// What the nodes run, if the number of them, each range and what the ranges have to agree on keep to every rule.
pub(crate) fn node_properties(properties: &Value) -> Result<Nodes, Error> {
    let nodes = node_count(properties["numNodes"].as_i64().unwrap_or(0))?;
    // AWS's text is not known.
    let main = properties["mainNode"].as_i64().unwrap_or(0);
    let inside = (0..i64::from(nodes)).contains(&main);
    require(inside, format!("mainNode {main} must be at least 0 and less than numNodes {nodes}."))?;
    let entries = properties["nodeRangeProperties"].as_array().map_or(&[][..], Vec::as_slice);
    require(entries.len() <= RANGES_MAX, "Maximum allowed size of node range properties is 5")?;
    let (mut ranges, mut groups) = (Vec::new(), Vec::new());
    for entry in entries {
        let target = entry["targetNodes"].as_str().unwrap_or_default();
        let range = inner_range(target, nodes)?;
        ranges.push(range);
        groups.push(NodeGroup {
            target_nodes: target.to_owned(),
            range,
            work: work(entry, target)?,
            instance_types: texts(&entry["instanceTypes"]),
        });
    }
    covered(&ranges, nodes)?;
    same_instance_type(entries.iter().map(|entry| entry["container"]["instanceType"].as_str()))?;
    same_namespace(entries)?;
    let main = u32::try_from(main).unwrap_or(0);
    Ok(Nodes { count: nodes, main, groups })
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// `MNP-2`.
pub(crate) fn node_count(nodes: i64) -> Result<u32, Error> {
    require((1..=NODES_MAX).contains(&nodes), "Number of nodes must be between 1 and 1000.")?;
    Ok(u32::try_from(nodes).unwrap_or(1))
}

/// `targetNodes` as a range.
pub(crate) fn node_range(target: &str) -> Result<NodeRange, Error> {
    NodeRange::parse(target).ok_or_else(|| Error::invalid("targetNodes should contain only digits."))
}

/// A range that has nodes, and none beyond the last. AWS's text is not known.
fn inner_range(target: &str, nodes: u32) -> Result<NodeRange, Error> {
    let range = node_range(target)?;
    let last = range.last.unwrap_or(nodes - 1);
    let inside = range.first <= last && last < nodes;
    require(inside, format!("targetNodes {target} must be a range within 0 to {}.", nodes - 1))?;
    Ok(range)
}

/// Every node is in some range. AWS's text is not known.
pub(crate) fn covered(ranges: &[NodeRange], nodes: u32) -> Result<(), Error> {
    let everywhere = (0..nodes).all(|node| ranges.iter().any(|range| range.contains(node)));
    require(everywhere, format!("Node ranges must cover every node from 0 to {}.", nodes - 1))
}

/// `MNP-3`: containers run on one instance type, or none of them names one. AWS's text is not known.
pub(crate) fn same_instance_type<'a>(types: impl Iterator<Item = Option<&'a str>>) -> Result<(), Error> {
    let named: BTreeSet<&str> = types.flatten().collect();
    let shown = named.iter().copied().collect::<Vec<_>>().join(", ");
    require(named.len() <= 1, format!("All node ranges must use the same instanceType, got [{shown}]."))
}

/// Pods of one job are in one namespace. AWS's text is not known.
fn same_namespace(entries: &[Value]) -> Result<(), Error> {
    let namespace = |entry: &Value| entry["eksProperties"]["podProperties"]["metadata"]["namespace"].clone();
    let pods = entries.iter().filter(|entry| entry["eksProperties"].is_object());
    let mut namespaces = pods.map(namespace);
    let first = namespaces.next();
    let same = namespaces.all(|other| Some(&other) == first.as_ref());
    require(same, "All node ranges must use the same Kubernetes namespace.")
}

/// What one range runs: exactly one of a container, a task and a pod (`MNP-1`).
fn work(entry: &Value, target: &str) -> Result<Work, Error> {
    let has = |member: &str| entry[member].is_object();
    let (container, ecs, eks) = (has("container"), has("ecsProperties"), has("eksProperties"));
    require(container || ecs || eks, format!("Must specify container for node range {target}"))?;
    let text = "NodeRangeProperties can not use both ecsProperties and container fields";
    require(!(container && ecs), text)?;
    // AWS's text for pods beside something else is not known.
    let text = "NodeRangeProperties can not use both eksProperties and container or ecsProperties fields";
    require(!(eks && (container || ecs)), text)?;
    instance_types(texts(&entry["instanceTypes"]).len(), ecs)?;
    if container {
        return container_document(&entry["container"]).map(Work::Container);
    }
    if ecs {
        return ecs_properties(&entry["ecsProperties"], Platform::Ec2).map(Work::Task);
    }
    pod(entry["eksProperties"]["podProperties"].clone()).map(Work::Pod)
}

/// `MNP-3`.
pub(crate) fn instance_types(number: usize, ecs: bool) -> Result<(), Error> {
    let text = "Using instanceTypes with nodeRangeProperty is only allowed for ecsProperties jobs.";
    require(number == 0 || ecs, text)?;
    // AWS's text is not known.
    require(number <= 1, "instanceTypes of a node range can have only one element.")
}

#[cfg(test)]
mod tests;
