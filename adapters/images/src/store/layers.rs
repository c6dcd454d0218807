//! Layers, each unpacked once: by one thread of this process, into a directory that gets its name when all is well.

use super::Store;
use crate::digest::Hashing;
use crate::{Digest, Error, compression, unpack};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Layers of one image that are fetched and unpacked at once.
const AT_ONCE: usize = 3;

/// Keeps a layer from being removed before its image is linked.
#[derive(Debug)]
pub(super) struct Pin {
    _directory: File,
}

/// A layer to have.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The digest of its plain archive.
    pub(super) layer: Digest,
    /// The digest of the archive as it comes, if that is known.
    pub(super) packed: Option<Digest>,
    /// Its place among the image's layers.
    pub(super) place: usize,
}

/// Opens the archive of a layer, as it comes.
pub(super) type Open<'a> = dyn Fn(&Wanted) -> Result<Box<dyn Read + 'a>, Error> + Sync + 'a;

impl Store {
    fn layer_path(&self, layer: &Digest) -> PathBuf {
        self.root.join("layers").join(layer.hex())
    }

    /// The directory with a layer's files.
    pub(super) fn tree_of(&self, layer: &Digest) -> PathBuf {
        self.layer_path(layer).join("fs")
    }

    /// Gets the layers that are not here, several at once, and pins them all. The first error ends it.
    pub(super) fn have_layers(&self, wanted: &[Wanted], open: &Open<'_>) -> Result<Vec<Arc<Pin>>, Arc<Error>> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut pins = Vec::new();
            while let Some(one) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                match self.have_layer(one, open) {
                    Ok(pin) => pins.push(pin),
                    Err(error) => {
                        next.store(wanted.len(), Ordering::Relaxed);
                        return Err(error);
                    }
                }
            }
            Ok(pins)
        };
        let results = thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_ONCE.min(wanted.len())).map(|_| scope.spawn(work)).collect();
            let join = |worker: thread::ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            workers.into_iter().map(join).collect::<Vec<Result<Vec<_>, _>>>()
        });
        results.into_iter().collect::<Result<Vec<_>, _>>().map(|pins| pins.into_iter().flatten().collect())
    }

    fn have_layer(&self, wanted: &Wanted, open: &Open<'_>) -> Result<Arc<Pin>, Arc<Error>> {
        self.unpacking.share(wanted.layer.hex(), || match self.pin_layer(&wanted.layer) {
            Some(pin) => Ok(Arc::new(pin)),
            None => self.unpack_layer(wanted, open).map(Arc::new).map_err(Arc::new),
        })
    }

    /// Pins a layer that is here.
    fn pin_layer(&self, layer: &Digest) -> Option<Pin> {
        let path = self.layer_path(layer);
        let directory = File::open(&path).ok()?;
        directory.lock_shared().ok()?;
        // It may have been removed while we waited.
        let (held, there) = (directory.metadata().ok()?, path.metadata().ok()?);
        let is_it = (held.dev(), held.ino()) == (there.dev(), there.ino());
        (is_it && path.join("fs").is_dir()).then_some(Pin { _directory: directory })
    }

    fn unpack_layer(&self, wanted: &Wanted, open: &Open<'_>) -> Result<Pin, Error> {
        let workspace = self.workspace()?;
        let directory = workspace.path.join("layer");
        let tree = directory.join("fs");
        fs::create_dir_all(&tree).map_err(Error::store("create", &tree))?;
        let bytes = unpack_verified(wanted, open(wanted)?, &tree)?;
        let size = directory.join("size");
        fs::write(&size, bytes.to_string()).map_err(Error::store("write", size))?;
        let held = File::open(&directory).map_err(Error::store("open", &directory))?;
        // A layer that has its name is whole, even after the machine has lost its power.
        rustix::fs::syncfs(&held).map_err(|errno| Error::store("sync", &directory)(errno.into()))?;
        held.lock_shared().map_err(Error::store("lock", &directory))?;
        let _lock = self.lock()?;
        match fs::rename(&directory, self.layer_path(&wanted.layer)) {
            Ok(()) => Ok(Pin { _directory: held }),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => match self.pin_layer(&wanted.layer) {
                // Another process was quicker; ours goes with the workspace.
                Some(pin) => Ok(pin),
                None => {
                    let damaged = self.layer_path(&wanted.layer);
                    fs::rename(&damaged, workspace.path.join("damaged")).map_err(Error::store("rename", &damaged))?;
                    fs::rename(&directory, &damaged).map_err(Error::store("rename", directory))?;
                    Ok(Pin { _directory: held })
                }
            },
            Err(error) => Err(Error::store("rename", directory)(error)),
        }
    }

    /// About how many bytes a layer takes.
    pub(super) fn layer_bytes(&self, layer: &str) -> u64 {
        bytes_of(&self.root.join("layers").join(layer))
    }
}

/// About how many bytes the layers take of the store in a directory: what their unpacking counted. No locks are taken; where
/// there is no store, there is nothing.
pub fn stored_bytes(root: &Path) -> u64 {
    let layers = fs::read_dir(root.join("layers")).into_iter().flatten().flatten();
    layers.map(|layer| bytes_of(&layer.path())).sum()
}

fn bytes_of(layer: &Path) -> u64 {
    let size = fs::read_to_string(layer.join("size"));
    size.ok().and_then(|size| size.parse().ok()).unwrap_or_default()
}

/// Unpacks a layer and checks both digests. What was unpacked counts for nothing before that.
fn unpack_verified(wanted: &Wanted, source: impl Read, tree: &std::path::Path) -> Result<u64, Error> {
    let broken = |source| Error::Unpack { path: wanted.packed.as_ref().unwrap_or(&wanted.layer).to_string(), source };
    let mut packed = Hashing::new(source);
    let mut plain = Hashing::new(compression::plain(&mut packed).map_err(broken)?);
    let unpacked = unpack::unpack(&mut plain, tree);
    let rest = plain.finish();
    let found = packed.finish();
    // An archive that is not what was asked for cannot be expected to be readable, so that comes first.
    if let (Some(expected), Ok(found)) = (&wanted.packed, found)
        && *expected != found
    {
        return Err(Error::Verification { expected: expected.clone(), found });
    }
    let bytes = unpacked?;
    let found = rest.map_err(broken)?;
    if found == wanted.layer { Ok(bytes) } else { Err(Error::Verification { expected: wanted.layer.clone(), found }) }
}
