//! Container images in a backup: the files that name them as they are in their store, and each layer as an archive,
//! `images/layers/DIGITS.tar`, since what is in it belongs to other users.

use super::sink::drain;
use super::{Error, Result};
use longshore_images::{Carried, Config, Store, Which, unpack_carried};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// Where images are, in a data directory and in a backup.
pub(super) const DIRECTORY: &str = "images";
const LAYERS: &str = "images/layers/";
const PACKED: &str = ".tar";

/// Which images a backup has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Images {
    /// Those that were loaded from a file, and cannot be pulled again
    #[default]
    Loaded,
    /// All
    All,
    /// None
    None,
}

/// The images of a data directory, held; `None` if there are none to be copied.
pub(super) fn carried(data_dir: &Path, images: Images) -> Result<Option<Carried>> {
    let which = match images {
        Images::Loaded => Which::Loaded,
        Images::All => Which::Named,
        Images::None => return Ok(None),
    };
    let root = data_dir.join(DIRECTORY);
    if !has_images(data_dir) {
        return Ok(None);
    }
    Ok(Some(Store::open(&root, Config::default())?.carry(which)?))
}

/// Whether there are images in a data directory, of whatever kind.
pub(crate) fn has_images(data_dir: &Path) -> bool {
    let configs = data_dir.join(DIRECTORY).join("configs");
    std::fs::read_dir(configs).is_ok_and(|mut configs| configs.next().is_some())
}

/// The name of a layer in a backup.
pub(super) fn name_of(layer: &str) -> String {
    format!("{LAYERS}{layer}{PACKED}")
}

/// Packs a layer into a new file.
pub(super) fn pack(carried: &Carried, layer: &str, to: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(to).map_err(Error::writing(to))?);
    carried.pack(layer, &mut out)?;
    out.flush().map_err(Error::writing(to))
}

/// The layer that a file of a backup is.
pub(super) fn layer_of(name: &str) -> Option<&str> {
    name.strip_prefix(LAYERS)?.strip_suffix(PACKED)
}

/// Unpacks a layer below a data directory, and reads its archive to the end.
pub(super) fn unpack((into, layer): (&Path, &str), source: &mut dyn Read) -> Result<()> {
    unpack_carried(&into.join(DIRECTORY), layer, &mut *source)?;
    drain(source).map_err(Error::reading(into))
}
