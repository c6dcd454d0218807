//! Whether a store is whole, without opening it: for `longshore doctor`. It changes nothing, and may look while others pull
//! and remove: what it finds wrong is looked at twice.
//!
//! The contents of layers are not compared with anything: their digests are of archives that are not kept.

use super::names::Name;
use crate::image::ImageDocument;
use crate::{Digest, Error};
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// What was found, each with what it concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// Names without an image, images that are not what their digest says, layers that are missing or half there.
    pub damaged: Vec<(String, String)>,
    /// Layers that no image has and no pull holds.
    pub stray: Vec<(String, String)>,
}

/// Examines the store in a directory.
///
/// # Errors
/// When a directory of it cannot be listed.
pub fn examine(root: &Path) -> Result<Examined, Error> {
    let first = look(root)?;
    if first == Examined::default() {
        return Ok(first);
    }
    let second = look(root)?;
    let both = |first: Vec<(String, String)>, second: &[(String, String)]| {
        first.into_iter().filter(|found| second.contains(found)).collect()
    };
    Ok(Examined { damaged: both(first.damaged, &second.damaged), stray: both(first.stray, &second.stray) })
}

fn look(root: &Path) -> Result<Examined, Error> {
    let mut found = Examined::default();
    // Layers first: whatever image comes meanwhile has its layers already.
    let layers = entries(&root.join("layers"))?;
    let names = entries(&root.join("names"))?;
    let mut referenced = BTreeSet::new();
    for path in entries(&root.join("configs"))? {
        match image(root, &path) {
            Ok(layers) => referenced.extend(layers),
            Err(problem) => found.damaged.push((shown(&path), problem)),
        }
    }
    for path in names {
        let Ok(text) = fs::read(&path) else { continue };
        match serde_json::from_slice::<Name>(&text) {
            Ok(name) if !root.join("configs").join(name.image.hex()).is_file() => {
                found.damaged.push((name.reference, format!("its image {} is not there", name.image)));
            }
            Ok(_) => {}
            Err(error) => found.damaged.push((shown(&path), format!("it cannot be read: {error}"))),
        }
    }
    for path in layers {
        let digest = shown(&path);
        if let Some(problem) = half(&path) {
            found.damaged.push((digest, problem));
        } else if !referenced.contains(&digest) && !is_held(&path) {
            found.stray.push((digest, path.display().to_string()));
        }
    }
    Ok(found)
}

/// The layers of an image that is whole, by the digits of their digests; or what is wrong with it.
fn image(root: &Path, path: &Path) -> Result<Vec<String>, String> {
    let bytes = fs::read(path).map_err(|error| format!("it cannot be read: {error}"))?;
    if Digest::of(&bytes).hex() != shown(path) {
        return Err("its configuration is not what its digest says".to_owned());
    }
    let document = ImageDocument::parse(&bytes).map_err(|error| error.chain())?;
    let layers: Vec<String> = document.layers().iter().map(|layer| layer.hex().to_owned()).collect();
    match layers.iter().find(|layer| !root.join("layers").join(layer).is_dir()) {
        Some(missing) => Err(format!("its layer {missing} is not there")),
        None => Ok(layers),
    }
}

/// What a layer lacks that was given its name once it had everything.
fn half(layer: &Path) -> Option<String> {
    let size = fs::read_to_string(layer.join("size")).ok().and_then(|size| size.parse::<u64>().ok());
    match (layer.join("fs").is_dir(), size) {
        (true, Some(_)) => None,
        (false, _) => Some("the layer has no files".to_owned()),
        (true, None) => Some("the layer does not say how large it is".to_owned()),
    }
}

/// Whether a pull has pinned a layer.
fn is_held(layer: &Path) -> bool {
    File::open(layer).is_ok_and(|layer| matches!(layer.try_lock(), Err(TryLockError::WouldBlock)))
}

/// What there is; nothing in a store that was never opened.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::store("list", directory))?,
    };
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

fn shown(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
