//! `nodeProperties`: multi-node parallel jobs (`MNP-2`, `MNP-3`).

use super::{Platform, ecs_properties, require};
use crate::error::Error;
use serde_json::Value;

/// Checks the number of nodes and each range of them.
pub(crate) fn node_properties(properties: &Value) -> Result<(), Error> {
    let nodes = properties["numNodes"].as_i64().unwrap_or(0);
    require((1..=1_000).contains(&nodes), "Number of nodes must be between 1 and 1000.")?;
    // AWS's text is not known.
    let main = properties["mainNode"].as_i64().unwrap_or(0);
    let inside = (0..nodes).contains(&main);
    require(inside, format!("mainNode {main} must be at least 0 and less than numNodes {nodes}."))?;
    let ranges = properties["nodeRangeProperties"].as_array().map_or(&[][..], Vec::as_slice);
    require(ranges.len() <= 5, "Maximum allowed size of node range properties is 5")?;
    let mut covered = vec![false; usize::try_from(nodes).unwrap_or(0)];
    for range in ranges {
        let target = range["targetNodes"].as_str().unwrap_or_default();
        let (from, to) = bounds(target, nodes)?;
        for node in covered.iter_mut().take(to + 1).skip(from) {
            *node = true;
        }
        self::range(range, target)?;
    }
    // AWS's text is not known.
    let text = format!("Node ranges must cover every node from 0 to {}.", nodes - 1);
    require(covered.iter().all(|covered| *covered), text)
}

/// `a`, `a:`, `:b` or `a:b`, ends included.
fn bounds(target: &str, nodes: i64) -> Result<(usize, usize), Error> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (from, to) = target.split_once(':').unwrap_or((target, target));
    let some = !(from.is_empty() && to.is_empty());
    require(some && digits(from) && digits(to), "targetNodes should contain only digits.")?;
    let last = usize::try_from(nodes - 1).unwrap_or(0);
    let number = |text: &str, absent: usize| if text.is_empty() { Some(absent) } else { text.parse().ok() };
    match (number(from, 0), number(to, last)) {
        (Some(from), Some(to)) if from <= to && to <= last => Ok((from, to)),
        // AWS's text is not known.
        _ => Err(Error::invalid(format!("targetNodes {target} must be a range within 0 to {last}."))),
    }
}

fn range(range: &Value, target: &str) -> Result<(), Error> {
    let has = |member: &str| range[member].is_object();
    let (container, ecs, eks) = (has("container"), has("ecsProperties"), has("eksProperties"));
    require(container || ecs || eks, format!("Must specify container for node range {target}"))?;
    let text = "NodeRangeProperties can not use both ecsProperties and container fields";
    require(!(container && ecs), text)?;
    let types = range["instanceTypes"].as_array().is_some_and(|types| !types.is_empty());
    let text = "Using instanceTypes with nodeRangeProperty is only allowed for ecsProperties jobs.";
    require(!types || ecs, text)?;
    if container {
        super::container_document(&range["container"])?;
    }
    if ecs { ecs_properties(&range["ecsProperties"], Platform::Ec2).map(|_| ()) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
