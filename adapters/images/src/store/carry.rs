//! Images on their way from one store to another: held and packed here, unpacked there. What comes is trusted as far as its
//! bearer has compared it with sums of its own: layers that were packed have no digest any more.

use super::Store;
use super::names::Name;
use crate::image::Image;
use crate::pack::pack;
use crate::unpack::unpack;
use crate::{Digest, Error};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that were loaded from a file, and cannot be pulled again.
    Loaded,
    /// All that have a name.
    Named,
}

/// Images that nobody removes while this lives, as files of their store.
#[derive(Debug)]
pub struct Carried {
    root: PathBuf,
    _images: Vec<Arc<Image>>,
    /// Small files to be copied, by their paths below the store: configurations, then names.
    pub files: Vec<PathBuf>,
    /// Digests of the layers to be packed, in digits.
    pub layers: Vec<String>,
    /// How many images.
    pub images: usize,
}

impl Store {
    /// Holds these images. One that is damaged is left out, and told of.
    pub fn carry(&self, which: Which) -> Result<Carried, Error> {
        let names = self.all_names()?;
        let wanted = names.iter().filter(|name| which == Which::Named || name.manifest.is_none());
        let mut by_image: BTreeMap<&Digest, Vec<&Name>> = BTreeMap::new();
        wanted.for_each(|name| by_image.entry(&name.image).or_default().push(name));
        let mut carried =
            Carried { root: self.root.clone(), _images: Vec::new(), files: Vec::new(), layers: Vec::new(), images: 0 };
        for (id, names) in by_image {
            let Some(image) = self.held_image(id)? else {
                tracing::warn!(image = %id, "an image is left out: it is damaged, or is being removed");
                continue;
            };
            let layer = |path: &PathBuf| Some(path.parent()?.file_name()?.to_str()?.to_owned());
            carried.layers.extend(image.layers.iter().filter_map(layer));
            carried.files.push(Path::new("configs").join(id.hex()));
            let named = names.iter().map(|name| Digest::of(name.reference.as_bytes()));
            carried.files.extend(named.map(|digest| Path::new("names").join(digest.hex())));
            carried._images.push(image);
            carried.images += 1;
        }
        carried.layers.sort_unstable();
        carried.layers.dedup();
        Ok(carried)
    }
}

impl Carried {
    /// Writes a layer as an archive.
    pub fn pack(&self, layer: &str, out: impl Write) -> Result<(), Error> {
        pack(&self.root.join("layers").join(layer).join("fs"), out)
    }
}

/// Unpacks a layer that [`Carried::pack`] wrote, in a store's directory that nobody uses yet.
pub fn unpack_carried(root: &Path, layer: &str, source: impl Read) -> Result<(), Error> {
    let directory = root.join("layers").join(layer);
    let tree = directory.join("fs");
    fs::create_dir_all(&tree).map_err(Error::store("create", &tree))?;
    let bytes = unpack(source, &tree)?;
    let size = directory.join("size");
    let written = File::create(&size).and_then(|mut file| file.write_all(bytes.to_string().as_bytes()));
    written.map_err(Error::store("write", size))
}
