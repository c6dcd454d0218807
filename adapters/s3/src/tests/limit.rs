//! A store that may hold only so much: what is refused leaves everything as it was, and what goes away makes room.

use super::*;
use crate::Usage;
use std::sync::Arc;

const LIMIT: u64 = 100_000;

struct Limited {
    store: Store,
    usage: Arc<Usage>,
}

async fn limited(limit: u64) -> Limited {
    let directory = TempDir::new().unwrap();
    let (endpoint, usage) = open_limited(directory.path(), limit);
    let store = Store { directory, endpoint };
    store.put("/data", "").await.ok();
    Limited { store, usage }
}

fn open_limited(root: &Path, limit: u64) -> (S3Endpoint, Arc<Usage>) {
    let backend = Backend::open_limited(root, Some(limit)).unwrap();
    let usage = backend.usage();
    (service(backend, Credentials::AcceptAny), usage)
}

#[tokio::test]
async fn object_beyond_the_limit_is_refused_and_changes_nothing() {
    let Limited { store, usage } = limited(LIMIT).await;
    store.put("/data/k", noise(60_000)).await.ok();
    let refusal = store.put("/data/k", noise(60_000 + 1)).await.refused(507, "QuotaExceeded");
    assert!(refusal.text().contains("100000 bytes"), "{}", refusal.text());
    assert!(store.get("/data/k").await.ok().body == noise(60_000));
    assert_eq!((usage.bytes(), store.content_files().len()), (60_000, 1));
    store.put("/data/fits", noise(40_000)).await.ok();
    store.put("/data/small", "x").await.refused(507, "QuotaExceeded");
    store.put("/data/empty", "").await.ok();
    assert_eq!(usage.bytes(), LIMIT);
}

#[tokio::test]
async fn body_of_unknown_length_is_refused_on_its_way_and_leaves_no_file() {
    let Limited { store, usage } = limited(LIMIT).await;
    let body = Full::new(noise(1 << 20));
    let request = Request::builder().method(Method::PUT).uri("/data/k").header("host", "127.0.0.1:4566");
    let response = store.endpoint.call(request.body(body).unwrap()).await;
    assert_eq!(response.status().as_u16(), 507);
    assert_eq!((usage.bytes(), store.content_files()), (0, vec![]));
    store.get("/data/k").await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn what_is_replaced_deleted_or_aborted_makes_room() {
    let Limited { store, usage } = limited(LIMIT).await;
    for size in [30_000, 10, 40_000] {
        store.put("/data/k", noise(size)).await.ok();
        assert_eq!(usage.bytes(), size as u64);
    }
    store.call(Method::PUT, "/data/copy", &[("x-amz-copy-source", "/data/k")], "").await.ok();
    store.call(Method::PUT, "/data/more", &[("x-amz-copy-source", "/data/k")], "").await.refused(507, "QuotaExceeded");
    assert_eq!(usage.bytes(), 80_000);
    store.delete("/data/copy").await.ok();
    let upload = store.call(Method::POST, "/data/m?uploads", &[], "").await.ok().all("UploadId")[0].to_owned();
    let part = format!("/data/m?partNumber=1&uploadId={upload}");
    store.put(&part, noise(20_000)).await.ok();
    store.put(&part, noise(30_000)).await.ok();
    assert_eq!(usage.bytes(), 70_000);
    store.put(&part, noise(30_001)).await.refused(507, "QuotaExceeded");
    store.delete(&format!("/data/m?uploadId={upload}")).await.ok();
    assert_eq!(usage.bytes(), 40_000);
}

#[tokio::test]
async fn refused_write_gives_back_what_had_arrived() {
    let Limited { store, usage } = limited(LIMIT).await;
    let wrong = [("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")];
    store.put_with("/data/k", &wrong, noise(50_000)).await.refused(400, "BadDigest");
    store.put_with("/data/k", &wrong, "small").await.refused(400, "BadDigest");
    assert_eq!(usage.bytes(), 0);
}

#[tokio::test]
async fn store_opened_again_counts_what_it_holds() {
    let Limited { store, usage } = limited(LIMIT).await;
    store.put("/data/file", noise(50_000)).await.ok();
    store.put("/data/inline", noise(100)).await.ok();
    let upload = store.call(Method::POST, "/data/m?uploads", &[], "").await.ok().all("UploadId")[0].to_owned();
    store.put(&format!("/data/m?partNumber=1&uploadId={upload}"), noise(7)).await.ok();
    assert_eq!(usage.bytes(), 50_107);
    let Store { directory, endpoint } = store;
    drop(endpoint);
    // A lower limit refuses what is new and keeps what is there.
    let (endpoint, usage) = open_limited(directory.path(), 1_000);
    let store = Store { directory, endpoint };
    assert_eq!(usage.bytes(), 50_107);
    store.put("/data/x", "x").await.refused(507, "QuotaExceeded");
    store.get("/data/file").await.ok();
    store.delete("/data/file").await.ok();
    store.put("/data/x", "x").await.ok();
}
