//! What is kept beside the database, in bytes: outputs and objects as they are counted where they come and go, images as
//! their store says. It warns when one of them nears its bound; who refuses or removes is elsewhere.

use super::bound::Bound;
use super::outputs::Outputs;
use crate::cli::Bounds;
use longshore_images::stored_bytes;
use longshore_s3::Usage;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// From this size on the agent's log is put aside, in the place of the one that was put aside before.
const AGENT_LOG_BYTES: u64 = 16 << 20;
/// Before the first look.
const UNKNOWN: u64 = u64::MAX;
const REFUSED: &str = "writes are refused with 507 QuotaExceeded until objects are deleted";
const PRUNED: &str =
    "images that were not used for longest are removed, unless they are in use or were loaded from a file";

/// By kind; what is not known yet is left out.
pub(super) type Bytes = Vec<(&'static str, u64)>;

/// What is kept.
#[derive(Debug)]
pub(super) struct Kept {
    outputs: Outputs,
    objects: Option<Arc<Usage>>,
    images: AtomicU64,
    limits: Bytes,
    data_dir: PathBuf,
}

/// Looks again and again, and remembers what it has told.
#[derive(Debug)]
pub(super) struct Looker {
    objects: Bound,
    images: Bound,
}

impl Kept {
    pub(super) fn new(bounds: Bounds, data_dir: &Path, (outputs, objects): (Outputs, Option<Arc<Usage>>)) -> Self {
        let all = [("output", bounds.output), ("s3", bounds.s3), ("images", bounds.images)];
        let limits = all.into_iter().filter_map(|(kind, limit)| Some((kind, limit?))).collect();
        Self { outputs, objects, images: AtomicU64::new(UNKNOWN), limits, data_dir: data_dir.to_owned() }
    }

    /// What there is of each kind.
    pub(super) fn bytes(&self) -> Bytes {
        let images = Some(self.images.load(Ordering::Relaxed)).filter(|images| *images != UNKNOWN);
        let objects = self.objects.as_ref().map(|usage| usage.bytes());
        let all = [("output", self.outputs.bytes()), ("s3", objects), ("images", images)];
        all.into_iter().filter_map(|(kind, bytes)| Some((kind, bytes?))).collect()
    }

    /// The limits that were set.
    pub(super) fn limits(&self) -> Bytes {
        self.limits.clone()
    }
}

impl Looker {
    pub(super) const fn new(bounds: Bounds) -> Self {
        Self {
            objects: Bound::new("the objects of the embedded S3", "--s3-limit", bounds.s3),
            images: Bound::new("container images", "--image-limit", bounds.images),
        }
    }

    /// A look that costs nothing.
    pub(super) fn look(&mut self, kept: &Kept) {
        if let Some(usage) = &kept.objects {
            self.objects.look(usage.bytes(), REFUSED);
        }
    }

    /// A look at files; there are few of them.
    pub(super) fn look_at_files(&mut self, kept: &Kept) {
        let images = stored_bytes(&kept.data_dir.join("images"));
        kept.images.store(images, Ordering::Relaxed);
        self.images.look(images, PRUNED);
        if let Err(error) = put_aside(&kept.data_dir.join("agent/agent.log"), AGENT_LOG_BYTES) {
            tracing::warn!(%error, "the agent's log cannot be put aside and grows on");
        }
    }
}

/// Copies a log that has grown to `most` bytes aside and empties it. Whoever writes to it appends, and need not know.
fn put_aside(log: &Path, most: u64) -> std::io::Result<()> {
    if fs::metadata(log).map_or(0, |file| file.len()) < most {
        return Ok(());
    }
    fs::copy(log, log.with_extension("log.1"))?;
    fs::File::options().write(true).open(log)?.set_len(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn log_that_is_too_long_is_put_aside_and_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("agent.log");
        let mut writer = fs::File::options().create(true).append(true).open(&log).unwrap();
        writer.write_all(b"long\n").unwrap();
        put_aside(&log, 6).unwrap();
        assert_eq!(fs::read(&log).unwrap(), b"long\n");
        put_aside(&log, 5).unwrap();
        writer.write_all(b"new\n").unwrap();
        assert_eq!(fs::read(&log).unwrap(), b"new\n");
        assert_eq!(fs::read(directory.path().join("agent.log.1")).unwrap(), b"long\n");
        put_aside(&directory.path().join("none.log"), 0).unwrap_err();
    }
}
