//! Who gets which events.

use serde_json::Value;

/// A webhook: an address, and which events it wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Where events are posted.
    pub url: String,
    /// Only events with one of these `detail-type`s; empty for all.
    pub detail_types: Vec<String>,
    /// Only events whose job has one of these statuses; empty for all.
    pub statuses: Vec<String>,
}

impl Target {
    /// Whether it wants this event.
    pub(crate) fn wants(&self, event: &Value) -> bool {
        let among = |wanted: &[String], value: &Value| {
            wanted.is_empty() || value.as_str().is_some_and(|value| wanted.iter().any(|one| one == value))
        };
        among(&self.detail_types, &event["detail-type"]) && among(&self.statuses, &event["detail"]["status"])
    }
}
