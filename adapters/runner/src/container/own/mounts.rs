//! Mounts of a document as steps: what is of the host is copied now, what is new is made by the container's first process.

use super::document::Mount;
use crate::container::failure::Failure;
use crate::failure::text;
use crate::sys::contained::{copy_tree, keep_apart, set_attributes};
use crate::sys::step::{FileSystem, Place, Step};
use rustix::fs::FileType;
use rustix::io::Errno;
use rustix::mount::MountAttrFlags;
use std::ffi::{CString, NulError};

/// Words for the same attribute, and whether they set or clear it.
const ATTRIBUTES: [(&str, MountAttrFlags, bool); 14] = [
    ("ro", MountAttrFlags::MOUNT_ATTR_RDONLY, true),
    ("rw", MountAttrFlags::MOUNT_ATTR_RDONLY, false),
    ("nosuid", MountAttrFlags::MOUNT_ATTR_NOSUID, true),
    ("suid", MountAttrFlags::MOUNT_ATTR_NOSUID, false),
    ("nodev", MountAttrFlags::MOUNT_ATTR_NODEV, true),
    ("dev", MountAttrFlags::MOUNT_ATTR_NODEV, false),
    ("noexec", MountAttrFlags::MOUNT_ATTR_NOEXEC, true),
    ("exec", MountAttrFlags::MOUNT_ATTR_NOEXEC, false),
    ("noatime", MountAttrFlags::MOUNT_ATTR_NOATIME, true),
    ("atime", MountAttrFlags::MOUNT_ATTR_NOATIME, false),
    ("strictatime", MountAttrFlags::MOUNT_ATTR_STRICTATIME, true),
    ("nostrictatime", MountAttrFlags::MOUNT_ATTR_STRICTATIME, false),
    ("nodiratime", MountAttrFlags::MOUNT_ATTR_NODIRATIME, true),
    ("diratime", MountAttrFlags::MOUNT_ATTR_NODIRATIME, false),
];

/// Words without effect here: nothing that is mounted in a container is seen elsewhere, whatever it is called.
const WITHOUT_EFFECT: [&str; 11] = [
    "defaults",
    "private",
    "rprivate",
    "shared",
    "rshared",
    "slave",
    "rslave",
    "unbindable",
    "runbindable",
    "relatime",
    "norelatime",
];

/// What the options of a mount come to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    attributes: u32,
    is_bind: bool,
    is_recursive: bool,
    /// For the file system itself.
    own: Vec<(String, Option<String>)>,
}

impl Options {
    fn read(mount: &Mount) -> Self {
        let mut options = Self { is_bind: mount.kind == "bind", ..Self::default() };
        for option in &mount.options {
            match option.as_str() {
                "bind" => options.is_bind = true,
                "rbind" => (options.is_bind, options.is_recursive) = (true, true),
                word if WITHOUT_EFFECT.contains(&word) => {}
                word => options.add(word),
            }
        }
        options
    }

    fn add(&mut self, word: &str) {
        match ATTRIBUTES.iter().find(|(name, ..)| *name == word) {
            Some((_, attribute, true)) => self.attributes |= attribute.bits(),
            Some((_, attribute, false)) => self.attributes &= !attribute.bits(),
            None => self.own.push(match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word.to_owned(), None),
            }),
        }
    }
}

pub(super) fn step(mount: &Mount) -> Result<Step, Failure> {
    let options = Options::read(mount);
    let nul = |error: NulError| refused(mount, &error.to_string());
    if !options.is_bind {
        let place = place(&mount.destination, false).map_err(nul)?;
        return Ok(Step::FileSystem(file_system(mount, options).map_err(nul)?, place));
    }
    let source = CString::new(mount.source.as_str()).map_err(nul)?;
    let tree = copy_tree(&source, options.is_recursive).map_err(|errno| refused(mount, &text(errno)))?;
    let because = |errno: Errno| refused(mount, &text(errno));
    keep_apart(&tree).map_err(because)?;
    if options.attributes != 0 {
        let attributes = MountAttrFlags::from_bits_retain(options.attributes);
        set_attributes(&tree, c"", attributes).map_err(because)?;
    }
    let mode = rustix::fs::fstat(&tree).map_err(because)?.st_mode;
    let is_file = FileType::from_raw_mode(mode) != FileType::Directory;
    Ok(Step::Tree(tree, place(&mount.destination, is_file).map_err(nul)?))
}

fn refused(mount: &Mount, error: &str) -> Failure {
    let error = format!("{} at {}: {error}", mount.source, mount.destination);
    Failure::Create { what: "mount", error }
}

fn file_system(mount: &Mount, options: Options) -> Result<FileSystem, NulError> {
    let source = [("source".to_owned(), Some(mount.source.clone()))];
    let option =
        |(name, value): (String, Option<String>)| Ok((CString::new(name)?, value.map(CString::new).transpose()?));
    Ok(FileSystem {
        kind: CString::new(mount.kind.as_str())?,
        options: source.into_iter().chain(options.own).map(option).collect::<Result<_, _>>()?,
        attributes: MountAttrFlags::from_bits_retain(options.attributes),
    })
}

/// The place with an absolute path, and the way there.
pub(super) fn place(path: &str, is_file: bool) -> Result<Place, NulError> {
    let mut way = Vec::new();
    let mut directory = String::from("/");
    for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
        way.push((CString::new(directory.as_str())?, CString::new(name)?));
        directory.extend([name, "/"]);
    }
    Ok(Place { path: CString::new(path)?, way, is_file })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str]) -> Options {
        let options = words.iter().map(|&word| word.to_owned()).collect();
        Options::read(&Mount { destination: "/x".into(), kind: "tmpfs".into(), source: "tmpfs".into(), options })
    }

    #[test]
    fn option_is_an_attribute_or_the_file_systems_own() {
        let read = options(&["nosuid", "ro", "rw", "size=3m", "mode=1777", "sync", "rprivate"]);
        assert_eq!(read.attributes, MountAttrFlags::MOUNT_ATTR_NOSUID.bits());
        let own = [("size", Some("3m")), ("mode", Some("1777")), ("sync", None)];
        assert_eq!(read.own, own.map(|(name, value)| (name.to_owned(), value.map(str::to_owned))));
        assert!(!read.is_bind && options(&["rbind"]).is_recursive);
    }

    #[test]
    fn way_to_a_place_names_every_directory() {
        let place = place("/a/./b//c", true).unwrap();
        let way: Vec<_> = place.way.iter().map(|(at, name)| (at.to_str().unwrap(), name.to_str().unwrap())).collect();
        assert_eq!(way, [("/", "a"), ("/a/", "b"), ("/a/b/", "c")]);
    }
}
