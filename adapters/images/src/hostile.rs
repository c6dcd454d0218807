//! Hostile images: documents, layers and archives that are damaged. They are unpacked or refused; none ends the program, and
//! none makes more of itself than it has.

use crate::compression::plain;
use crate::image::ImageDocument;
use crate::manifest::Document;
use crate::testing::{Layer, Recipe};
use crate::unpack::unpack;
use crate::{Config, Digest, Keychain, Reference, Store};
use flate2::Compression;
use flate2::write::GzEncoder;
use longshore_hostile::Hostile;
use serde_json::json;
use std::fs;
use std::io::{Read, Write, copy, sink};
use tar::{EntryType, Header};
use tempfile::TempDir;

const DOCUMENTS: usize = 10_000;
const LAYERS: usize = 1_000;
const ARCHIVES: usize = 100;
/// No damaged stream of ours has more in it.
const PLAIN_MAX: u64 = 64 << 20;

const BLOCK: usize = 512;
const MAGIC: std::ops::Range<usize> = 257..262;

fn layer() -> Vec<u8> {
    let layer = Layer::new()
        .directory("bin", 0o755)
        .file("bin/su", 0o4755, b"program")
        .hard_link("bin/also-su", "bin/su")
        .symlink("sh", "bin/su")
        .file("etc/.wh.gone", 0o644, b"")
        .file("var/.wh..wh..opq", 0o644, b"")
        .link(EntryType::Fifo, "pipe", "");
    layer.file_with("tagged", &[("user.a", b"b")]).finish()
}

/// Damaged headers whose sums are right: damage that a sum gives away gets nowhere.
fn resealed(mut archive: Vec<u8>) -> Vec<u8> {
    for block in archive.chunks_exact_mut(BLOCK) {
        if block[MAGIC] == *b"ustar" {
            let mut header = Header::new_old();
            header.as_mut_bytes().copy_from_slice(block);
            header.set_cksum();
            block.copy_from_slice(header.as_bytes());
        }
    }
    archive
}

#[test]
fn hostile_documents_and_names_are_read_or_refused() {
    let digest = Digest::of(b"a").to_string();
    let descriptor = json!({ "mediaType": "m", "digest": digest, "size": 7, "annotations": { "a": "b" },
        "platform": { "architecture": "amd64", "os": "linux", "variant": "v8" } });
    let documents = [
        json!({ "schemaVersion": 2, "config": descriptor, "layers": [descriptor, descriptor] }).to_string(),
        json!({ "schemaVersion": 2, "manifests": [descriptor] }).to_string(),
        String::from_utf8(Recipe::new(vec![layer()]).document()).unwrap(),
    ];
    for input in Hostile::new(1, documents).take(DOCUMENTS) {
        let _read_or_refused = (Document::parse(&input), ImageDocument::parse(&input));
    }
    let names = ["busybox", "localhost:5000/a/b:tag", "ghcr.io/a/b@sha256:", digest.as_str()];
    for text in Hostile::new(2, names).texts().take(DOCUMENTS) {
        let _digest = text.parse::<Digest>();
        if let Ok(reference) = text.parse::<Reference>() {
            assert_eq!(reference.to_string().parse::<Reference>().unwrap(), reference, "{text:?}");
        }
    }
}

#[test]
fn hostile_files_of_credentials_know_somebody_or_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    let keychain = Keychain { files: vec![path.clone()] };
    let reference: Reference = "r.io/team/tool:1".parse().unwrap();
    let files = [
        r#"{"auths":{"r.io":{"auth":"YTpi"},"https://r.io/team":{"username":"t","password":"p"}},"credsStore":"x"}"#,
        r#"{"auths":{"r.io/team/tool":{"identitytoken":"tok","auth":null}},"HttpHeaders":{"A":"b"}}"#,
    ];
    let mut known = 0;
    for input in Hostile::new(3, files).take(DOCUMENTS / 10) {
        fs::write(&path, input).unwrap();
        known += usize::from(keychain.credentials(&reference).is_some());
    }
    assert!(known > DOCUMENTS / 200, "only {known} knew anybody");
}

#[test]
fn hostile_layers_are_unpacked_or_refused() {
    let mut unpacked = 0;
    for input in Hostile::new(3, [layer()]).take(LAYERS) {
        let directory = TempDir::new().unwrap();
        unpacked += usize::from(unpack(resealed(input).as_slice(), directory.path()).is_ok());
    }
    assert!(unpacked > LAYERS / 20 && unpacked < LAYERS, "{unpacked} were unpacked");
}

#[test]
fn hostile_streams_are_decompressed_or_refused() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&layer()).unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(layer().as_slice(), ruzstd::encoding::CompressionLevel::Fastest);
    for input in Hostile::new(4, [gzip.finish().unwrap(), zstd]).take(LAYERS) {
        if let Ok(stream) = plain(input.as_slice()) {
            let read = copy(&mut stream.take(PLAIN_MAX), &mut sink());
            assert!(read.is_err() || read.is_ok_and(|bytes| bytes < PLAIN_MAX));
        }
    }
}

#[test]
fn hostile_archives_are_loaded_or_refused() {
    let recipe = Recipe::new(vec![layer()]);
    let directory = TempDir::new().unwrap();
    let store = Store::open(&directory.path().join("images"), Config::default()).unwrap();
    let path = directory.path().join("archive.tar");
    let mut refused = 0;
    for input in Hostile::new(5, [recipe.docker_archive(&["a:1"]), recipe.oci_archive("b:1")]).take(ARCHIVES) {
        std::fs::write(&path, resealed(input)).unwrap();
        refused += usize::from(store.load(&path, None).is_err());
    }
    assert!(refused > ARCHIVES / 20, "only {refused} were refused");
}
