//! A layer's archive as a directory that an overlay can have for a lower one. Names in archives are strangers' words: every
//! path is resolved by the kernel inside the directory, as after a `chroot`, so that no link and no `..` leads out of it.
//!
//! - `.wh.NAME` becomes the overlay's whiteout (a character device 0:0), `.wh..wh..opq` its opaque directory.
//! - Owners, modes with setuid bits, times and extended attributes are kept; so are device nodes, where the kernel lets
//!   us make them. The overlay's own attributes are not taken from strangers.

mod attributes;
mod tree;

use crate::Error;
use attributes::Attributes;
pub(crate) use attributes::HEX_PREFIX;
use rustix::fs::{FileType, Mode};
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use tar::{Archive, Entry, EntryType};
use tree::{Place, Tree};

const COPY_BYTES: usize = 256 << 10;
/// What a file takes on a disk is a multiple of this.
const BLOCK_BYTES: u64 = 4 << 10;
/// Sparse files are written out in full, so larger ones are refused.
const SPARSE_MAX: u64 = 16 << 30;
const WHITEOUT: &[u8] = b".wh.";
/// Names that begin so mean something else than the deletion of one entry.
const WHITEOUT_META: &[u8] = b".wh..wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Unpacks an archive into an empty directory and answers about how many bytes that takes.
pub(crate) fn unpack(archive: impl Read, directory: &Path) -> Result<u64, Error> {
    let root = tree::open(directory).map_err(Error::store("open", directory))?;
    let mut unpacking = Unpacking {
        tree: Tree::new(root),
        directories: Vec::new(),
        bytes: 0,
        buffer: vec![0; COPY_BYTES].into_boxed_slice(),
    };
    let at = |path: &Path| {
        let path = path.display().to_string();
        |source| Error::Unpack { path, source }
    };
    let mut archive = Archive::new(archive);
    for entry in archive.entries().map_err(at(Path::new("archive")))? {
        let mut entry = entry.map_err(at(Path::new("archive")))?;
        let path = entry.path().map_err(at(Path::new("archive")))?.into_owned();
        unpacking.take(&mut entry, &path).map_err(at(&path))?;
    }
    unpacking.finish().map_err(at(directory))?;
    Ok(unpacking.bytes)
}

struct Unpacking {
    tree: Tree,
    /// Their attributes are set last: what is made in them would change their times.
    directories: Vec<(PathBuf, Attributes)>,
    bytes: u64,
    buffer: Box<[u8]>,
}

