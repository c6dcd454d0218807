//! An unpacked layer as an archive again: one that `unpack` makes the same directory of, with owners, times, links, devices,
//! attributes and deletions. It is not the archive that the layer came as, byte for byte: digests do not match.

use crate::Error;
use crate::unpack::HEX_PREFIX;
use rustix::fs::{Stat, lgetxattr, llistxattr, major, makedev, minor};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

const WHITEOUT: &str = ".wh.";
const OPAQUE: &str = ".wh..wh..opq";
/// The overlay's own: an opaque directory is written as what it means, the others are not from an archive.
const OVERLAY: [&str; 2] = ["trusted.overlay.", "user.overlay."];
const XATTR_PREFIX: &str = "SCHILY.xattr.";
/// More than a name or a value of an attribute may take on Linux.
const ATTRIBUTE_BYTES: usize = 64 << 10;

type Attributes = Vec<(String, Vec<u8>)>;

/// Writes everything below `tree`.
pub(crate) fn pack(tree: &Path, out: impl Write) -> Result<(), Error> {
    let mut packing = Packing { tree, out: Builder::new(out), links: BTreeMap::new() };
    let mut next = vec![PathBuf::new()];
    while let Some(path) = next.pop() {
        let failed = |source| Error::Pack { path: tree.join(&path), source };
        let below = packing.entry(&path).map_err(failed)?;
        next.extend(below.into_iter().rev());
    }
    packing.out.finish().map_err(|source| Error::Pack { path: tree.to_owned(), source })
}

struct Packing<'a, W: Write> {
    tree: &'a Path,
    out: Builder<W>,
    /// Files with several names, by device and number.
    links: BTreeMap<(u64, u64), PathBuf>,
}

impl<W: Write> Packing<'_, W> {
    /// Writes one entry, and answers what is in it if it is a directory: in order, as this has to come after it.
    fn entry(&mut self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let at = self.tree.join(path);
        let status = rustix::fs::lstat(&at)?;
        let kind = rustix::fs::FileType::from_raw_mode(status.st_mode);
        if kind == rustix::fs::FileType::CharacterDevice && status.st_rdev == makedev(0, 0) {
            return self.deletion(path, WHITEOUT).map(|()| Vec::new());
        }
        if !kind.is_dir() && status.st_nlink > 1 {
            if let Some(first) = self.links.get(&(status.st_dev, status.st_ino)).cloned() {
                let mut header = header(&status, EntryType::Link);
                return self.out.append_link(&mut header, path, first).map(|()| Vec::new());
            }
            self.links.insert((status.st_dev, status.st_ino), path.to_owned());
        }
        let (attributes, is_opaque) = attributes(&at)?;
        self.extensions(&status, &attributes)?;
        // Of the root, only its own attributes are written.
        let name = if path.as_os_str().is_empty() { Path::new("./") } else { path };
        self.body(name, &at, (kind, &status))?;
        if is_opaque {
            self.deletion(&path.join(OPAQUE), "")?;
        }
        if kind.is_dir() { below(path, &at) } else { Ok(Vec::new()) }
    }

    fn body(&mut self, name: &Path, at: &Path, (kind, status): (rustix::fs::FileType, &Stat)) -> io::Result<()> {
        use rustix::fs::FileType;
        match kind {
            FileType::Symlink => {
                self.out.append_link(&mut header(status, EntryType::Symlink), name, fs::read_link(at)?)
            }
            FileType::RegularFile => {
                let mut header = header(status, EntryType::Regular);
                let file = File::open(at)?;
                header.set_size(file.metadata()?.len());
                self.out.append_data(&mut header, name, file)
            }
            FileType::Directory => {
                let mut header = header(status, EntryType::Directory);
                self.out.append_data(&mut header, name, io::empty())
            }
            _ => self.node(name, (kind, status)),
        }
    }

    fn node(&mut self, name: &Path, (kind, status): (rustix::fs::FileType, &Stat)) -> io::Result<()> {
        use rustix::fs::FileType;
        let entry = match kind {
            FileType::CharacterDevice => EntryType::Char,
            FileType::BlockDevice => EntryType::Block,
            FileType::Fifo => EntryType::Fifo,
            // No archive has made a socket.
            _ => return Ok(()),
        };
        let mut header = header(status, entry);
        if kind != FileType::Fifo {
            header.set_device_major(major(status.st_rdev))?;
            header.set_device_minor(minor(status.st_rdev))?;
        }
        self.out.append_data(&mut header, name, io::empty())
    }

    /// An entry that says that lower layers' names are gone.
    fn deletion(&mut self, path: &Path, prefix: &str) -> io::Result<()> {
        let mut name = OsString::from(prefix);
        name.push(path.file_name().unwrap_or_default());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(0);
        self.out.append_data(&mut header, path.with_file_name(name), io::empty())
    }

    /// What a header has no room for.
    fn extensions(&mut self, status: &Stat, attributes: &Attributes) -> io::Result<()> {
        let time = format!("{}.{:09}", status.st_mtime, status.st_mtime_nsec);
        let time = (status.st_mtime >= 0).then_some(("mtime", time.as_bytes()));
        let attributes = attributes.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        self.out.append_pax_extensions(time.into_iter().chain(attributes))
    }
}

fn header(status: &Stat, kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(status.st_mode & 0o7777);
    header.set_uid(status.st_uid.into());
    header.set_gid(status.st_gid.into());
    header.set_mtime(u64::try_from(status.st_mtime).unwrap_or(0));
    header.set_size(0);
    header
}

fn below(path: &Path, at: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(at)?.map(|entry| Ok(path.join(entry?.file_name())));
    let mut below = entries.collect::<io::Result<Vec<_>>>()?;
    below.sort_unstable();
    Ok(below)
}

/// The attributes of a file, as an archive names them, and whether it is a directory that hides what is below.
fn attributes(at: &Path) -> io::Result<(Attributes, bool)> {
    let (mut found, mut is_opaque) = (Attributes::new(), false);
    let mut names = vec![0_u8; ATTRIBUTE_BYTES];
    let length = match llistxattr(at, &mut names[..]) {
        Err(rustix::io::Errno::OPNOTSUPP) => 0,
        length => length?,
    };
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = OsString::from_vec(name.to_vec());
        let Some(text) = name.to_str() else { continue };
        if OVERLAY.iter().any(|own| text.starts_with(own)) {
            is_opaque |= text.ends_with("overlay.opaque");
            continue;
        }
        let mut value = vec![0_u8; ATTRIBUTE_BYTES];
        let length = lgetxattr(at, name.as_bytes(), &mut value[..])?;
        value.truncate(length);
        found.push(match value.contains(&b'\n') {
            false => (format!("{XATTR_PREFIX}{text}"), value),
            true => (format!("{HEX_PREFIX}{text}"), hex(&value)),
        });
    }
    Ok((found, is_opaque))
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

#[cfg(test)]
mod tests;
