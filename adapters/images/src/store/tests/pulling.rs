//! Pulls from real registries and from one that misbehaves.

use super::registry::{Form, PASSWORD, Registry, USER};
use super::stand_in::{Quirk, StandIn};
use super::*;
use serde_json::json;
use std::os::unix::fs::MetadataExt;
use std::thread;

fn somebody() -> Credentials {
    Credentials::Password { username: USER.into(), password: PASSWORD.into() }
}

fn content(image: &Image) -> String {
    fs::read_to_string(image.layers[0].join("file")).unwrap()
}

#[test]
fn image_of_every_form_is_pulled() {
    let (registry, stage) = (Registry::start(), Stage::with(config()));
    let forms = [("gzip", Form::DockerGzip), ("zstd", Form::OciZstd), ("plain", Form::OciPlain)];
    for (tag, form) in forms {
        registry.push(&small(tag), form, ("team/image", tag));
        let image = stage.store.get(&registry.name(&format!("team/image:{tag}")), None).unwrap();
        assert_eq!((image.id.clone(), content(&image)), (small(tag).id(), tag.to_owned()));
    }
    assert_eq!(stage.counts(), [3, 3, 3]);
}

#[test]
fn image_with_a_shell_has_its_links_and_deletions() {
    let (registry, stage) = (Registry::start(), Stage::with(config()));
    registry.push(&crate::testing::busybox(), Form::DockerGzip, ("busybox", "1"));
    let image = stage.store.get(&registry.name("busybox:1"), None).unwrap();
    let inode = |name: &str| image.layers[0].join(name).metadata().unwrap().ino();
    assert_eq!(inode("bin/sh"), inode("bin/busybox"));
    assert_eq!((image.layers.len(), image.config.cmd.as_slice()), (2, &["sh".to_owned()][..]));
}

#[test]
fn list_of_platforms_gives_this_machines_image() {
    let (registry, stage) = (Registry::start(), Stage::with(config()));
    let platform = |architecture: &str| json!({ "os": "linux", "architecture": architecture });
    let own = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    };
    let mut manifests = Vec::new();
    for (content, architecture) in [("other", "s390x"), ("own", own)] {
        let mut one = registry.push(&small(content), Form::OciPlain, ("image", architecture));
        one["platform"] = platform(architecture);
        manifests.push(one);
    }
    let media_type = "application/vnd.oci.image.index.v1+json";
    let index = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": manifests });
    let listed = registry.put_manifest("image", "all", &index);
    assert_eq!(content(&stage.store.get(&registry.name("image:all"), None).unwrap()), "own");
    let by_digest = format!("image@{}", listed["digest"].as_str().unwrap());
    assert_eq!(content(&stage.store.get(&registry.name(&by_digest), None).unwrap()), "own");
}

#[test]
fn moved_tag_is_noticed_once_it_is_not_fresh() {
    let registry = Registry::start();
    let stage = Stage::with(Config { fresh: Duration::ZERO, ..config() });
    let name = registry.name("image:tag");
    for text in ["first", "second"] {
        registry.push(&small(text), Form::OciPlain, ("image", "tag"));
        assert_eq!(content(&stage.store.get(&name, None).unwrap()), text);
        assert_eq!(content(&stage.store.get(&name, None).unwrap()), text);
    }
    assert_eq!(stage.counts(), [2, 2, 1]);
}

#[test]
fn image_that_is_here_is_used_when_the_registry_is_gone() {
    let registry = Registry::start();
    let stage = Stage::with(Config { fresh: Duration::ZERO, ..config() });
    let (here, not_here) = (registry.name("image:tag"), registry.name("image:other"));
    registry.push(&small("x"), Form::OciPlain, ("image", "tag"));
    drop(stage.store.get(&here, None).unwrap());
    drop(registry);
    assert_eq!(content(&stage.store.get(&here, None).unwrap()), "x");
    let error = stage.store.get(&not_here, None).unwrap_err().chain();
    assert!(error.starts_with("Get \"http://127.0.0.1:") && error.contains("refused"), "{error}");
}

#[test]
fn missing_image_is_told_in_dockers_words() {
    let (registry, stage) = (Registry::start(), Stage::with(config()));
    registry.push(&small("x"), Form::OciPlain, ("image", "tag"));
    let error = stage.store.get(&registry.name("image:other"), None).unwrap_err().chain();
    assert_eq!(
        error,
        format!("manifest for {} not found: manifest unknown: manifest unknown", registry.name("image:other"))
    );
    assert_eq!(stage.counts(), [0, 0, 0]);
}