impl Unpacking {
    fn take<R: Read>(&mut self, entry: &mut Entry<'_, R>, path: &Path) -> io::Result<()> {
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
            return Ok(());
        }
        let path = inside(path)?;
        let attributes = Attributes::of(entry)?;
        let Some(name) = path.file_name() else {
            self.directories.push((PathBuf::new(), attributes));
            return Ok(());
        };
        self.bytes += BLOCK_BYTES;
        let place = self.tree.place(path.parent().unwrap_or(Path::new("")), name)?;
        if name.as_bytes().starts_with(WHITEOUT) {
            return self.white_out(&place);
        }
        match kind {
            EntryType::Directory => {
                self.tree.make_directory(&place)?;
                self.directories.push((path, attributes));
                Ok(())
            }
            EntryType::Link => self.link(entry, &place),
            EntryType::Symlink => {
                let target = entry.link_name_bytes().ok_or_else(|| broken("a link to nowhere"))?;
                self.tree.clear(&place)?;
                rustix::fs::symlinkat(OsStr::from_bytes(&target), &place.parent, &place.name)?;
                attributes.set_on_link(&place)
            }
            EntryType::Char | EntryType::Block | EntryType::Fifo => self.make_node(entry, &place, &attributes),
            // Nearly all of it may be a claim: some bytes of archive that stand for any number of zeros.
            EntryType::GNUSparse if entry.size() > SPARSE_MAX => Err(broken("a sparse file of more than 16 GiB")),
            // Everything else is a file, as tar itself has it.
            _ => self.write(entry, &place, &attributes),
        }
    }

    fn write<R: Read>(&mut self, entry: &mut Entry<'_, R>, place: &Place, attributes: &Attributes) -> io::Result<()> {
        self.tree.clear(place)?;
        let mut file = std::fs::File::from(self.tree.create(place)?);
        let mut written = 0;
        loop {
            let count = entry.read(&mut self.buffer)?;
            if count == 0 {
                break;
            }
            file.write_all(&self.buffer[..count])?;
            written += count as u64;
        }
        self.bytes += written.div_ceil(BLOCK_BYTES) * BLOCK_BYTES;
        attributes.set(&OwnedFd::from(file))
    }

    /// A second name for a file of the same layer.
    fn link<R: Read>(&mut self, entry: &Entry<'_, R>, place: &Place) -> io::Result<()> {
        let target = entry.link_name()?.ok_or_else(|| broken("a link to nowhere"))?;
        let target = inside(&target)?;
        let name = target.file_name().ok_or_else(|| broken("a link to the root"))?;
        let parent = target.parent().unwrap_or(Path::new(""));
        if parent.join(name) == place.directory.join(&place.name) {
            return Ok(());
        }
        let directory = self.tree.existing(parent)?;
        self.tree.clear(place)?;
        Ok(rustix::fs::linkat(&directory, name, &place.parent, &place.name, rustix::fs::AtFlags::empty())?)
    }

    /// A device that we may not make is left out: no container of a user without privileges could open it.
    fn make_node<R: Read>(&mut self, entry: &Entry<'_, R>, place: &Place, attributes: &Attributes) -> io::Result<()> {
        let header = entry.header();
        let (kind, is_device) = match header.entry_type() {
            EntryType::Char => (FileType::CharacterDevice, true),
            EntryType::Block => (FileType::BlockDevice, true),
            _ => (FileType::Fifo, false),
        };
        let device = match is_device {
            true => rustix::fs::makedev(
                header.device_major()?.unwrap_or_default(),
                header.device_minor()?.unwrap_or_default(),
            ),
            false => 0,
        };
        if is_device && device == 0 {
            return Err(broken("a device 0:0, which is the overlay's own"));
        }
        self.tree.clear(place)?;
        match rustix::fs::mknodat(&place.parent, &place.name, kind, Mode::empty(), device) {
            Err(rustix::io::Errno::PERM) if is_device => {
                tracing::debug!(name = ?place.name, "a device of an image was left out");
                Ok(())
            }
            Err(error) => Err(error.into()),
            Ok(()) => attributes.set_on_node(place),
        }
    }

    /// Deletes what lower layers have under a name.
    fn white_out(&mut self, place: &Place) -> io::Result<()> {
        let name = place.name.as_bytes();
        if name == OPAQUE {
            return tree::set_opaque(&place.parent);
        }
        if name.starts_with(WHITEOUT_META) {
            return Ok(());
        }
        let deleted = OsStr::from_bytes(&name[WHITEOUT.len()..]);
        if matches!(deleted.as_bytes(), b"" | b"." | b"..") {
            return Err(broken("the deletion of a directory by itself"));
        }
        self.tree.white_out(&Place { name: deleted.to_owned(), ..place.try_clone()? })
    }

    /// The deepest directories first, so that no time is changed after it was set.
    fn finish(&mut self) -> io::Result<()> {
        for (path, attributes) in self.directories.drain(..).rev() {
            // A later entry may have replaced it.
            match self.tree.existing(&path) {
                Ok(directory) => attributes.set(&directory)?,
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The path below the root; one that leads out is refused.
fn inside(path: &Path) -> io::Result<PathBuf> {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => clean.push(name),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir => {
                if !clean.pop() {
                    return Err(broken("a path that leads out of the layer"));
                }
            }
            Component::Prefix(_) => return Err(broken("a path of another system")),
        }
    }
    Ok(clean)
}

#[cfg(test)]
mod tests;
