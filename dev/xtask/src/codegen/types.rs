//! Structures and enumerations. Every member is optional: what is required is for the checks to say, with its path.

use super::emit::{describe, rust_type};
use super::model::Model;
use super::names::{camel, field, variant};
use std::fmt::Write;

/// Enumerations that are read in any case (`WIRE-9`).
const ANY_CASE: &[&str] = &["RetryAction"];

pub(super) fn structures(model: &Model) -> String {
    let mut out = String::from("use serde::{Deserialize, Serialize};\n");
    for (name, shape) in model.structures() {
        let _ = write!(
            out,
            "\n/// `{name}`.\n#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]\n\
             #[serde(default, rename_all = \"camelCase\")]\npub struct {name} {{\n"
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
