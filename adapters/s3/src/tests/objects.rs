//! Objects and buckets one at a time.

use super::*;

#[tokio::test]
async fn delete_of_bucket_with_objects_is_refused_and_keeps_them() {
    let store = Store::new().await;
    store.put("/data/k", "v").await.ok();
    store.delete("/data").await.refused(409, "BucketNotEmpty");
    assert_eq!(store.get("/data/k").await.ok().text(), "v");
    store.delete("/data/k").await.ok();
    store.delete("/data").await.ok();
    store.head("/data").await;
    store.get("/data").await.refused(404, "NoSuchBucket");
}

#[tokio::test]
async fn put_to_missing_bucket_is_refused_and_creates_none() {
    let store = Store::empty();
    store.put("/missing/k", "v").await.refused(404, "NoSuchBucket");
    store.put("/missing/k", noise(100_000)).await.refused(404, "NoSuchBucket");
    assert!(store.get("/").await.ok().all("Name").is_empty());
    assert!(store.content_files().is_empty());
}

#[tokio::test]
async fn key_that_is_prefix_of_another_coexists_with_it() {
    let store = Store::new().await;
    for key in ["a", "a/", "a/b", "a/b/c"] {
        store.put(&format!("/data/{key}"), key).await.ok();
    }
    for key in ["a", "a/", "a/b", "a/b/c"] {
        assert_eq!(store.get(&format!("/data/{key}")).await.ok().text(), key);
    }
}

#[tokio::test]
async fn keys_of_every_shape_are_kept_as_they_are() {
    let store = Store::new().await;
    let long = "x".repeat(1024);
    let odd = ["..", "../up", "a/../b", "a//b", "/lead", "trail/", ".", "a b+c", "ü/日本", "%2F", "\u{1}", &long];
    for key in odd {
        store.put(&format!("/data/{}", urlencoding::encode(key)), key.to_owned()).await.ok();
    }
    for key in odd {
        let path = format!("/data/{}", urlencoding::encode(key));
        assert_eq!(store.get(&path).await.ok().text(), key);
    }
    let listed = store.get("/data?list-type=2&encoding-type=url").await.ok();
    let mut expected: Vec<String> =
        odd.iter().map(|key| key.split('/').map(urlencoding::encode).collect::<Vec<_>>().join("/")).collect();
    expected.sort_by_key(|key| urlencoding::decode(key).unwrap().into_owned());
    assert_eq!(listed.all("Key"), expected);
}

#[tokio::test]
async fn key_over_1024_bytes_is_refused() {
    let store = Store::new().await;
    store.put(&format!("/data/{}", "x".repeat(1025)), "").await.refused(400, "KeyTooLongError");
}

#[tokio::test]
async fn bucket_names_that_s3_forbids_are_refused() {
    let store = Store::empty();
    for name in ["ab", "Upper", "under_score", "192.168.0.1", "dot..dot"] {
        store.put(&format!("/{name}"), "").await.refused(400, "InvalidBucketName");
    }
}

#[tokio::test]
async fn bucket_created_again_succeeds_only_in_default_region() {
    let store = Store::new().await;
    store.put("/data", "").await.ok();
    let elsewhere =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    store.put("/data", elsewhere).await.refused(409, "BucketAlreadyOwnedByYou");
    store.put("/other", elsewhere).await.ok();
    assert!(store.get("/other?location").await.ok().text().contains("eu-west-1"));
}

async fn check_round_trip(length: usize) {
    let store = Store::new().await;
    let bytes = noise(length);
    let put = store.put("/data/k", bytes.clone()).await.ok();
    let get = store.get("/data/k").await.ok();
    assert!(get.body == bytes, "{length} bytes changed on the way");
    assert_eq!(get.header("etag"), put.header("etag"));
    assert_eq!(store.head("/data/k").await.ok().header("content-length"), length.to_string());
}

#[tokio::test]
async fn object_of_any_size_reads_back_equal() {
    for length in [0, 1, 16 << 10, (16 << 10) + 1, 512 << 10, (1 << 20) + 7, 5_000_000] {
        check_round_trip(length).await;
    }
}

#[tokio::test]
async fn replaced_object_releases_its_content() {
    let store = Store::new().await;
    for length in [100_000, 200_000, 10, 300_000] {
        store.put("/data/k", noise(length)).await.ok();
    }
    assert_eq!(store.get("/data/k").await.ok().body.len(), 300_000);
    let Store { directory, endpoint } = store;
    drop(endpoint);
    let _reopened = open(directory.path());
    assert_eq!(content_files(directory.path()).len(), 1);
}

#[tokio::test]
async fn object_replaced_while_read_is_read_to_its_end() {
    let store = Store::new().await;
    let old = noise(3_000_000);
    store.put("/data/k", old.clone()).await.ok();
    let request = Request::get("/data/k").header("host", "127.0.0.1").body(Full::<Bytes>::default()).unwrap();
    let reading = store.endpoint.call(request).await;
    store.put("/data/k", noise(100_000)).await.ok();
    store.delete("/data/k").await.ok();
    assert!(reading.into_body().collect().await.unwrap().to_bytes() == old);
}

