//! Checks of requests: required members, values of enumerations, lengths and ranges. One line a member.

use super::model::{Model, Shape};
use super::names::field;
use std::fmt::Write;

/// Shapes whose values the engine checks, in AWS's own words.
const LEFT_TO_THE_ENGINE: &[&str] = &[
    "CEState",
    "CRType",
    "DeviceCgroupPermission",
    "JQState",
    "JobStateTimeLimitActionsAction",
    "JobStateTimeLimitActionsState",
    "PlatformCapability",
    "ResourceType",
    "TagKey",
    "TagValue",
    "TagrisTagsMap",
];

pub(super) fn emit(model: &Model) -> String {
    let inputs = model.reachable_from_inputs();
    let mut out = String::from(
        "use super::enums::*;\nuse super::structures::*;\nuse super::violation::{Check, Path, Violation};\n\n",
    );
    for (name, shape) in model.structures().filter(|(name, _)| inputs.contains(*name)) {
        let lines: String = shape.members.keys().filter_map(|wire| member_line(model, shape, wire)).collect();
        let at = if lines.is_empty() { "_at" } else { "at" };
        let _ = write!(
            out,
            "impl Check for {name} {{\nfn check(&self, {at}: &Path<'_>) -> Result<(), Violation> {{\n{lines}Ok(())\n}}\n}}\n\n"
        );
    }
    let enums = model.shapes.iter().filter(|(name, shape)| !shape.values.is_empty() && inputs.contains(*name));
    if enums.count() == 0 {
        out = out.replace("use super::enums::*;\n", "");
    }
    out
}

fn member_line(model: &Model, owner: &Shape, wire: &str) -> Option<String> {
    let member = &owner.members[wire];
    let check = expression(model, &member.shape);
    let name = field(wire);
    let required = owner.required.iter().any(|name| name == wire);
    match (required, check) {
        (true, None) => Some(format!("at.required(\"{wire}\", self.{name}.as_ref(), |_, _| Ok(()))?;\n")),
        (true, Some(check)) => Some(format!("at.required(\"{wire}\", self.{name}.as_ref(), {check})?;\n")),
        (false, Some(check)) => Some(format!("at.optional(\"{wire}\", self.{name}.as_ref(), {check})?;\n")),
        (false, None) => None,
    }
}

/// A closure that checks a value of the shape; `None` if there is nothing to check.
fn expression(model: &Model, name: &str) -> Option<String> {
    if LEFT_TO_THE_ENGINE.contains(&name) {
        return None;
    }
    let shape = model.shape(name);
    let bounds = |shape: &Shape| format!("{:?}, {:?}", shape.min, shape.max);
    let bounded = shape.min.is_some() || shape.max.is_some();
    match shape.kind.as_str() {
        "structure" => Some("|at, value| value.check(at)".into()),
        "integer" => Some(format!("|at, value| at.integer(*value, {})", bounds(shape))),
        "long" if bounded => Some(format!("|at, value| at.range(*value, {})", bounds(shape))),
        "string" if !shape.values.is_empty() => Some(format!("|at, value| at.one_of::<{name}>(value, {name}::NAMES)")),
        "string" if bounded => Some(format!("|at, value| at.text(value, {})", bounds(shape))),
        "list" => {
            let element = expression(model, shape.member.as_deref()?);
            let size = bounded.then(|| format!("at.size(values.len(), {})?;", bounds(shape)));
            if element.is_none() && size.is_none() {
                return None;
            }
            let each = element.map_or_else(|| "Ok(())".into(), |element| format!("at.each(values, {element})"));
            Some(block("values", size, each))
        }
        "map" => {
            let key = expression(model, shape.key.as_deref()?);
            let value = expression(model, shape.value.as_deref()?);
            let size = bounded.then(|| format!("at.size(values.len(), {})?;", bounds(shape)));
            if key.is_none() && value.is_none() && size.is_none() {
                return None;
            }
            let nothing = || "|_, _| Ok(())".to_owned();
            let each =
                format!("at.entries(values, {}, {})", key.unwrap_or_else(nothing), value.unwrap_or_else(nothing));
            Some(block("values", size, each))
        }
        _ => None,
    }
}

fn block(name: &str, size: Option<String>, last: String) -> String {
    match size {
        Some(size) => format!("|at, {name}| {{ {size} {last} }}"),
        None => format!("|at, {name}| {last}"),
    }
}
