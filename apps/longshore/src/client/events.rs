//! Events of a Longshore server, page by page.

use super::{Body, Client, Error, Request};
use serde::Deserialize;
use serde_json::Value;

const OPERATION: &str = "GetEvents";

/// Some events, and the number to read on from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct EventsPage {
    pub(crate) events: Vec<NumberedEvent>,
    pub(crate) next: u64,
    pub(crate) last: u64,
}

/// An event as EventBridge delivers it, and its number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct NumberedEvent {
    pub(crate) seq: u64,
    pub(crate) event: Value,
}

impl Client {
    /// The events that these parameters, by name, select.
    pub(crate) fn events(&self, parameters: &[(&str, String)]) -> Result<EventsPage, Error> {
        let mut parameters: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{name}={}", urlencoding::encode(value))).collect();
        parameters.sort_unstable();
        let answer = self.call_json(&Request {
            operation: OPERATION,
            service: "longshore",
            method: "GET",
            path: "/longshore/v1/events",
            query: &parameters.join("&"),
            headers: &[],
            body: Body::Bytes(&[]),
        })?;
        let text = answer.to_string();
        serde_json::from_value(answer).map_err(|_| self.not_understood(OPERATION, 200, &text))
    }
}