#[tokio::test]
async fn ranges_select_bytes_or_are_refused() {
    let store = Store::new().await;
    for (key, length) in [("small", 1000), ("large", 1_000_000)] {
        let (bytes, path) = (noise(length), format!("/data/{key}"));
        store.put(&path, bytes.clone()).await.ok();
        for (range, expected) in [
            ("bytes=0-0", 0..1),
            ("bytes=10-19", 10..20),
            ("bytes=990-", 990..length),
            ("bytes=-5", length - 5..length),
            ("bytes=-9999999", 0..length),
            ("bytes=5-9999999", 5..length),
        ] {
            let part = store.get_with(&path, &[("range", range)]).await.ok();
            assert_eq!(part.status, 206, "{range}");
            assert_eq!(part.body, bytes.slice(expected.clone()), "{range}");
            let described = format!("bytes {}-{}/{length}", expected.start, expected.end - 1);
            assert_eq!(part.header("content-range"), described);
        }
        let beyond = store.get_with(&path, &[("range", "bytes=9999999-")]).await.refused(416, "InvalidRange");
        assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
    }
    store.put("/data/empty", "").await.ok();
    store.get_with("/data/empty", &[("range", "bytes=-1")]).await.refused(416, "InvalidRange");
}

#[tokio::test]
async fn conditional_get_answers_304_and_412() {
    let store = Store::new().await;
    let etag = store.put("/data/k", "v").await.ok().header("etag").to_owned();
    let unchanged = store.get_with("/data/k", &[("if-none-match", &etag)]).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.header("etag")), (304, etag.as_str()));
    store.get_with("/data/k", &[("if-match", "\"other\"")]).await.refused(412, "PreconditionFailed");
    store.get_with("/data/k", &[("if-match", &etag)]).await.ok();
    let past = "Mon, 01 Jan 2001 00:00:00 GMT";
    store.get_with("/data/k", &[("if-unmodified-since", past)]).await.refused(412, "PreconditionFailed");
    store.get_with("/data/k", &[("if-modified-since", past)]).await.ok();
    let modified = store.head("/data/k").await.header("last-modified").to_owned();
    assert_eq!(store.get_with("/data/k", &[("if-modified-since", &modified)]).await.status, 304);
}

#[tokio::test]
async fn conditional_put_creates_or_replaces_only_what_it_expects() {
    let store = Store::new().await;
    let etag = store.put_with("/data/k", &[("if-none-match", "*")], "1").await.ok().header("etag").to_owned();
    store.put_with("/data/k", &[("if-none-match", "*")], "2").await.refused(412, "PreconditionFailed");
    store.put_with("/data/k", &[("if-match", &etag)], "3").await.ok();
    store.put_with("/data/k", &[("if-match", &etag)], "4").await.refused(412, "PreconditionFailed");
    store.put_with("/data/new", &[("if-match", &etag)], "5").await.refused(404, "NoSuchKey");
    assert_eq!(store.get("/data/k").await.text(), "3");
}

#[tokio::test]
async fn concurrent_creations_of_one_key_have_one_winner() {
    let store = Store::new().await;
    let puts = (0..20).map(|i| store.put_with("/data/lock", &[("if-none-match", "*")], format!("{i}")));
    let answers: Vec<Answer> = {
        let mut pending: Vec<_> = puts.map(Box::pin).collect();
        let mut done = Vec::new();
        std::future::poll_fn(|cx| {
            pending.retain_mut(|put| match std::future::Future::poll(put.as_mut(), cx) {
                std::task::Poll::Ready(answer) => {
                    done.push(answer);
                    false
                }
                std::task::Poll::Pending => true,
            });
            if pending.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        done
    };
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 412).count(), 19);
}

#[tokio::test]
async fn metadata_and_headers_come_back() {
    let store = Store::new().await;
    let headers = [
        ("x-amz-meta-colour", "blue"),
        ("content-type", "text/plain"),
        ("cache-control", "no-store"),
        ("content-encoding", "gzip"),
        ("content-disposition", "inline"),
        ("content-language", "de"),
        ("expires", "Tue, 29 Apr 2031 18:30:38 GMT"),
    ];
    store.put_with("/data/k", &headers, "v").await.ok();
    for answer in [store.head("/data/k").await, store.get("/data/k").await] {
        for (name, value) in headers {
            assert_eq!(answer.header(name), value);
        }
    }
    let overridden = store.get("/data/k?response-content-type=text/html&response-cache-control=max-age=1").await;
    assert_eq!((overridden.header("content-type"), overridden.header("cache-control")), ("text/html", "max-age=1"));
}

