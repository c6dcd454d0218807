//! An image that is there: its configuration and its layers, kept for as long as the value lives.

use crate::{Digest, Error};
use serde::Deserialize;
use std::fs::File;
use std::path::PathBuf;

/// An image, kept in the store for as long as this value lives.
#[derive(Debug)]
pub struct Image {
    /// The digest of its configuration.
    pub id: Digest,
    /// What its author set.
    pub config: ImageConfig,
    /// Directories of its layers, the lowest first; none occurs twice.
    pub layers: Vec<PathBuf>,
    /// Locked in shared mode, so that nobody removes what is in use.
    pub(crate) _pin: File,
}

/// What the author of an image set for its containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImageConfig {
    /// The program that `cmd` is given to.
    #[serde(deserialize_with = "null_is_empty")]
    pub entrypoint: Vec<String>,
    /// The command, unless a job has one.
    #[serde(deserialize_with = "null_is_empty")]
    pub cmd: Vec<String>,
    /// `NAME=value` each.
    #[serde(deserialize_with = "null_is_empty")]
    pub env: Vec<String>,
    /// `user`, `user:group`, names or numbers; empty for root.
    pub user: String,
    /// The directory that it starts in; empty for `/`.
    pub working_dir: String,
    /// What ends it, e.g. `SIGINT` or `15`; SIGTERM if there is none.
    pub stop_signal: Option<String>,
}

/// The document that an image is.
#[derive(Debug, Deserialize)]
pub(crate) struct ImageDocument {
    #[serde(default)]
    config: Option<ImageConfig>,
    rootfs: RootFs,
}

#[derive(Debug, Deserialize)]
struct RootFs {
    diff_ids: Vec<Digest>,
}

impl ImageDocument {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(bytes).map_err(|source| Error::Manifest { source })
    }

    /// Digests of the uncompressed layers, the lowest first.
    pub(crate) fn layers(&self) -> &[Digest] {
        &self.rootfs.diff_ids
    }

    pub(crate) fn into_config(self) -> ImageConfig {
        self.config.unwrap_or_default()
    }
}

fn null_is_empty<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Each layer once, at its highest place: all that a lower occurrence shows, the higher one shows as well.
pub(crate) fn distinct(layers: &[Digest]) -> Vec<&Digest> {
    let last = |(place, layer): &(usize, &Digest)| !layers[place + 1..].contains(layer);
    layers.iter().enumerate().filter(last).map(|(_, layer)| layer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_with_nulls_reads_as_empty() {
        let text = r#"{"config":{"Cmd":null,"Env":["A=b"],"Entrypoint":["/e"],"WorkingDir":"/w"},"rootfs":{"type":"layers","diff_ids":[]}}"#;
        let config = ImageDocument::parse(text.as_bytes()).unwrap().into_config();
        assert_eq!((config.cmd.len(), config.env[0].as_str(), config.entrypoint[0].as_str()), (0, "A=b", "/e"));
        assert_eq!((config.user.as_str(), config.working_dir.as_str()), ("", "/w"));
        let bare = ImageDocument::parse(br#"{"rootfs":{"diff_ids":[]}}"#).unwrap();
        assert_eq!(bare.into_config(), ImageConfig::default());
    }

    #[test]
    fn layer_that_occurs_twice_counts_at_its_highest_place() {
        let [a, b] = [Digest::of(b"a"), Digest::of(b"b")];
        assert_eq!(distinct(&[a.clone(), b.clone(), a.clone()]), [&b, &a]);
    }
}
