//! What a backup says of itself: `manifest.json`, written last. A backup without it is not whole.

use serde::{Deserialize, Serialize};

/// The manifest's name in a backup.
pub(super) const MANIFEST: &str = "manifest.json";
/// The list of files with their checksums, as `sha256sum --check` reads it.
pub(super) const LISTING: &str = "files.sha256";
/// The latest format that is read; and written, where there are images. Those of the first format have none.
pub(super) const FORMAT: u32 = 2;
pub(super) const FORMAT_WITHOUT_IMAGES: u32 = 1;

/// The manifest. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    /// Of the backup as a whole: what files there are and what they are called.
    pub(crate) format: u32,
    /// The version of Longshore that made it.
    pub(crate) version: String,
    /// The layout of the database.
    pub(crate) layout: i64,
    /// When the database was copied: in UTC, RFC 3339.
    pub(crate) made_at: String,
    pub(crate) counts: Counts,
    /// How many files there are beside this one and the list of them.
    pub(crate) files: u64,
    /// Their sizes, added up.
    pub(crate) bytes: u64,
    /// The SHA-256 of the list of files.
    pub(crate) listing: String,
}

/// What is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Counts {
    pub(crate) jobs: u64,
    pub(crate) children: u64,
    pub(crate) log_streams: u64,
    pub(crate) events: u64,
    /// Output files of attempts.
    pub(crate) outputs: u64,
    /// Objects of the embedded S3.
    pub(crate) objects: u64,
    /// Container images.
    pub(crate) images: u64,
}
