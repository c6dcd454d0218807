//! Uploads in parts.

use super::*;

const PART_MIN: usize = 5 << 20;

async fn begin(store: &Store, headers: &[(&str, &str)]) -> String {
    let answer = store.call(Method::POST, "/data/k?uploads", headers, "").await.ok();
    answer.all("UploadId")[0].to_owned()
}

async fn upload(store: &Store, id: &str, number: u32, bytes: Bytes) -> String {
    let part = store.put(&format!("/data/k?partNumber={number}&uploadId={id}"), bytes).await.ok();
    part.header("etag").to_owned()
}

async fn complete(store: &Store, id: &str, parts: &[(u32, &str)]) -> Answer {
    let part =
        |(number, etag): &(u32, &str)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    let parts: String = parts.iter().map(part).collect();
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    store.post(&format!("/data/k?uploadId={id}"), body).await
}

#[tokio::test]
async fn parts_with_gaps_in_numbers_become_one_object() {
    let store = Store::new().await;
    let id = begin(&store, &[("x-amz-meta-a", "1")]).await;
    let (first, last) = (noise(PART_MIN), noise(1000));
    let late = upload(&store, &id, 700, last.clone()).await;
    let early = upload(&store, &id, 3, first.clone()).await;
    let unused = upload(&store, &id, 5, noise(7)).await;
    let done = complete(&store, &id, &[(3, &early), (700, &late)]).await.ok();
    assert!(done.all("ETag")[0].trim_end_matches('"').ends_with("-2"), "{}", done.text());
    assert_ne!(unused, late);

    let whole = store.get("/data/k").await.ok();
    assert!(whole.body == [first.clone(), last.clone()].concat());
    assert_eq!(whole.header("x-amz-meta-a"), "1");
    let across = format!("bytes={}-{}", PART_MIN - 1, PART_MIN);
    let across = store.get_with("/data/k", &[("range", &across)]).await.ok();
    assert_eq!(across.body.as_ref(), [first[PART_MIN - 1], last[0]]);
    let part = store.get("/data/k?partNumber=700").await.ok();
    assert_eq!((part.body.clone(), part.header("x-amz-mp-parts-count"), part.status.as_u16()), (last, "2", 206));
    store.get("/data/k?partNumber=4").await.refused(416, "InvalidPartNumber");
    complete(&store, &id, &[(3, &early)]).await.refused(404, "NoSuchUpload");
}

#[tokio::test]
async fn completion_with_wrong_parts_is_refused_and_can_be_repeated() {
    let store = Store::new().await;
    let id = begin(&store, &[]).await;
    let small = upload(&store, &id, 1, noise(10)).await;
    let other = upload(&store, &id, 2, noise(20)).await;
    complete(&store, &id, &[(2, &other), (1, &small)]).await.refused(400, "InvalidPartOrder");
    complete(&store, &id, &[(1, &small), (2, &other)]).await.refused(400, "EntityTooSmall");
    complete(&store, &id, &[(1, &other)]).await.refused(400, "InvalidPart");
    complete(&store, &id, &[(9, &small)]).await.refused(400, "InvalidPart");
    complete(&store, &id, &[]).await.refused(400, "MalformedXML");
    store.get("/data/k").await.refused(404, "NoSuchKey");
    complete(&store, &id, &[(1, &small)]).await.ok();
    assert_eq!(store.get("/data/k").await.ok().body, noise(10));
}

#[tokio::test]
async fn completion_repeated_after_its_answer_was_lost_succeeds() {
    let store = Store::new().await;
    let id = begin(&store, &[]).await;
    let etag = upload(&store, &id, 1, noise(10)).await;
    let first = complete(&store, &id, &[(1, &etag)]).await.ok();
    let again = complete(&store, &id, &[(1, &etag)]).await.ok();
    assert_eq!(first.body, again.body);
    store.put("/data/k", "replaced").await.ok();
    complete(&store, &id, &[(1, &etag)]).await.refused(404, "NoSuchUpload");
}