#[tokio::test]
async fn digests_that_do_not_match_are_refused_and_store_nothing() {
    let store = Store::new().await;
    // Digests of "hello", and zeros: neither body has them.
    let wrong = [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-checksum-crc32c", "AAAAAA=="),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ];
    for body in [noise(10), noise(100_000)] {
        for digest in wrong {
            store.put_with("/data/k", &[digest], body.clone()).await.refused(400, "BadDigest");
            store.get("/data/k").await.refused(404, "NoSuchKey");
        }
    }
    assert!(store.content_files().is_empty());
    store.put_with("/data/k", &[("content-md5", "nonsense")], "v").await.refused(400, "InvalidDigest");
}

#[tokio::test]
async fn right_checksum_is_echoed_and_returned_on_request() {
    let store = Store::new().await;
    let sum = ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    assert_eq!(store.put_with("/data/k", &[sum], "hello").await.ok().header(sum.0), sum.1);
    assert_eq!(store.get_with("/data/k", &[("x-amz-checksum-mode", "ENABLED")]).await.header(sum.0), sum.1);
    assert_eq!(store.get("/data/k").await.header(sum.0), "");
}

#[tokio::test]
async fn chunked_body_is_decoded_and_its_trailer_verified() {
    let store = Store::new().await;
    let put = async |sum: &str| {
        let body =
            format!("5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\nx-amz-checksum-crc32:{sum}\r\n\r\n");
        let headers = [
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "5"),
            ("content-encoding", "aws-chunked"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("authorization", "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, Signature=00"),
        ];
        store.put_with("/data/k", &headers, body).await
    };
    put("AAAAAA==").await.refused(400, "BadDigest");
    put("NhCmhg==").await.ok();
    let get = store.get("/data/k").await.ok();
    assert_eq!((get.text(), get.header("content-encoding")), ("hello", ""));
}

#[tokio::test]
async fn chunked_body_that_ends_early_is_refused() {
    let store = Store::new().await;
    let headers =
        [("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"), ("x-amz-decoded-content-length", "9")];
    store.put_with("/data/k", &headers, "9\r\nhello").await.refused(400, "IncompleteBody");
    store.get("/data/k").await.refused(404, "NoSuchKey");
}

#[tokio::test]
async fn virtual_host_names_the_bucket() {
    let store = Store::new().await;
    store.put("/data/k", "v").await.ok();
    let request = Request::get("/k").header("host", "data.localhost:4566").body(Full::<Bytes>::default()).unwrap();
    let response = store.endpoint.call(request).await;
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "v");
}

#[tokio::test]
async fn copy_keeps_or_replaces_metadata_as_directed() {
    let store = Store::new().await;
    store.put_with("/data/from", &[("x-amz-meta-a", "1"), ("x-amz-tagging", "t=1")], noise(50_000)).await.ok();
    let source = ("x-amz-copy-source", "/data/from");
    store.put_with("/data/to", &[source], "").await.ok();
    let copied = store.get("/data/to").await;
    assert_eq!((copied.body.clone(), copied.header("x-amz-meta-a")), (noise(50_000), "1"));
    assert_eq!(copied.header("x-amz-tagging-count"), "1");

    let replace = ("x-amz-metadata-directive", "REPLACE");
    store.put_with("/data/to", &[source, replace, ("x-amz-meta-b", "2")], "").await.ok();
    let replaced = store.head("/data/to").await;
    assert_eq!((replaced.header("x-amz-meta-a"), replaced.header("x-amz-meta-b")), ("", "2"));

    store.put_with("/data/from", &[source], "").await.refused(400, "InvalidRequest");
    store.put_with("/data/from", &[source, replace], "").await.ok();
    assert_eq!(store.get("/data/from").await.body, noise(50_000));
    store.put_with("/data/to", &[("x-amz-copy-source", "/data/none")], "").await.refused(404, "NoSuchKey");
    let other = ("x-amz-copy-source-if-match", "\"other\"");
    store.put_with("/data/to", &[source, other], "").await.refused(412, "PreconditionFailed");
}

#[tokio::test]
async fn delete_of_many_removes_all_and_reports_each() {
    let store = Store::new().await;
    for key in ["a", "b", "c"] {
        store.put(&format!("/data/{key}"), "v").await.ok();
    }
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object></Delete>";
    assert_eq!(store.post("/data?delete", body).await.ok().all("Key"), ["a", "none"]);
    assert_eq!(store.get("/data").await.all("Key"), ["b", "c"]);
    store.delete("/data/none").await.ok();
}

#[tokio::test]
async fn tags_are_set_read_and_removed() {
    let store = Store::new().await;
    store.put("/data/k", "v").await.ok();
    let tagging = "<Tagging><TagSet><Tag><Key>team</Key><Value>a b</Value></Tag></TagSet></Tagging>";
    store.put("/data/k?tagging", tagging).await.ok();
    assert_eq!(store.get("/data/k?tagging").await.ok().all("Value"), ["a b"]);
    store.delete("/data/k?tagging").await.ok();
    assert!(store.get("/data/k?tagging").await.ok().all("Tag").is_empty());
    let twice: String = (0..11).map(|i| format!("k{i}=v&")).collect();
    store.put_with("/data/k", &[("x-amz-tagging", &twice)], "v").await.refused(400, "InvalidTag");
}
