//! What the nodes of a multi-node job run: the definition's ranges, with `nodeOverrides` (`MNP-9`).

use super::work::Resolution;
use crate::command::{NodeOverrides, NodePropertyOverride};
use crate::entity::{NodeGroup, NodeRange, Nodes, Work};
use crate::error::Error;
use crate::validate;

impl Resolution<'_> {
    pub(super) fn nodes(&self, nodes: &Nodes, overrides: Option<&NodeOverrides>) -> Result<Nodes, Error> {
        let none = NodeOverrides::default();
        let overrides = overrides.unwrap_or(&none);
        let count = overrides.num_nodes.map_or(Ok(nodes.count), |count| node_count(nodes, count))?;
        let targets = overrides.properties.iter().map(target).collect::<Result<Vec<_>, _>>()?;
        check_targets(nodes, overrides, &targets)?;
        let mut groups = Vec::with_capacity(nodes.groups.len());
        for group in &nodes.groups {
            let own = targets.iter().position(|target| *target == group.range);
            groups.push(self.group(group, own.map(|entry| &overrides.properties[entry]))?);
        }
        validate::same_instance_type(groups.iter().map(instance_type))?;
        Ok(Nodes { count, main: nodes.main, groups })
    }

    fn group(&self, group: &NodeGroup, overrides: Option<&NodePropertyOverride>) -> Result<NodeGroup, Error> {
        let container = overrides.and_then(|overrides| overrides.container.as_ref());
        let task = overrides.and_then(|overrides| overrides.task.as_ref());
        let pod = overrides.and_then(|overrides| overrides.pod.as_ref());
        let is_pod = matches!(group.work, Work::Pod(_));
        // AWS's texts are not known.
        if pod.is_some() && !is_pod {
            return Err(Error::invalid("eksPropertiesOverride should not be set for ECS jobs."));
        }
        if is_pod && (container.is_some() || task.is_some()) {
            return Err(Error::invalid("Only eksPropertiesOverride should be set for eksProperties jobs."));
        }
        let types = overrides.map_or(&[][..], |overrides| overrides.instance_types.as_slice());
        validate::instance_types(types.len(), matches!(group.work, Work::Task(_)))?;
        let work = match &group.work {
            Work::Container(_) if task.is_some() => {
                // AWS's text is not known.
                let text = "ecsPropertiesOverride should not be set for containerProperties jobs.";
                return Err(Error::invalid(text));
            }
            Work::Container(definition) => self.container(definition, container).map(Work::Container)?,
            Work::Task(_) if container.is_some() => {
                return Err(Error::invalid("Container overrides should not be set for ecsProperties jobs."));
            }
            Work::Task(definition) => self.task(definition, task).map(Work::Task)?,
            Work::Pod(definition) => self.pod(definition, pod).map(Work::Pod)?,
            Work::Nodes(_) => group.work.clone(),
        };
        let instance_types = if types.is_empty() { group.instance_types.clone() } else { types.to_vec() };
        Ok(NodeGroup { work, instance_types, ..group.clone() })
    }
}

/// `numNodes` can only change where a range is open to it, and where the main node stays inside. AWS's texts are not known.
fn node_count(nodes: &Nodes, asked: i64) -> Result<u32, Error> {
    let count = validate::node_count(asked)?;
    if nodes.main >= count {
        return Err(Error::invalid(format!("mainNode {} must be less than numNodes {count}.", nodes.main)));
    }
    let open: Vec<NodeRange> =
        nodes.groups.iter().map(|group| group.range).filter(|range| range.last.is_none()).collect();
    if open.is_empty() {
        let text = "numNodes can only be overridden when a node range of the job definition has no upper boundary.";
        return Err(Error::invalid(text));
    }
    if !open.iter().any(|range| range.first < count) {
        let text = "The lower boundary of a node range without an upper boundary must be less than numNodes";
        return Err(Error::invalid(format!("{text} {count}.")));
    }
    let ranges: Vec<NodeRange> = nodes.groups.iter().map(|group| group.range).collect();
    validate::covered(&ranges, count)?;
    Ok(count)
}

fn target(overrides: &NodePropertyOverride) -> Result<NodeRange, Error> {
    validate::node_range(&overrides.target_nodes)
}

/// `SUB-11`: each override is of a range of the definition, and of another one than the rest.
fn check_targets(nodes: &Nodes, overrides: &NodeOverrides, targets: &[NodeRange]) -> Result<(), Error> {
    let matches = |target: &NodeRange| nodes.groups.iter().any(|group| group.range == *target);
    let written = overrides.properties.iter().zip(targets);
    let strangers: Vec<&str> =
        written.filter(|(_, target)| !matches(target)).map(|(entry, _)| entry.target_nodes.as_str()).collect();
    if !strangers.is_empty() {
        let text = "NodeOverride targets should match job definition. Non matching targets";
        return Err(Error::invalid(format!("{text} - {}", strangers.join(", "))));
    }
    let twice = targets.iter().enumerate().any(|(entry, target)| targets[..entry].contains(target));
    // AWS's text is not known.
    if twice { Err(Error::invalid("NodeOverride targets must not be given twice.")) } else { Ok(()) }
}

fn instance_type(group: &NodeGroup) -> Option<&str> {
    match &group.work {
        Work::Container(container) => container.instance_type.as_deref(),
        Work::Task(_) | Work::Pod(_) | Work::Nodes(_) => None,
    }
}

#[cfg(test)]
mod tests;
