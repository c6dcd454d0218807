//! What a crash leaves: the directory is copied while the server runs, as a power cut would freeze it, and opened.

use std::fs;

use super::*;

/// The directory as a crash at this instant would leave it.
fn crash(store: &Store) -> TempDir {
    let frozen = TempDir::new().unwrap();
    copy(store.root(), frozen.path());
    frozen
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let (entry, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if entry.is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
        }
    }
}

fn reopen(directory: TempDir) -> Store {
    let endpoint = open(directory.path());
    Store { directory, endpoint }
}

#[tokio::test]
async fn crash_after_acknowledgement_keeps_every_object() {
    let store = Store::new().await;
    for i in 0..20_usize {
        store.put(&format!("/data/{i}"), noise(i * 3000)).await.ok();
    }
    store.put("/data/7", noise(77)).await.ok();
    store.delete("/data/8").await.ok();
    let recovered = reopen(crash(&store));
    for i in 0..20_usize {
        let expected = if i == 7 { 77 } else { i * 3000 };
        match i {
            8 => drop(recovered.get("/data/8").await.refused(404, "NoSuchKey")),
            _ => assert!(recovered.get(&format!("/data/{i}")).await.ok().body == noise(expected), "object {i}"),
        }
    }
}

#[tokio::test]
async fn crash_with_orphaned_content_removes_it_and_nothing_else() {
    let store = Store::new().await;
    store.put("/data/kept", noise(100_000)).await.ok();
    let frozen = crash(&store);
    let content = frozen.path().join("content");
    fs::write(content.join("ff").join("00000000000000ff"), "half a body").unwrap();
    fs::write(content.join("00").join("not a content file"), "").unwrap();
    let recovered = reopen(frozen);
    assert_eq!(recovered.content_files().len(), 1);
    assert!(recovered.get("/data/kept").await.ok().body == noise(100_000));
    // The name of the orphan is not used again.
    recovered.put("/data/new", noise(100_000)).await.ok();
    assert!(recovered.content_files().iter().any(|path| path.ends_with("0000000000000100")));
}

#[tokio::test]
async fn crash_during_upload_keeps_the_parts_that_were_acknowledged() {
    let store = Store::new().await;
    let begun = store.post("/data/k?uploads", "").await.ok();
    let id = begun.all("UploadId")[0];
    let part = store.put(&format!("/data/k?partNumber=1&uploadId={id}"), noise(50_000)).await.ok();
    let recovered = reopen(crash(&store));
    let etag = part.header("etag");
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    recovered.post(&format!("/data/k?uploadId={id}"), body).await.ok();
    assert!(recovered.get("/data/k").await.ok().body == noise(50_000));
}

#[tokio::test]
async fn request_dropped_midway_leaves_no_content() {
    let store = Store::new().await;
    let body = http_body_util::StreamBody::new(futures::stream::iter([
        Ok(hyper::body::Frame::data(noise(2_000_000))),
        Err(std::io::Error::other("the client hung up")),
    ]));
    let request = Request::put("/data/k").header("host", "127.0.0.1").body(body).unwrap();
    let response = store.endpoint.call(request).await;
    assert_eq!(response.status(), 400);
    assert!(store.content_files().is_empty());
    store.get("/data/k").await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn store_that_is_held_keeps_replaced_content_until_it_is_let_go() {
    let store = Store::new().await;
    store.put("/data/a", noise(300_000)).await.ok();
    let before = store.content_files();
    let hold = crate::hold(store.root()).unwrap();
    store.put("/data/a", noise(400_000)).await.ok();
    let named = crate::contents(&store.root().join(crate::DATABASE)).unwrap();
    assert_eq!((named.objects, named.files.len()), (1, 1));
    assert!(before.iter().all(|path| path.exists()), "a copy may still need it");
    drop(hold);
    let gone = || before.iter().all(|path| !path.exists());
    while !gone() {
        tokio::task::yield_now().await;
    }
    assert!(store.root().join(&named.files[0]).exists());
}
