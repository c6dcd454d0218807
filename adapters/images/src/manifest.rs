//! The documents of a registry: manifests, lists of manifests. OCI's and Docker's differ in their media types alone.

use crate::platform::Platform;
use crate::{Digest, Error};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Everything that is understood, as a registry is told.
pub(crate) const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// Content and how to check it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Descriptor {
    pub(crate) digest: Digest,
    #[serde(default)]
    pub(crate) platform: Option<Platform>,
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// One image.
#[derive(Debug, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) config: Descriptor,
    /// The lowest first.
    pub(crate) layers: Vec<Descriptor>,
}

/// The variants of one image, or the images of one archive.
#[derive(Debug, Deserialize)]
pub(crate) struct Index {
    pub(crate) manifests: Vec<Descriptor>,
}

/// A document that a tag stands for.
#[derive(Debug)]
pub(crate) enum Document {
    Manifest(Manifest),
    Index(Index),
}

/// What tells the two kinds apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    #[serde(default)]
    schema_version: u64,
    #[serde(default)]
    manifests: Option<serde::de::IgnoredAny>,
}

impl Document {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let understood = |source| Error::Manifest { source };
        let kind: Kind = serde_json::from_slice(bytes).map_err(understood)?;
        if kind.schema_version == 1 {
            return Err(Error::OldManifest);
        }
        if kind.manifests.is_some() {
            return serde_json::from_slice(bytes).map(Self::Index).map_err(understood);
        }
        serde_json::from_slice(bytes).map(Self::Manifest).map_err(understood)
    }
}

impl Index {
    /// The variant for a machine; an index that names no platforms has one for all.
    pub(crate) fn choose(&self, machine: &Platform) -> Result<&Descriptor, Error> {
        let suits = |offered: &Descriptor| match &offered.platform {
            Some(platform) => machine.suits(platform),
            None => Some(0),
        };
        // The first of the best.
        let best = self.manifests.iter().rev().filter_map(|offered| Some((suits(offered)?, offered)));
        let best = best.max_by_key(|(score, _)| *score).map(|(_, offered)| offered);
        best.ok_or_else(|| Error::NoPlatform { wanted: machine.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(platforms: &[&str]) -> Index {
        let one = |(number, platform): (usize, &&str)| {
            let (os, architecture) = platform.split_once('/').unwrap();
            format!(r#"{{"digest":"sha256:{number:064}","platform":{{"os":"{os}","architecture":"{architecture}"}}}}"#)
        };
        let manifests: Vec<String> = platforms.iter().enumerate().map(one).collect();
        let text = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, manifests.join(","));
        match Document::parse(text.as_bytes()).unwrap() {
            Document::Index(index) => index,
            Document::Manifest(_) => panic!("not an index"),
        }
    }

    fn machine() -> Platform {
        Platform { os: "linux".into(), architecture: "amd64".into(), variant: None }
    }

    #[test]
    fn index_of_many_platforms_gives_the_machines_own() {
        let index = index(&["linux/arm64", "unknown/unknown", "linux/amd64", "linux/amd64"]);
        assert!(index.choose(&machine()).unwrap().digest.hex().ends_with('2'));
    }

    #[test]
    fn index_without_the_platform_says_which_is_missing() {
        let error = index(&["linux/arm64"]).choose(&machine()).unwrap_err();
        assert_eq!(error.to_string(), "no matching manifest for linux/amd64 in the manifest list entries");
    }

    #[test]
    fn manifest_of_the_first_schema_is_refused() {
        assert!(matches!(Document::parse(br#"{"schemaVersion":1}"#), Err(Error::OldManifest)));
        assert!(matches!(Document::parse(b"<html>"), Err(Error::Manifest { .. })));
    }
}
