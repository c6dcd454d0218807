//! Removal by name, by room and by accident.

use super::*;
use std::time::UNIX_EPOCH;

#[test]
fn last_name_takes_the_image_with_it() {
    let stage = Stage::new();
    stage.load(&small("x"), "a:1");
    stage.load(&small("x"), "a:2");
    assert_eq!(stage.store.remove("a:1").unwrap().images, []);
    assert_eq!(stage.counts(), [1, 1, 1]);
    let removed = stage.store.remove("a:2").unwrap();
    assert_eq!(
        (removed.names.as_slice(), removed.images.as_slice()),
        (&["a:2".to_owned()][..], &[small("x").id()][..])
    );
    assert!(removed.bytes > 0);
    assert_eq!(stage.counts(), [0, 0, 0]);
}

#[test]
fn id_names_an_image_by_its_beginning() {
    let stage = Stage::new();
    let id = stage.load(&small("x"), "a").id;
    assert!(matches!(stage.store.remove(&id.hex()[..5]), Err(Error::Unknown { .. })));
    assert_eq!(stage.store.remove(&id.hex()[..12]).unwrap().images, [id]);
    assert!(matches!(stage.store.remove("a"), Err(Error::Unknown { .. })));
    assert_eq!(stage.counts(), [0, 0, 0]);
}

#[test]
fn image_in_use_is_not_removed_by_any_process() {
    let stage = Stage::new();
    stage.load(&small("used"), "used");
    stage.load(&small("unused"), "unused");
    let image = stage.store.cached(&name("used")).unwrap();
    for store in [&stage.store, &stage.beside()] {
        let error = store.remove("used").unwrap_err();
        assert_eq!(error.to_string(), "the image used is in use: wait for the jobs that run from it, or stop them");
        let in_use = store.list().unwrap().iter().find(|one| one.names == ["used:latest"]).map(|one| one.in_use);
        assert_eq!(in_use, Some(true));
    }
    assert_eq!(stage.beside().prune().unwrap().names, ["unused:latest"]);
    assert!(image.layers[0].join("file").is_file());
    drop(image);
    assert_eq!(stage.beside().prune().unwrap().names, ["used:latest"]);
    assert_eq!(stage.counts(), [0, 0, 0]);
}

#[test]
fn layer_that_another_image_has_stays() {
    let stage = Stage::new();
    let (base, top) = (small("base").layers, Layer::new().file("top", 0o644, b"").finish());
    stage.load(&Recipe::new(base.clone()), "a");
    stage.load(&Recipe::new([base, vec![top]].concat()), "b");
    stage.store.remove("b").unwrap();
    assert_eq!(stage.counts(), [1, 1, 1]);
    assert!(stage.store.cached(&name("a")).is_some());
}

#[test]
fn limit_removes_what_was_not_used_for_longest() {
    let image_bytes = 8 << 10;
    let stage = Stage::with(Config { limit_bytes: Some(2 * image_bytes), ..config() });
    for (age, content) in ["oldest", "older", "new"].into_iter().enumerate() {
        pull(&stage, content);
        let path = stage.store.config_path(&small(content).id());
        let then = UNIX_EPOCH + Duration::from_secs(1_000 + age as u64);
        if path.exists() {
            File::open(path).unwrap().set_modified(then).unwrap();
        }
    }
    let left: Vec<String> = stage.store.list().unwrap().into_iter().flat_map(|image| image.names).collect();
    assert_eq!(left, ["new:latest", "older:latest"]);
    let used = stage.store.cached(&name("older")).unwrap();
    pull(&stage, "newest");
    let left: Vec<String> = stage.store.list().unwrap().into_iter().flat_map(|image| image.names).collect();
    assert!(left.contains(&"older:latest".into()) && left.len() == 2, "{left:?}");
    drop(used);
}

/// As if a registry had it under that name.
fn pull(stage: &Stage, content: &str) {
    let image = stage.load(&small(content), content).id;
    let name = names::Name { reference: name(content).to_string(), manifest: Some(image.clone()), image };
    stage.store.write_name(&stage.store.workspace().unwrap(), &name).unwrap();
    stage.store.make_room().unwrap();
}

#[test]
fn limit_leaves_alone_what_cannot_be_pulled_again() {
    let stage = Stage::with(Config { limit_bytes: Some(0), ..config() });
    stage.load(&small("loaded"), "loaded");
    pull(&stage, "pulled");
    let left: Vec<String> = stage.store.list().unwrap().into_iter().flat_map(|image| image.names).collect();
    assert_eq!(left, ["loaded:latest"]);
    assert_eq!(stored_bytes(&stage.store.root), stage.store.total_bytes().unwrap());
}

#[test]
fn store_is_examined_whole_and_each_damage_is_found() {
    let stage = Stage::new();
    let check = |damaged: usize, stray: usize| {
        let found = examine(&stage.store.root).unwrap();
        assert_eq!((found.damaged.len(), found.stray.len()), (damaged, stray), "{found:?}");
    };
    stage.load(&small("x"), "a");
    check(0, 0);
    let layer = stage.store.tree_of(&Digest::of(&small("x").layers[0]));
    let layer = layer.parent().unwrap();
    let config = stage.store.config_path(&small("x").id());
    let moved = |path: &Path| {
        let aside = stage.path("aside");
        fs::rename(path, &aside).unwrap();
        move |path: &Path| fs::rename(aside, path).unwrap()
    };
    let back = moved(&layer.join("fs"));
    check(1, 0);
    back(&layer.join("fs"));
    let back = moved(&layer.join("size"));
    check(1, 0);
    back(&layer.join("size"));
    let back = moved(layer);
    check(1, 0);
    back(layer);
    // A name that leads nowhere, and a layer that nobody has.
    let back = moved(&config);
    check(1, 1);
    let pinned = File::open(layer).unwrap();
    pinned.lock_shared().unwrap();
    check(1, 0);
    drop(pinned);
    back(&config);
    check(0, 0);
    fs::write(&config, "{}").unwrap();
    check(1, 1);
}

#[test]
fn unfinished_work_of_the_dead_is_removed_and_of_the_living_stays() {
    let stage = Stage::new();
    let living = stage.store.workspace().unwrap();
    let dead = stage.store.root.join("partial/1-1");
    fs::create_dir_all(dead.join("layer/fs/deep")).unwrap();
    let _next = stage.beside();
    assert!(!dead.exists() && living.path.exists());
    drop(living);
    assert_eq!(stage.counts(), [0, 0, 0]);
}

#[test]
fn damaged_image_is_not_used_until_it_comes_again() {
    let stage = Stage::new();
    stage.load(&small("x"), "a");
    let layer = stage.store.tree_of(&Digest::of(&small("x").layers[0]));
    fs::remove_dir_all(layer).unwrap();
    assert!(stage.store.cached(&name("a")).is_none());
    stage.load(&small("x"), "a");
    assert!(stage.store.cached(&name("a")).is_some());
}
