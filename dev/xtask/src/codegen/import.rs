//! Derives a model from AWS's own description of a service (`service-2.json`): names, types and limits, no prose.

use super::model::{Member, Model, Operation, Shape};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Operations taken of services that are only needed in part.
const LOGS: &[&str] = &[
    "CreateLogGroup",
    "CreateLogStream",
    "DeleteLogGroup",
    "DeleteLogStream",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "FilterLogEvents",
    "GetLogEvents",
    "PutLogEvents",
];

pub(super) fn run(service: &str, from: &Path, to: &Path) -> Result<()> {
    let text = std::fs::read_to_string(from).with_context(|| format!("failed to read {}", from.display()))?;
    let description: Value = serde_json::from_str(&text).context("the service description is not JSON")?;
    let model = derive(service, &description);
    std::fs::create_dir_all(to.parent().unwrap_or(to))?;
    std::fs::write(to, serde_json::to_string_pretty(&model)? + "\n")?;
    Ok(())
}

/// The service's model, in an order that does not depend on the description's.
fn derive(service: &str, description: &Value) -> Model {
    let mut model = Model {
        target_prefix: text_of(&description["metadata"], "targetPrefix"),
        operations: entries(&description["operations"]).map(|(name, value)| (name, operation(value))).collect(),
        shapes: entries(&description["shapes"]).map(|(name, value)| (name, shape(value))).collect(),
    };
    if service == "logs" {
        model.operations.retain(|name, _| LOGS.contains(&name.as_str()));
    }
    let used: Vec<&Operation> = model.operations.values().collect();
    let roots = used.iter().flat_map(|operation| operation.input.iter().chain(&operation.output)).cloned();
    let reachable = model.reachable(roots.collect::<Vec<_>>().into_iter());
    model.shapes.retain(|name, shape| reachable.contains(name) || (service == "batch" && shape.error_status.is_some()));
    model
}

fn entries(value: &Value) -> impl Iterator<Item = (String, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value))
}

fn text_of(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().map(str::to_owned)
}

fn operation(value: &Value) -> Operation {
    Operation {
        method: text_of(&value["http"], "method").unwrap_or_default(),
        uri: text_of(&value["http"], "requestUri").unwrap_or_default(),
        input: text_of(&value["input"], "shape"),
        output: text_of(&value["output"], "shape"),
    }
}

fn shape(value: &Value) -> Shape {
    let texts =
        |name: &str| value[name].as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned));
    let fault = value["exception"].as_bool().unwrap_or(false);
    let members: BTreeMap<String, Member> =
        entries(&value["members"]).map(|(name, value)| (name, member(value))).collect();
    let mut required: Vec<String> = texts("required").collect();
    required.sort_unstable();
    Shape {
        kind: text_of(value, "type").unwrap_or_default(),
        members,
        required,
        member: text_of(&value["member"], "shape"),
        key: text_of(&value["key"], "shape"),
        value: text_of(&value["value"], "shape"),
        values: texts("enum").collect(),
        min: value["min"].as_i64(),
        max: value["max"].as_i64(),
        error_status: fault.then(|| if value["fault"].as_bool().unwrap_or(false) { 500 } else { 400 }),
    }
}

fn member(value: &Value) -> Member {
    Member {
        shape: text_of(value, "shape").unwrap_or_default(),
        location: text_of(value, "location"),
        deprecated: value["deprecated"].as_bool().unwrap_or(false),
    }
}

#[cfg(test)]
mod tests;
