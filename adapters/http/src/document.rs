//! The members of a request that the engine keeps and echoes without deciding on them.

use crate::failure::Failure;
use longshore_types::Document;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What of a request remains beside these members.
pub(crate) fn rest_of<T: Serialize>(request: &T, known: &[&str]) -> Result<Document, Failure> {
    match serde_json::to_value(request) {
        Ok(Value::Object(mut members)) => {
            members.retain(|member, _| !known.contains(&member.as_str()));
            Ok(Document(members))
        }
        Ok(_) => Ok(Document::default()),
        Err(error) => Err(Failure::internal("keep the request's members", error)),
    }
}

/// The members of a kept document as the structure that they came from.
pub(crate) fn echoed<T: DeserializeOwned>(document: &Document) -> Result<T, Failure> {
    let members = Value::Object(document.0.clone());
    serde_json::from_value(members).map_err(|error| Failure::internal("read the members kept of a request", error))
}
