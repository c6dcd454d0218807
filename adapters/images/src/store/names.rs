//! What names stand for. A name is one small file, replaced whole.

use super::Store;
use super::workspace::Workspace;
use crate::image::Image;
use crate::{Digest, Error, Reference};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Name {
    /// Spelled out.
    pub(super) reference: String,
    pub(super) image: Digest,
    /// What the registry has under the name; none if the image was loaded from a file: then no registry is asked.
    #[serde(default)]
    pub(super) manifest: Option<Digest>,
}

impl Store {
    fn name_path(&self, reference: &str) -> PathBuf {
        // Names may be longer than a file's may.
        self.root.join("names").join(Digest::of(reference.as_bytes()).hex())
    }

    pub(super) fn read_name(&self, reference: &Reference) -> Result<Option<Name>, Error> {
        let path = self.name_path(&reference.to_string());
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            bytes => Ok(serde_json::from_slice(&bytes.map_err(Error::store("read", path))?).ok()),
        }
    }

    pub(super) fn write_name(&self, workspace: &Workspace, name: &Name) -> Result<(), Error> {
        let text = serde_json::to_vec(name).map_err(|source| Error::Manifest { source })?;
        workspace.write_to("name", &text, &self.name_path(&name.reference))
    }

    pub(super) fn remove_name(&self, reference: &str) -> Result<(), Error> {
        let path = self.name_path(reference);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::store("remove", path)(error)),
            _ => Ok(()),
        }
    }

    /// All names, in order.
    pub(super) fn all_names(&self) -> Result<Vec<Name>, Error> {
        let directory = self.root.join("names");
        let entries = fs::read_dir(&directory).map_err(Error::store("list", directory))?;
        let texts = entries.flatten().filter_map(|entry| fs::read(entry.path()).ok());
        let mut names: Vec<Name> = texts.filter_map(|text| serde_json::from_slice(&text).ok()).collect();
        names.sort_by(|a, b| a.reference.cmp(&b.reference));
        Ok(names)
    }

    /// The registry has just said that a name still stands for what it stood for.
    pub(super) fn refresh_name(&self, reference: &Reference) {
        let path = self.name_path(&reference.to_string());
        let _asked_again_sooner = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// The image that a name stands for, if no registry need be asked.
    pub(super) fn fresh_image(&self, reference: &Reference) -> Result<Option<Arc<Image>>, Error> {
        let Some(name) = self.read_name(reference)? else { return Ok(None) };
        let age = || {
            let modified = self.name_path(&name.reference).metadata().and_then(|metadata| metadata.modified());
            modified.ok().and_then(|time| time.elapsed().ok())
        };
        let lasting = reference.digest().is_some() || name.manifest.is_none();
        if lasting || age().is_some_and(|age| age < self.config.fresh) {
            return self.held_image(&name.image);
        }
        Ok(None)
    }
}
