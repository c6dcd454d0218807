//! `s3://bucket/key`.

use std::fmt;

/// An object, or all objects under a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uri {
    pub(crate) bucket: String,
    /// The key; a prefix if it ends with a slash.
    pub(crate) key: String,
}

impl Uri {
    /// None for what is no URI of an object or prefix.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        let fits = !bucket.is_empty() && !key.is_empty();
        fits.then(|| Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// Whether all objects under the key are meant.
    pub(crate) fn is_prefix(&self) -> bool {
        self.key.ends_with('/')
    }

    /// What a file of it is called, so that programs that look at the ending find it.
    pub(crate) fn file_name(&self) -> &str {
        let last = self.key.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if matches!(last, "" | "." | "..") { "object" } else { last }
    }

    /// The object `key` of the same bucket.
    pub(crate) fn sibling(&self, key: String) -> Self {
        Self { bucket: self.bucket.clone(), key }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}
