//! What is here, and taking it away: by name, all that nothing uses, or what was not used for longest when room is short.
//! Nothing that is in use in any process goes.

use super::Store;
use super::names::Name;
use super::workspace::Workspace;
use crate::image::ImageDocument;
use crate::{Digest, Error, Reference};
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

/// The fewest digits of an id that name an image.
const SHORT_ID: usize = 6;

/// An image in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub id: Digest,
    /// Its names, as users write them.
    pub names: Vec<String>,
    /// About how many bytes its layers take; images may share some.
    pub bytes: u64,
    /// When something last started from it, or it came.
    pub last_used: SystemTime,
    /// Whether something runs from it now.
    pub in_use: bool,
}

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Names that mean nothing any more, as users write them.
    pub names: Vec<String>,
    /// Images that are gone.
    pub images: Vec<Digest>,
    /// About how many bytes that gave back.
    pub bytes: u64,
}

/// An image as the files have it.
struct Kept {
    id: Digest,
    layers: Vec<Digest>,
    last_used: SystemTime,
}

impl Store {
    /// All images, the last used first.
    pub fn list(&self) -> Result<Vec<Summary>, Error> {
        let names = self.all_names()?;
        let mut images = self.kept()?;
        images.sort_by_key(|image| std::cmp::Reverse(image.last_used));
        let summary = |image: Kept| Summary {
            names: names.iter().filter(|name| name.image == image.id).map(familiar).collect(),
            bytes: image.layers.iter().map(|layer| self.layer_bytes(layer.hex())).sum(),
            last_used: image.last_used,
            in_use: matches!(self.claim(&image.id), Ok(None)),
            id: image.id,
        };
        Ok(images.into_iter().map(summary).collect())
    }

    /// Removes a name, and with its last name the image; or an image by the beginning of its id, with all its names.
    pub fn remove(&self, name: &str) -> Result<Removed, Error> {
        let bin = self.workspace()?;
        let _lock = self.lock()?;
        let names = self.all_names()?;
        let reference = name.parse::<Reference>().ok().map(|reference| reference.to_string());
        if let Some(named) = names.iter().find(|known| Some(&known.reference) == reference.as_ref()) {
            let others = names.iter().any(|other| other.image == named.image && other.reference != named.reference);
            if others {
                self.remove_name(&named.reference)?;
                return Ok(Removed { names: vec![familiar(named)], ..Removed::default() });
            }
            return self.remove_image(&named.image, name, &bin);
        }
        let id = self.by_prefix(name)?;
        self.remove_image(&id, name, &bin)
    }

    /// Removes all that nothing uses.
    pub fn prune(&self) -> Result<Removed, Error> {
        self.remove_leftovers()?;
        let bin = self.workspace()?;
        let _lock = self.lock()?;
        let mut removed = Removed::default();
        for image in self.kept()? {
            self.remove_unused(&image.id, &mut removed)?;
        }
        removed.bytes = self.remove_unreferenced(&bin)?;
        Ok(removed)
    }

    /// Removes what was not used for longest until the rest is within the limit, or all that is left is in use or was loaded
    /// from a file: that cannot be pulled again, so only its user removes it.
    pub(super) fn make_room(&self) -> Result<(), Error> {
        let Some(limit) = self.config.limit_bytes else { return Ok(()) };
        let bin = self.workspace()?;
        let _lock = self.lock()?;
        let mut total = self.total_bytes()?;
        if total <= limit {
            return Ok(());
        }
        let names = self.all_names()?;
        let loaded = |image: &Kept| names.iter().any(|name| name.image == image.id && name.manifest.is_none());
        let mut images = self.kept()?;
        images.retain(|image| !loaded(image));
        images.sort_by_key(|image| image.last_used);
        let mut removed = Removed::default();
        for image in images {
            if total <= limit {
                break;
            }
            if self.remove_unused(&image.id, &mut removed)? {
                total -= self.remove_unreferenced(&bin)?.min(total);
            }
        }
        tracing::info!(images = removed.images.len(), total, limit, "removed images to make room");
        if total > limit {
            tracing::warn!(total, limit, "images that are in use or were loaded from a file take more than the limit");
        }
        Ok(())
    }

