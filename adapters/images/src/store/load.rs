//! Images from a file, for machines without a registry.

use super::Store;
use super::layers::Wanted;
use super::names::Name;
use crate::archive::{Archive, Saved};
use crate::image::ImageDocument;
use crate::{Digest, Error, Reference};
use std::path::Path;
use std::sync::Arc;

/// An image that was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Its id.
    pub id: Digest,
    /// The names that it has now, as users write them.
    pub names: Vec<String>,
}

impl Store {
    /// Loads the images of an archive that `docker save`, `podman save`, `buildah` or `skopeo` wrote. A name that the archive gives
    /// means the loaded image from now on, without any registry being asked; `name` names an image that has none.
    pub fn load(&self, archive: &Path, name: Option<&Reference>) -> Result<Vec<Loaded>, Arc<Error>> {
        let workspace = self.workspace()?;
        let archive = Archive::open(archive, &workspace.path.join("archive"))?;
        let images = archive.images()?;
        let loaded = images.into_iter().map(|image| self.load_one(&archive, &image, name)).collect::<Result<_, _>>()?;
        self.make_room()?;
        Ok(loaded)
    }

    fn load_one(&self, archive: &Archive, saved: &Saved, name: Option<&Reference>) -> Result<Loaded, Arc<Error>> {
        let document = ImageDocument::parse(&saved.config)?;
        if document.layers().len() != saved.layers.len() {
            return Err(Arc::new(Error::LayerCount));
        }
        let layers = document.layers().iter().enumerate();
        let wanted: Vec<Wanted> =
            layers.map(|(place, layer)| Wanted { layer: layer.clone(), packed: None, place }).collect();
        let open = |wanted: &Wanted| {
            let member = archive.member(&saved.layers[wanted.place])?;
            Ok(Box::new(member) as Box<dyn std::io::Read>)
        };
        let _pins = self.have_layers(&wanted, &open)?;
        let given: Vec<Reference> = saved.names.iter().filter_map(|name| name.parse().ok()).collect();
        let names = if given.is_empty() { name.cloned().into_iter().collect() } else { given };
        let id = Digest::of(&saved.config);
        let link = |reference: Option<&Reference>| {
            let name =
                reference.map(|reference| Name { reference: reference.to_string(), image: id.clone(), manifest: None });
            self.link_image(&saved.config, name.as_ref())
        };
        let _image = link(None)?;
        for reference in &names {
            link(Some(reference))?;
        }
        Ok(Loaded { id, names: names.iter().map(Reference::familiar).collect() })
    }
}
