//! Where a benchmark writes.

use crate::stage::root;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// A fresh folder for everything that a run writes. What the run before left is removed now and not at its end: removing
/// many small files makes the next ones slow to create for a while.
pub(super) fn fresh(bench: &str) -> Result<PathBuf> {
    let folder = root().join("target/bench").join(bench);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("failed to remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
    Ok(folder)
}
