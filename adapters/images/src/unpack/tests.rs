//! Unpacking, entry by entry.

use super::*;
use crate::testing::Layer;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use tar::Header;
use tempfile::TempDir;

fn unpacked(layer: Layer) -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("fs")).unwrap();
    unpack(layer.finish().as_slice(), &directory.path().join("fs")).unwrap();
    directory
}

fn refusal(layer: Layer) -> String {
    let directory = TempDir::new().unwrap();
    unpack(layer.finish().as_slice(), directory.path()).unwrap_err().chain()
}

fn opaque(path: &Path) -> bool {
    rustix::fs::getxattr(path, "trusted.overlay.opaque", &mut [0_u8; 1][..]).is_ok()
}

#[test]
fn entries_of_every_kind_are_made_with_their_attributes() {
    let layer = Layer::of_every_kind();
    let directory = unpacked(layer);
    let root = directory.path().join("fs");
    let status = |name: &str| root.join(name).symlink_metadata().unwrap();
    assert_eq!(status("bin/su").permissions().mode() & 0o7777, 0o4755);
    assert_eq!(status("bin/su").ino(), status("bin/also-su").ino());
    assert_eq!(status("bin/su").mtime(), 1_000_000_000);
    assert_eq!((status("bin").mode() & 0o7777, status("bin").mtime()), (0o711, 1_000_000_000));
    assert_eq!(fs::read_link(root.join("sh")).unwrap(), Path::new("bin/su"));
    assert_eq!((status("home/worker/file").uid(), status("home/worker/file").gid()), (1000, 2000));
    assert_eq!(status("null").rdev(), rustix::fs::makedev(1, 3));
    assert_eq!(status("home").mode() & 0o7777, 0o755, "a directory that only its content implies");
}

#[test]
fn deletions_become_the_overlays_own() {
    let layer = Layer::new()
        .file("etc/.wh.gone", 0o644, b"")
        .directory("var", 0o755)
        .file("var/.wh..wh..opq", 0o644, b"")
        .file("var/new", 0o644, b"")
        .file(".wh..wh.plnk", 0o644, b"");
    let directory = unpacked(layer);
    let root = directory.path().join("fs");
    assert!(tree::is_whiteout(&root.join("etc/gone")));
    assert!(opaque(&root.join("var")) && !opaque(&root.join("etc")));
    let names: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn deletion_beside_a_new_entry_hides_only_what_is_below() {
    let before = Layer::new().file(".wh.a", 0o644, b"").directory("a", 0o755).file("a/new", 0o644, b"");
    let after = Layer::new().directory("a", 0o755).file("a/new", 0o644, b"").file(".wh.a", 0o644, b"");
    for layer in [before, after] {
        let directory = unpacked(layer);
        let root = directory.path().join("fs");
        assert!(root.join("a/new").is_file() && opaque(&root.join("a")));
    }
}

#[test]
fn later_entry_replaces_the_earlier() {
    let layer = Layer::new()
        .directory("a", 0o755)
        .file("a/inner", 0o644, b"")
        .file("a", 0o644, b"now a file")
        .symlink("b", "/etc")
        .directory("b", 0o755)
        .file("b/inner", 0o644, b"in a directory now");
    let directory = unpacked(layer);
    let root = directory.path().join("fs");
    assert_eq!(fs::read(root.join("a")).unwrap(), b"now a file");
    assert!(root.join("b").symlink_metadata().unwrap().is_dir() && root.join("b/inner").is_file());
}

#[test]
fn path_that_leads_out_is_refused() {
    for name in ["../out", "a/../../out", ".wh...", "a/.wh..", "/../out"] {
        let reason = refusal(Layer::new().directory("a", 0o755).file(name, 0o644, b"x"));
        assert!(reason.starts_with("failed to register layer: "), "{name}: {reason}");
    }
    assert!(refusal(Layer::new().hard_link("in", "../../etc/passwd")).contains("leads out"));
    assert!(refusal(Layer::new().device("x", EntryType::Char, (0, 0))).contains("0:0"));
}

#[test]
fn link_that_leads_out_is_followed_only_inside() {
    let layer = Layer::new()
        .symlink("up", "../..")
        .file("up/escaped", 0o644, b"x")
        .directory("target", 0o755)
        .symlink("absolute", "/target")
        .file("absolute/file", 0o644, b"x")
        .symlink("direct", "../escaped-too")
        .file("direct", 0o644, b"x");
    let directory = unpacked(layer);
    let root = directory.path().join("fs");
    assert!(root.join("escaped").is_file() && root.join("target/file").is_file());
    assert!(root.join("direct").symlink_metadata().unwrap().is_file());
    let outside: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(outside.len(), 1, "{outside:?}");
}

#[test]
fn hard_link_to_a_link_that_leads_out_stays_a_link() {
    let directory = unpacked(Layer::new().symlink("s", "/etc/passwd").hard_link("h", "s"));
    assert!(directory.path().join("fs/h").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn overlays_own_attributes_are_not_taken_from_strangers() {
    let extended: [(&str, &[u8]); 3] =
        [("user.kept", b"1"), ("trusted.overlay.redirect", b"/"), ("user.overlay.opaque", b"y")];
    let directory = unpacked(Layer::new().file_with("file", &extended));
    let mut names = [0_u8; 1000];
    let length = rustix::fs::listxattr(directory.path().join("fs/file"), &mut names[..]).unwrap();
    assert_eq!(&names[..length], b"user.kept\0");
}

#[test]
fn archive_that_is_cut_off_is_an_error() {
    let whole = Layer::new().file("a", 0o644, &[7; 5000]).finish();
    let directory = TempDir::new().unwrap();
    assert!(unpack(&whole[..3000], directory.path()).is_err());
}

#[test]
fn sparse_file_that_claims_to_be_endless_is_refused() {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNUSparse);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.sparse[0].numbytes[..11].copy_from_slice(b"00000000001");
    // Base 256, as GNU tar writes what has no room in octal digits.
    for field in [&mut gnu.realsize, &mut gnu.sparse[0].offset] {
        *field = [0; 12];
        field[0] = 0x80;
        field[4..].copy_from_slice(&(1_u64 << 60).to_be_bytes());
    }
    gnu.sparse[0].offset[4..].copy_from_slice(&((1_u64 << 60) - 1).to_be_bytes());
    let said = refusal(Layer::new().entry("endless", header, b"x"));
    assert!(said.contains("a sparse file of more than 16 GiB"), "{said}");
}
