//! Container images: whether each name has its image, each image its layers, and each layer an image.

use super::Found;
use longshore_images::examine as examine_store;
use std::path::Path;

/// What is wrong with images, and what is left of pulls that nobody finished.
#[derive(Debug, Default)]
pub(super) struct Images {
    pub(super) damaged: Found,
    pub(super) stray: Found,
}

/// Looks at all of them, beside whoever uses them.
pub(super) fn examine(data_dir: &Path) -> Images {
    let root = data_dir.join("images");
    if !root.is_dir() {
        return Images::default();
    }
    match examine_store(&root) {
        Ok(examined) => Images { damaged: examined.damaged, stray: examined.stray },
        Err(error) => Images { damaged: vec![(root.display().to_string(), error.chain())], stray: Found::new() },
    }
}
