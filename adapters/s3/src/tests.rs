//! The endpoint in process, over a real directory: each test speaks HTTP to it and looks at nothing else, except where
//! it plays the crash.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tempfile::TempDir;

use crate::{Backend, Credentials, Error, S3Endpoint, service};

mod durability;
mod limit;
mod listing;
mod multipart;
mod objects;

/// A store that lives as long as the test.
struct Store {
    directory: TempDir,
    endpoint: S3Endpoint,
}

/// An answer, read to its end.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text of every element of that name, in order.
    fn all(&self, element: &str) -> Vec<&str> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        self.text().split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap()).collect()
    }

    #[track_caller]
    fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self
    }

    #[track_caller]
    fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.all("Code")), (status, vec![code]), "{}", self.text());
        self
    }
}

impl Store {
    /// A store with the bucket `data`.
    async fn new() -> Self {
        let store = Self::empty();
        store.put("/data", "").await.ok();
        store
    }

    fn empty() -> Self {
        let directory = TempDir::new().unwrap();
        let endpoint = open(directory.path());
        Self { directory, endpoint }
    }

    fn root(&self) -> &Path {
        self.directory.path()
    }

    async fn call(&self, method: Method, target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let body: Bytes = body.into();
        let mut request = Request::builder().method(method).uri(target).header("host", "127.0.0.1:4566");
        request = request.header("content-length", body.len());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.endpoint.call(request.body(Full::new(body)).unwrap()).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn put(&self, target: &str, body: impl Into<Bytes>) -> Answer {
        self.call(Method::PUT, target, &[], body).await
    }

    async fn put_with(&self, target: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        self.call(Method::PUT, target, headers, body).await
    }

    async fn post(&self, target: &str, body: impl Into<Bytes>) -> Answer {
        self.call(Method::POST, target, &[], body).await
    }

    async fn get(&self, target: &str) -> Answer {
        self.get_with(target, &[]).await
    }

    async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        self.call(Method::GET, target, headers, "").await
    }

    async fn head(&self, target: &str) -> Answer {
        self.call(Method::HEAD, target, &[], "").await
    }

    async fn delete(&self, target: &str) -> Answer {
        self.call(Method::DELETE, target, &[], "").await
    }

    /// Every content file on disk.
    fn content_files(&self) -> Vec<PathBuf> {
        content_files(self.root())
    }
}

fn open(root: &Path) -> S3Endpoint {
    service(Backend::open(root).unwrap(), Credentials::AcceptAny)
}

fn content_files(root: &Path) -> Vec<PathBuf> {
    let directories = std::fs::read_dir(root.join("content")).unwrap();
    let mut files: Vec<PathBuf> = directories
        .flat_map(|directory| std::fs::read_dir(directory.unwrap().path()).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// Bytes that no compression or repetition hides an error in.
fn noise(length: usize) -> Bytes {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test]
async fn keys_without_signature_is_denied() {
    let directory = TempDir::new().unwrap();
    let keys = Credentials::Keys(BTreeMap::from([("AKID".to_owned(), "secret".to_owned())]));
    assert!(!format!("{keys:?}").contains("secret"));
    let endpoint = service(Backend::open(directory.path()).unwrap(), keys);
    let store = Store { directory, endpoint };
    store.get("/").await.refused(403, "AccessDenied");
    let unknown = "/?AWSAccessKeyId=nobody&Signature=x&Expires=99999999999";
    store.get(unknown).await.refused(403, "InvalidAccessKeyId");
}

#[tokio::test]
async fn unknown_operation_is_not_implemented() {
    let store = Store::new().await;
    store.get("/data?website").await.refused(501, "NotImplemented");
}

#[tokio::test]
async fn store_in_use_is_refused_with_what_to_do() {
    let store = Store::empty();
    let error = Backend::open(store.root()).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
}
