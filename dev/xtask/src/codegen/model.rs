//! A service as code is generated from it: operations and shapes, without prose. The files in `model/` are this, as JSON.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Model {
    /// The prefix of `X-Amz-Target`, in the protocols that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) target_prefix: Option<String>,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) input: Option<String>,
    pub(super) output: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) members: BTreeMap<String, Member>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) required: Vec<String>,
    /// The shape of a list's elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) member: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    #[serde(rename = "enum", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) values: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max: Option<i64>,
    /// The HTTP status, of an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error_status: Option<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) shape: String,
    /// Where the member is, if not in the body: `uri` or `querystring`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) deprecated: bool,
}

impl Model {
    pub(super) fn shape(&self, name: &str) -> &Shape {
        &self.shapes[name]
    }

    /// The structures, by name; errors are written by hand.
    pub(super) fn structures(&self) -> impl Iterator<Item = (&String, &Shape)> {
        self.shapes.iter().filter(|(_, shape)| shape.kind == "structure" && shape.error_status.is_none())
    }

    /// The shapes that requests are made of.
    pub(super) fn reachable_from_inputs(&self) -> BTreeSet<String> {
        self.reachable(self.operations.values().filter_map(|operation| operation.input.clone()))
    }

    /// These shapes and all that they are made of.
    pub(super) fn reachable(&self, roots: impl Iterator<Item = String>) -> BTreeSet<String> {
        let mut open: Vec<String> = roots.collect();
        let mut reached = BTreeSet::new();
        while let Some(name) = open.pop() {
            if !reached.insert(name.clone()) {
                continue;
            }
            let shape = self.shape(&name);
            open.extend(shape.members.values().map(|member| member.shape.clone()));
            open.extend([&shape.member, &shape.key, &shape.value].into_iter().flatten().cloned());
        }
        reached
    }
}
