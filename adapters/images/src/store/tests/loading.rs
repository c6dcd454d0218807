//! Images from files.

use super::*;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

fn load(stage: &Stage, archive: &[u8], name: Option<&Reference>) -> Result<Vec<Loaded>, Arc<Error>> {
    let path = stage.path("archive");
    fs::write(&path, archive).unwrap();
    stage.store.load(&path, name)
}

fn file_of(stage: &Stage, name_: &str) -> String {
    let image = stage.store.cached(&name(name_)).unwrap();
    fs::read_to_string(image.layers[0].join("file")).unwrap()
}

#[test]
fn archive_of_either_form_is_loaded_under_its_name() {
    let stage = Stage::new();
    let loaded = load(&stage, &small("docker").docker_archive(&["a:1", "b"]), None).unwrap();
    assert_eq!(loaded, [Loaded { id: small("docker").id(), names: vec!["a:1".into(), "b:latest".into()] }]);
    load(&stage, &small("oci").oci_archive("r.example/c:2"), None).unwrap();
    assert_eq!((file_of(&stage, "b"), file_of(&stage, "r.example/c:2")), ("docker".into(), "oci".into()));
    assert_eq!(stage.counts(), [2, 2, 3]);
}

#[test]
fn compressed_archive_without_a_name_gets_the_given_one() {
    let stage = Stage::new();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&small("x").oci_archive("latest")).unwrap();
    let loaded = load(&stage, &gzip.finish().unwrap(), Some(&name("given:1"))).unwrap();
    assert_eq!(loaded[0].names, ["given:1"]);
    assert_eq!(file_of(&stage, "given:1"), "x");
    assert_eq!(stage.counts(), [1, 1, 1]);
}

#[test]
fn layers_of_several_images_are_unpacked_once() {
    let stage = Stage::new();
    let (base, top) = (small("base").layers, Layer::new().file("top", 0o644, b"").finish());
    stage.load(&Recipe::new(base.clone()), "a");
    stage.load(&Recipe::new([base, vec![top]].concat()), "b");
    assert_eq!(stage.counts(), [2, 2, 2]);
    assert_eq!(stage.store.cached(&name("b")).unwrap().layers.len(), 2);
}

#[test]
fn layer_that_is_not_what_the_configuration_says_leaves_nothing() {
    let stage = Stage::new();
    let mut archive = small("right").docker_archive(&["a"]);
    let place = archive.windows(5).position(|window| window == b"right").unwrap();
    archive[place..place + 5].copy_from_slice(b"wrong");
    let error = load(&stage, &archive, None).unwrap_err();
    assert!(matches!(*error, Error::Verification { .. }), "{error}");
    assert_eq!(stage.counts(), [0, 0, 0]);
}

#[test]
fn file_that_is_no_archive_says_so() {
    let stage = Stage::new();
    let error = load(&stage, &Layer::new().file("x", 0o644, b"").finish(), None).unwrap_err();
    assert!(error.to_string().ends_with("it has neither manifest.json nor index.json"), "{error}");
    assert!(load(&stage, b"not a tar file", None).is_err());
    assert_eq!(stage.counts(), [0, 0, 0]);
}
