//! Structures and enumerations. Every member is optional: what is required is for the checks to say, with its path.

use super::emit::{describe, rust_type};
use super::model::{Model, Shape};
use super::names::{camel, field, variant};
use std::fmt::Write;

/// Enumerations that are read in any case (`WIRE-9`).
const ANY_CASE: &[&str] = &["RetryAction"];

pub(super) fn structures(model: &Model) -> String {
    let mut out = String::from("use serde::Serialize;\n");
    for (name, shape) in model.structures() {
        let _ = write!(
            out,
            "\n/// `{name}`.\n#[derive(Clone, Debug, Default, PartialEq, Serialize)]\n\
             #[serde(rename_all = \"camelCase\")]\npub struct {name} {{\n"
        );
        for (wire, member) in &shape.members {
            let (field, rust) = (field(wire), rust_type(model, &member.shape));
            let required = if shape.required.contains(wire) { ", required" } else { "" };
            let deprecated = if member.deprecated { ", deprecated" } else { "" };
            let renamed = if camel(&field) == *wire { String::new() } else { format!("rename = \"{wire}\", ") };
            let _ = write!(
                out,
                "/// `{wire}`: {}{required}{deprecated}.\n#[serde({renamed}skip_serializing_if = \"Option::is_none\")]\n\
                 pub {field}: Option<{rust}>,\n",
                describe(model, &member.shape)
            );
        }
        out.push_str("}\n");
    }
    out
}

/// How structures are read. Written out, because what serde derives would take a list for a structure.
pub(super) fn reading(model: &Model) -> String {
    let mut out = String::from(
        "use super::object::{Object, read, take};\nuse super::structures::*;\n\
         use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess};\n",
    );
    for (name, shape) in model.structures() {
        read_one(&mut out, name, shape);
    }
    out
}

fn read_one(out: &mut String, name: &str, shape: &Shape) {
    let each = |line: &dyn Fn(&str) -> String| shape.members.keys().map(|wire| line(wire)).collect::<String>();
    let names = each(&|wire| format!("\"{wire}\", "));
    let arms = each(&|wire| format!("\"{wire}\" => take(&mut self.{}, \"{wire}\", map),\n", field(wire)));
    let skip = "map.next_value::<IgnoredAny>().map(|_| ())";
    let (parameter, body) = match arms.is_empty() {
        true => ("_name", skip.to_owned()),
        false => ("name", format!("match name {{\n{arms}_ => {skip},\n}}")),
    };
    let _ = write!(
        out,
        "\nimpl Object for {name} {{\nconst NAME: &'static str = \"{name}\";\nconst MEMBERS: &'static [&'static str] = &[{names}];\n\n\
         fn member<'de, A: MapAccess<'de>>(&mut self, {parameter}: &str, map: &mut A) -> Result<(), A::Error> {{\n{body}\n}}\n}}\n\n\
         impl<'de> Deserialize<'de> for {name} {{\n\
         fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {{\nread(deserializer)\n}}\n}}\n"
    );
}

pub(super) fn enums(model: &Model) -> String {
    let mut out = String::from("use std::fmt;\nuse std::str::FromStr;\n");
    for (name, shape) in model.shapes.iter().filter(|(_, shape)| !shape.values.is_empty()) {
        let each = |line: &dyn Fn(&str) -> String| shape.values.iter().map(|value| line(value)).collect::<String>();
        let variants = each(&|value| format!("/// `{value}`.\n{},\n", variant(value)));
        let all = each(&|value| format!("Self::{}, ", variant(value)));
        let names = each(&|value| format!("\"{value}\", "));
        let arms = each(&|value| format!("Self::{} => \"{value}\",\n", variant(value)));
        let same = if ANY_CASE.contains(&name.as_str()) { ".eq_ignore_ascii_case(text)" } else { " == text" };
        let _ = write!(
            out,
            "\n/// `{name}`.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\npub enum {name} {{\n{variants}}}\n\n\
             impl {name} {{\n/// Every value.\npub const ALL: &[Self] = &[{all}];\n\
             /// Every value as it is on the wire.\npub const NAMES: &[&str] = &[{names}];\n\n\
             /// The value as it is on the wire.\npub const fn as_str(self) -> &'static str {{\nmatch self {{\n{arms}}}\n}}\n}}\n\n\
             impl fmt::Display for {name} {{\nfn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {{\n\
             formatter.write_str(self.as_str())\n}}\n}}\n\n\
             impl FromStr for {name} {{\ntype Err = ();\n\nfn from_str(text: &str) -> Result<Self, ()> {{\n\
             Self::ALL.iter().copied().find(|value| value.as_str(){same}).ok_or(())\n}}\n}}\n"
        );
    }
    out
}
