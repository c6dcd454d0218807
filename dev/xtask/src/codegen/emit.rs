//! Pieces that several generators share: types and descriptions of shapes.

use super::model::{Model, Shape};

/// The Rust type of a shape.
pub(super) fn rust_type(model: &Model, name: &str) -> String {
    let shape = model.shape(name);
    let inner = |name: &Option<String>| name.as_deref().map(|name| rust_type(model, name)).unwrap_or_default();
    match shape.kind.as_str() {
        "structure" => name.to_owned(),
        "list" => format!("Vec<{}>", inner(&shape.member)),
        "map" => format!("std::collections::BTreeMap<String, {}>", inner(&shape.value)),
        "boolean" => "bool".into(),
        "integer" | "long" => "i64".into(),
        "double" | "float" => "f64".into(),
        _ => "String".into(),
    }
}

/// What is known of a shape, in words: `string, one of …`, `list of KeyValuePair, at most 50`.
pub(super) fn describe(model: &Model, name: &str) -> String {
    let shape = model.shape(name);
    let inner = |name: &Option<String>| name.clone().unwrap_or_default();
    let base = match shape.kind.as_str() {
        "list" => format!("list of {}", inner(&shape.member)),
        "map" => format!("map of {} to {}", inner(&shape.key), inner(&shape.value)),
        "structure" => "structure".to_owned(),
        other => other.to_owned(),
    };
    if shape.values.is_empty() {
        base + &limits(shape)
    } else {
        format!("{base}, one of [`{name}`](crate::types::{name})")
    }
}

fn limits(shape: &Shape) -> String {
    match (shape.min, shape.max) {
        (Some(min), Some(max)) => format!(", {min} to {max}"),
        (Some(min), None) => format!(", at least {min}"),
        (None, Some(max)) => format!(", at most {max}"),
        (None, None) => String::new(),
    }
}
