//! Listings over HTTP; what they return for any set of keys is shown in `listing::tests`.

use super::*;

async fn with_keys(keys: &[&str]) -> Store {
    let store = Store::new().await;
    for key in keys {
        store.put(&format!("/data/{}", urlencoding::encode(key)), "v").await.ok();
    }
    store
}

#[tokio::test]
async fn listing_rolls_up_at_delimiter() {
    let store = with_keys(&["a", "b/1", "b/2", "c/1"]).await;
    let listed = store.get("/data?list-type=2&delimiter=/").await.ok();
    assert_eq!(listed.all("Key"), ["a"]);
    assert_eq!(listed.all("CommonPrefixes"), ["<Prefix>b/</Prefix>", "<Prefix>c/</Prefix>"]);
    assert_eq!(listed.all("KeyCount"), ["3"]);
    assert_eq!(store.get("/data?list-type=2&delimiter=/&prefix=b/").await.all("Key"), ["b/1", "b/2"]);
}

#[tokio::test]
async fn listing_version_2_pages_to_the_end() {
    let keys: Vec<String> = (0..25).map(|i| format!("k{i:02}")).collect();
    let store = with_keys(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let page = store.get(&format!("/data?list-type=2&max-keys=10{token}")).await.ok();
        seen.extend(page.all("Key").into_iter().map(str::to_owned));
        let Some(next) = page.all("NextContinuationToken").first().copied() else { break };
        token = format!("&continuation-token={next}");
    }
    assert_eq!(seen, keys);
    assert_eq!(store.get("/data?list-type=2&start-after=k22").await.all("Key"), ["k23", "k24"]);
}

#[tokio::test]
async fn listing_version_1_marks_its_next_page() {
    let store = with_keys(&["a/1", "a/2", "b/1", "c"]).await;
    let page = store.get("/data?delimiter=/&max-keys=1").await.ok();
    assert_eq!((page.all("NextMarker"), page.all("IsTruncated")), (vec!["a/"], vec!["true"]));
    let rest = store.get("/data?delimiter=/&marker=a/").await.ok();
    assert_eq!((rest.all("Key"), rest.all("CommonPrefixes")), (vec!["c"], vec!["<Prefix>b/</Prefix>"]));
}

#[tokio::test]
async fn listing_encodes_names_when_asked() {
    let store = with_keys(&["a b/ü&1"]).await;
    let listed = store.get("/data?list-type=2&encoding-type=url&prefix=a%20b/").await.ok();
    assert_eq!(listed.all("Key"), ["a%20b/%C3%BC%261"]);
    assert_eq!(listed.all("Prefix"), ["a%20b/"]);
    assert_eq!(store.get("/data?list-type=2").await.all("Key"), ["a b/ü&amp;1"]);
}

#[tokio::test]
async fn listing_with_bad_arguments_is_refused() {
    let store = Store::new().await;
    store.get("/data?list-type=2&max-keys=-1").await.refused(400, "InvalidArgument");
    store.get("/data?list-type=2&continuation-token=%21").await.refused(400, "InvalidArgument");
    store.get("/none?list-type=2").await.refused(404, "NoSuchBucket");
    assert_eq!(store.get("/data?list-type=2&max-keys=0").await.ok().all("IsTruncated"), ["false"]);
}