#[test]
fn protected_registry_lets_the_right_user_in() {
    let registry = Registry::protected();
    registry.push(&small("x"), Form::OciPlain, ("image", "tag"));
    let (stage, name) = (Stage::with(config()), registry.name("image:tag"));
    let refusal = stage.store.get(&name, None).unwrap_err().chain();
    let expected = "repository does not exist or may require 'docker login': no basic auth credentials";
    assert_eq!(refusal, format!("pull access denied for {}/image, {expected}", registry.address));
    let wrong = Credentials::Password { username: USER.into(), password: "wrong".into() };
    assert!(matches!(*stage.store.get(&name, Some(&wrong)).unwrap_err(), Error::Denied { .. }));
    assert_eq!(content(&stage.store.get(&name, Some(&somebody())).unwrap()), "x");
}

#[test]
fn credentials_of_docker_login_are_used() {
    let registry = Registry::protected();
    registry.push(&small("x"), Form::OciPlain, ("image", "tag"));
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("config.json");
    let proof = base64_simd::STANDARD.encode_to_string(format!("{USER}:{PASSWORD}"));
    fs::write(&file, json!({ "auths": { &registry.address: { "auth": proof } } }).to_string()).unwrap();
    let stage = Stage::with(Config { keychain: Keychain { files: vec![file] }, ..config() });
    assert_eq!(content(&stage.store.get(&registry.name("image:tag"), None).unwrap()), "x");
}

#[test]
fn token_is_fetched_where_the_registry_says() {
    let (registry, stage) = (StandIn::start(&small("x"), Quirk::Token), Stage::with(config()));
    assert_eq!(content(&stage.store.get(&registry.name(), Some(&somebody())).unwrap()), "x");
    assert_eq!(registry.count("/token"), 1, "one token serves all requests");
    let other = Stage::with(config());
    assert!(matches!(*other.store.get(&registry.name(), None).unwrap_err(), Error::Denied { .. }));
}

#[test]
fn many_who_ask_at_once_pull_once() {
    const ASKING: usize = 16;
    let (registry, stage) = (StandIn::start(&small("x"), Quirk::None), Stage::with(config()));
    thread::scope(|scope| {
        let asking: Vec<_> =
            (0..ASKING).map(|_| scope.spawn(|| stage.store.get(&registry.name(), None).unwrap())).collect();
        for one in asking {
            assert_eq!(content(&one.join().unwrap()), "x");
        }
    });
    assert_eq!((registry.count("/manifests/"), registry.count("/blobs/")), (1, 2));
}

#[test]
fn download_that_breaks_off_goes_on_from_there() {
    let recipe = Recipe::new(vec![Layer::new().file("file", 0o644, &[b'x'; 100_000]).finish()]);
    let (registry, stage) = (StandIn::start(&recipe, Quirk::Breaks), Stage::with(config()));
    let image = stage.store.get(&registry.name(), None).unwrap();
    assert_eq!(content(&image).len(), 100_000);
    assert!(registry.count("/blobs/") > 3);
}

#[test]
fn download_that_never_goes_on_leaves_nothing() {
    let (registry, stage) = (StandIn::start(&small("x"), Quirk::BreaksForGood), Stage::with(config()));
    assert!(stage.store.get(&registry.name(), None).is_err());
    assert_eq!(stage.counts(), [0, 0, 0]);
    *registry.quirk.lock().unwrap() = Quirk::None;
    assert_eq!(content(&stage.store.get(&registry.name(), None).unwrap()), "x");
}

#[test]
fn content_that_is_not_what_its_digest_says_is_refused() {
    let (registry, stage) = (StandIn::start(&small("content"), Quirk::Lies), Stage::with(config()));
    let error = stage.store.get(&registry.name(), None).unwrap_err();
    assert!(error.to_string().starts_with("filesystem layer verification failed for digest sha256:"), "{error}");
    assert_eq!(stage.counts(), [0, 0, 0]);
}

#[test]
fn overloaded_registry_is_tried_again_and_then_told() {
    let (registry, stage) = (StandIn::start(&small("x"), Quirk::Busy), Stage::with(config()));
    let error = stage.store.get(&registry.name(), None).unwrap_err();
    assert_eq!(error.to_string(), "toomanyrequests: slow down");
    assert_eq!(registry.count("/manifests/"), 3);
}