#[tokio::test]
async fn aborted_upload_is_gone() {
    let store = Store::new().await;
    let id = begin(&store, &[]).await;
    let etag = upload(&store, &id, 1, noise(10)).await;
    store.delete(&format!("/data/k?uploadId={id}")).await.ok();
    complete(&store, &id, &[(1, &etag)]).await.refused(404, "NoSuchUpload");
    let part = format!("/data/k?partNumber=1&uploadId={id}");
    store.put(&part, "late").await.refused(404, "NoSuchUpload");
    assert!(store.get("/data?uploads").await.ok().all("Upload").is_empty());
}

#[tokio::test]
async fn part_that_arrives_again_replaces_the_earlier() {
    let store = Store::new().await;
    let id = begin(&store, &[]).await;
    upload(&store, &id, 1, noise(10)).await;
    let etag = upload(&store, &id, 1, noise(20)).await;
    complete(&store, &id, &[(1, &etag)]).await.ok();
    assert_eq!(store.get("/data/k").await.body, noise(20));
}

#[tokio::test]
async fn parts_and_uploads_are_listed() {
    let store = Store::new().await;
    let id = begin(&store, &[]).await;
    for number in [1, 2, 4] {
        upload(&store, &id, number, noise(10)).await;
    }
    let page = store.get(&format!("/data/k?uploadId={id}&max-parts=2")).await.ok();
    assert_eq!((page.all("PartNumber"), page.all("NextPartNumberMarker")), (vec!["1", "2"], vec!["2"]));
    let rest = store.get(&format!("/data/k?uploadId={id}&part-number-marker=2")).await.ok();
    assert_eq!((rest.all("PartNumber"), rest.all("IsTruncated")), (vec!["4"], vec!["false"]));
    assert_eq!(store.get("/data?uploads").await.ok().all("UploadId"), [id]);
    assert!(store.get("/data?uploads&prefix=z").await.ok().all("UploadId").is_empty());
}

#[tokio::test]
async fn part_copied_from_range_has_those_bytes() {
    let store = Store::new().await;
    let source = noise(100_000);
    store.put("/data/from", source.clone()).await.ok();
    let id = begin(&store, &[]).await;
    let copy = async |range: &str| {
        let headers = [("x-amz-copy-source", "/data/from"), ("x-amz-copy-source-range", range)];
        store.put_with(&format!("/data/k?partNumber=1&uploadId={id}"), &headers, "").await
    };
    copy("bytes=10-100000").await.refused(400, "InvalidArgument");
    let part = copy("bytes=10-59999").await.ok();
    let etag = part.all("ETag")[0].replace("&quot;", "\"");
    complete(&store, &id, &[(1, &etag)]).await.ok();
    assert!(store.get("/data/k").await.body == source.slice(10..60_000));
}

#[tokio::test]
async fn checksums_of_parts_make_that_of_the_object() {
    let store = Store::new().await;
    for (kind, suffix) in [("COMPOSITE", "-2"), ("FULL_OBJECT", "")] {
        let id = begin(&store, &[("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", kind)]).await;
        let first = upload(&store, &id, 1, noise(PART_MIN)).await;
        let second = upload(&store, &id, 2, noise(9)).await;
        let done = complete(&store, &id, &[(1, &first), (2, &second)]).await.ok();
        assert_eq!(done.all("ChecksumType"), [kind]);
        let sum = done.all("ChecksumCRC32")[0];
        assert_eq!(sum.find('-').map_or("", |at| &sum[at..]), suffix);
        let get = store.get_with("/data/k", &[("x-amz-checksum-mode", "ENABLED")]).await;
        assert_eq!(get.header("x-amz-checksum-crc32"), sum);
    }
}

#[tokio::test]
async fn bucket_with_only_an_unfinished_upload_can_be_deleted() {
    let store = Store::new().await;
    let id = begin(&store, &[]).await;
    upload(&store, &id, 1, noise(10)).await;
    store.delete("/data").await.ok();
    store.put("/data", "").await.ok();
    assert!(store.get("/data?uploads").await.ok().all("UploadId").is_empty());
}
