//! `--limit NAME=VALUE`, and `[limits]` in the configuration file.

use longshore_types::{Limits, UNLIMITED};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Limits set one by one, by name.
pub(crate) type Set = (String, u64);

/// `array-size=5000`, `queues=unlimited`.
pub(super) fn limit(text: &str) -> Result<Set, String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    checked(name, number(value)?)
}

fn number(text: &str) -> Result<u64, String> {
    if text == "unlimited" {
        Ok(UNLIMITED)
    } else {
        text.parse().map_err(|_| "the value is a number or `unlimited`".into())
    }
}

fn checked(name: &str, value: u64) -> Result<Set, String> {
    Limits::standard().set(name, value).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), value))
}

/// A table of numbers, or of the word `unlimited`.
pub(super) fn in_file<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Set>, D::Error> {
    let table = BTreeMap::<String, toml::Value>::deserialize(deserializer)?;
    let entry = |(name, value): (String, toml::Value)| {
        let value = match value {
            toml::Value::Integer(value) => u64::try_from(value).map_err(|_| "a limit is not negative".to_owned()),
            other => number(other.as_str().unwrap_or_default()),
        };
        value.and_then(|value| checked(&name, value)).map_err(|error| format!("limit {name}: {error}"))
    };
    table.into_iter().map(entry).collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

/// The limits in force: AWS's or Longshore's own, with what is set over them, later ones last.
pub(super) fn in_force(aws_limits: bool, set: &[Set]) -> Limits {
    let mut limits = if aws_limits { Limits::aws() } else { Limits::standard() };
    for (name, value) in set {
        // Names and values were checked when they were read.
        let _ = limits.set(name, *value);
    }
    limits
}
