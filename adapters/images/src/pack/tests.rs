//! What is packed and unpacked is what it was.

use super::*;
use crate::testing::Layer;
use crate::unpack::unpack;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use tempfile::TempDir;

fn unpacked(archive: &[u8]) -> TempDir {
    let directory = TempDir::new().unwrap();
    unpack(archive, directory.path()).unwrap();
    directory
}

/// Every entry with all that is known of it.
fn told(root: &Path) -> Vec<String> {
    let mut told = Vec::new();
    let mut next = vec![PathBuf::new()];
    while let Some(path) = next.pop() {
        let at = root.join(&path);
        let status = at.symlink_metadata().unwrap();
        let content = if status.is_file() { fs::read(&at).unwrap() } else { Vec::new() };
        let target = fs::read_link(&at).unwrap_or_default();
        let of = (status.mode(), status.uid(), status.gid(), status.rdev(), status.nlink());
        // An archive says nothing of when a name was deleted.
        let is_deletion = status.file_type().is_char_device() && status.rdev() == 0;
        let time = if is_deletion { (0, 0) } else { (status.mtime(), status.mtime_nsec()) };
        told.push(format!("{path:?} {of:?} {time:?} {:?} {content:?} {target:?}", attributes(&at).unwrap()));
        if status.is_dir() {
            next.extend(below(&path, &at).unwrap());
        }
    }
    told
}

fn packed(directory: &TempDir) -> Vec<u8> {
    let mut packed = Vec::new();
    pack(directory.path(), &mut packed).unwrap();
    packed
}

#[test]
fn packed_layer_unpacks_as_it_was() {
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(200));
    let layer = Layer::of_every_kind()
        .file("etc/.wh.gone", 0o644, b"")
        .directory("var", 0o755)
        .file("var/.wh..wh..opq", 0o644, b"")
        .file("var/new", 0o644, b"");
    let first = unpacked(&layer.finish());
    fs::create_dir(first.path().join("d".repeat(120))).unwrap();
    fs::write(first.path().join(&long), "long").unwrap();
    rustix::fs::setxattr(first.path().join("bin/su"), "user.note", b"\0\n=", rustix::fs::XattrFlags::empty()).unwrap();
    let again = unpacked(&packed(&first));
    assert_eq!(told(again.path()), told(first.path()));
    assert!(told(first.path()).iter().any(|entry| entry.contains("user.note")));
    // And the same archive every time.
    assert!(packed(&first) == packed(&again));
}

#[test]
fn empty_layer_packs_to_an_empty_one() {
    let first = unpacked(&Layer::new().finish());
    let again = unpacked(&packed(&first));
    assert_eq!(told(again.path()).len(), 1);
}
