//! Structures. Every member is optional: what is required is for the checks to say, with the member's path.

use super::model::{Model, Reference};
use super::naming::field;
use std::fmt::Write as _;

pub(super) fn generate(model: &Model) -> String {
    let mut code = String::from("use serde::{Deserialize, Serialize};\n");
    if model.shapes.values().any(|shape| shape.kind == "map") {
        code.push_str("use std::collections::BTreeMap;\n");
    }
    for (name, shape) in model.structures() {
        let _ = write!(
            code,
            "\n/// `{name}` of the model.\n#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]\n\
             #[serde(default)]\npub struct {name} {{\n"
        );
        for (member, reference) in &shape.members {
            let (field, rust) = (field(member), rust_type(model, reference));
            let required = if shape.required.contains(member) { " Required." } else { "" };
            let serde = if reference.location.is_some() {
                "skip".to_owned()
            } else {
                format!("rename = \"{member}\", skip_serializing_if = \"Option::is_none\"")
            };
            let _ = write!(code, "/// `{member}`.{required}\n#[serde({serde})]\npub {field}: Option<{rust}>,\n");
        }
        code.push_str("}\n");
    }
    code
}

fn rust_type(model: &Model, reference: &Reference) -> String {
    let shape = model.shape(reference);
    let inner = |reference: &Option<Reference>| {
        reference.as_ref().map_or_else(|| "String".to_owned(), |reference| rust_type(model, reference))
    };
    match shape.kind.as_str() {
        "structure" => reference.shape.clone(),
        "list" => format!("Vec<{}>", inner(&shape.member)),
        "map" => format!("BTreeMap<String, {}>", inner(&shape.value)),
        "integer" | "long" => "i64".to_owned(),
        "float" | "double" => "f64".to_owned(),
        "boolean" => "bool".to_owned(),
        _ => "String".to_owned(),
    }
}