    pub(super) fn total_bytes(&self) -> Result<u64, Error> {
        Ok(self.layer_names()?.iter().map(|layer| self.layer_bytes(layer)).sum())
    }

    fn layer_names(&self) -> Result<Vec<String>, Error> {
        let directory = self.root.join("layers");
        let entries = fs::read_dir(&directory).map_err(Error::store("list", directory))?;
        Ok(entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }

    fn kept(&self) -> Result<Vec<Kept>, Error> {
        let directory = self.root.join("configs");
        let entries = fs::read_dir(&directory).map_err(Error::store("list", directory))?;
        let kept = |path: PathBuf| {
            let id: Digest = format!("sha256:{}", path.file_name()?.to_str()?).parse().ok()?;
            let layers = ImageDocument::parse(&fs::read(&path).ok()?).ok()?.layers().to_vec();
            Some(Kept { id, layers, last_used: path.metadata().and_then(|metadata| metadata.modified()).ok()? })
        };
        Ok(entries.flatten().filter_map(|entry| kept(entry.path())).collect())
    }

    fn by_prefix(&self, name: &str) -> Result<Digest, Error> {
        let unknown = || Error::Unknown { name: name.to_owned() };
        let digits = name.strip_prefix("sha256:").unwrap_or(name);
        if digits.len() < SHORT_ID {
            return Err(unknown());
        }
        let mut found = self.kept()?.into_iter().map(|image| image.id).filter(|id| id.hex().starts_with(digits));
        match (found.next(), found.next()) {
            (Some(id), None) => Ok(id),
            (None, _) => Err(unknown()),
            _ => Err(Error::Ambiguous { name: name.to_owned() }),
        }
    }

    /// The exclusive lock on an image; none if it is in use.
    fn claim(&self, id: &Digest) -> Result<Option<File>, Error> {
        let path = self.config_path(id);
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(Error::store("open", &path))?,
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::store("lock", path)(error)),
        }
    }

    fn remove_image(&self, id: &Digest, asked: &str, bin: &Workspace) -> Result<Removed, Error> {
        let mut removed = Removed::default();
        if !self.remove_unused(id, &mut removed)? {
            return Err(Error::InUse { name: asked.to_owned() });
        }
        removed.bytes = self.remove_unreferenced(bin)?;
        Ok(removed)
    }

    /// Removes an image with its names, unless it is in use. Its layers go afterwards, all at once.
    fn remove_unused(&self, id: &Digest, removed: &mut Removed) -> Result<bool, Error> {
        let Some(_claim) = self.claim(id)? else { return Ok(false) };
        for name in self.all_names()?.iter().filter(|name| name.image == *id) {
            self.remove_name(&name.reference)?;
            removed.names.push(familiar(name));
        }
        let path = self.config_path(id);
        fs::remove_file(&path).map_err(Error::store("remove", path))?;
        removed.images.push(id.clone());
        Ok(true)
    }

    /// Moves layers that no image has and no pull has pinned to the bin, and answers their bytes. The bin is emptied when
    /// nobody waits for the lock any more.
    fn remove_unreferenced(&self, bin: &Workspace) -> Result<u64, Error> {
        let images = self.kept()?;
        let referenced: BTreeSet<&str> =
            images.iter().flat_map(|image| &image.layers).map(|layer| layer.hex()).collect();
        let mut bytes = 0;
        for name in self.layer_names()?.into_iter().filter(|name| !referenced.contains(name.as_str())) {
            let path = self.root.join("layers").join(&name);
            let Some(_claim) = File::open(&path).ok().filter(|file| file.try_lock().is_ok()) else { continue };
            bytes += self.layer_bytes(&name);
            fs::rename(&path, bin.path.join(name)).map_err(Error::store("remove", path))?;
        }
        Ok(bytes)
    }
}

/// The name as users write it.
fn familiar(name: &Name) -> String {
    name.reference.parse::<Reference>().map_or_else(|_| name.reference.clone(), |reference| reference.familiar())
}
