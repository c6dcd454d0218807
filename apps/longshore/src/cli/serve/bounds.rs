//! How many bytes of each kind are kept: `--output-limit` and its like.

/// Bytes that each may take; no limit without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// What jobs have printed.
    pub(crate) output: Option<u64>,
    /// Objects of the embedded S3.
    pub(crate) s3: Option<u64>,
    /// Container images.
    pub(crate) images: Option<u64>,
}
