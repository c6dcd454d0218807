//! The store: images by name, in one directory that any number of processes may share.
//!
//! ```text
//! lock              held while names, configurations or layers come to be linked or are taken away: moments only
//! names/H           a name (H: its digest): the image it stands for, and since when that is known
//! configs/H         an image: its configuration, under its digest; its time is that of its last use
//! layers/H/fs       a layer unpacked, under the digest of its archive; `size` beside it
//! partial/P-N/      work in progress of process P, locked by it
//! ```
//!
//! Locks, in the order in which they are taken: `lock`; a configuration (shared by those who use the image, exclusive to
//! remove it); a layer's directory (shared by a pull until the configuration is linked, exclusive to remove it). Exclusive
//! ones are only ever tried, never waited for, and let go at once, so nobody waits for one another in a circle.

mod carry;
mod examine;
mod layers;
mod load;
mod names;
mod pull;
mod removal;
mod workspace;

pub use carry::{Carried, Which, unpack_carried};
pub use examine::{Examined, examine};
pub use layers::stored_bytes;
pub use load::Loaded;
pub use removal::{Removed, Summary};

use crate::error::Error;
use crate::flights::Flights;
use crate::image::{Image, ImageDocument, distinct};
use crate::registry::Client;
use crate::{Digest, Keychain};
use layers::Pin;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

/// How long a tag is taken to stand for the same image before the registry is asked again.
const FRESH: Duration = Duration::from_secs(60);

/// How a store behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// About how many bytes of layers are kept; beyond it what was not used for longest goes, unless it is in use.
    pub limit_bytes: Option<u64>,
    /// Registries (`host:port`) without encryption. Those on this machine never have any.
    pub plain_registries: Vec<String>,
    /// Where credentials are looked for.
    pub keychain: Keychain,
    /// How long a tag is taken to stand for the same image before the registry is asked again.
    pub fresh: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self { limit_bytes: None, plain_registries: Vec::new(), keychain: Keychain::of_user(), fresh: FRESH }
    }
}

/// Images on this host.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    config: Config,
    client: Client,
    pulls: Flights<Result<Arc<Image>, Arc<Error>>>,
    unpacking: Flights<Result<Arc<Pin>, Arc<Error>>>,
    /// What this process holds, so that each image is locked once, however many containers run from it.
    held: Mutex<BTreeMap<Digest, Weak<Image>>>,
}

impl Store {
    /// Opens the store in a directory and removes what dead processes left unfinished there.
    pub fn open(root: &Path, config: Config) -> Result<Self, Error> {
        for name in ["names", "configs", "layers", "partial"] {
            let path = root.join(name);
            fs::create_dir_all(&path).map_err(Error::store("create", path))?;
        }
        let store = Self {
            root: root.canonicalize().map_err(Error::store("open", root))?,
            client: Client::new(config.plain_registries.clone()),
            config,
            pulls: Flights::default(),
            unpacking: Flights::default(),
            held: Mutex::default(),
        };
        store.remove_leftovers()?;
        Ok(store)
    }

    /// Keeps others from linking and removing, for a moment.
    fn lock(&self) -> Result<File, Error> {
        let path = self.root.join("lock");
        let file = File::options().write(true).create(true).truncate(false).open(&path);
        let locked = file.and_then(|file| file.lock().map(|()| file));
        locked.map_err(Error::store("lock", path))
    }

    fn config_path(&self, image: &Digest) -> PathBuf {
        self.root.join("configs").join(image.hex())
    }

    /// An image that is here, whole; none if it is not, or is being removed.
    fn held_image(&self, id: &Digest) -> Result<Option<Arc<Image>>, Error> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(image) = held.get(id).and_then(Weak::upgrade) {
            return Ok(Some(image));
        }
        let image = self.open_image(id)?.map(Arc::new);
        held.retain(|_, image| image.strong_count() > 0);
        if let Some(image) = &image {
            held.insert(id.clone(), Arc::downgrade(image));
        }
        Ok(image)
    }

    fn open_image(&self, id: &Digest) -> Result<Option<Image>, Error> {
        let path = self.config_path(id);
        let pin = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(Error::store("open", &path))?,
        };
        pin.lock_shared().map_err(Error::store("lock", &path))?;
        if pin.metadata().is_ok_and(|metadata| metadata.nlink() == 0) {
            return Ok(None);
        }
        let bytes = io::read_to_string(&pin).map_err(Error::store("read", &path))?;
        let document = ImageDocument::parse(bytes.as_bytes())?;
        let layers: Vec<PathBuf> = distinct(document.layers()).into_iter().map(|layer| self.tree_of(layer)).collect();
        if Digest::of(bytes.as_bytes()) != *id || !layers.iter().all(|layer| layer.is_dir()) {
            tracing::warn!(image = %id, "an image in the store is damaged; it will be pulled again");
            return Ok(None);
        }
        let _its_last_use_stays_older = pin.set_modified(SystemTime::now());
        Ok(Some(Image { id: id.clone(), config: document.into_config(), layers, _pin: pin }))
    }

    /// Links an image whose layers are here and pinned. The lock makes sure that nobody, having looked before, takes a
    /// layer away afterwards.
    fn link_image(&self, config: &[u8], name: Option<&names::Name>) -> Result<Arc<Image>, Error> {
        let id = Digest::of(config);
        let workspace = self.workspace()?;
        let _lock = self.lock()?;
        let path = self.config_path(&id);
        if !path.exists() {
            workspace.write_to("config", config, &path)?;
        }
        if let Some(name) = name {
            self.write_name(&workspace, name)?;
        }
        self.held_image(&id)?.ok_or_else(|| Error::store("open", path)(io::ErrorKind::NotFound.into()))
    }
}

#[cfg(test)]
mod tests;
