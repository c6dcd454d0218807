//! The parts of a request that are kept and echoed but never decided on.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A JSON object that the core stores and returns as it came. Keys are ordered, so equal documents print equally.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(pub Map<String, Value>);

impl Document {
    /// Whether the document has no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
