//! The few S3 operations that `longshore run` needs to bring inputs and fetch results: create a bucket, store a file,
//! list a prefix, fetch an object. Path-style addresses.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Answer, Body, Client, Error, Request, sigv4};

/// The S3 side of a client.
#[derive(Debug)]
pub(crate) struct S3<'a>(&'a Client);

impl Client {
    pub(crate) fn s3(&self) -> S3<'_> {
        S3(self)
    }
}

impl S3<'_> {
    /// Creates a bucket; one that is already ours is fine.
    pub(crate) fn create_bucket(&self, bucket: &str) -> Result<(), Error> {
        match self.send(&request("CreateBucket", "PUT", &format!("/{}", encode(bucket)))) {
            Err(Error::Refused { code, .. }) if code == "BucketAlreadyOwnedByYou" => Ok(()),
            other => other.map(drop),
        }
    }

    /// Stores a file under a key.
    pub(crate) fn put_file(&self, path: &Path, bucket: &str, key: &str) -> Result<(), Error> {
        let local = |source| Error::LocalFile { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(local)?;
        let (sha256, length) = digest(&mut file).map_err(local)?;
        file.rewind().map_err(local)?;
        let body = Body::File { file: &file, length, sha256 };
        self.send(&Request { body, ..request("PutObject", "PUT", &object_path(bucket, key)) }).map(drop)
    }

    /// The keys below a prefix, in order.
    pub(crate) fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, Error> {
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let continuation = token.map(|token| format!("continuation-token={}&", encode(&token))).unwrap_or_default();
            let query = format!("{continuation}list-type=2&prefix={}", encode(prefix));
            let path = format!("/{}", encode(bucket));
            let answer = self.send(&Request { query: &query, ..request("ListObjectsV2", "GET", &path) })?;
            let text = self.0.read(answer.body)?;
            let wrong = |_| self.0.not_understood("ListObjectsV2", 200, &text);
            keys.extend(xml_texts(&text, "Key").map_err(wrong)?);
            token = xml_texts(&text, "NextContinuationToken").map_err(wrong)?.pop();
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Writes an object to a file beside its destination and moves it there when it is whole.
    pub(crate) fn get_file(&self, bucket: &str, key: &str, path: &Path) -> Result<(), Error> {
        let local = |source| Error::LocalFile { path: path.to_owned(), source };
        let mut answer = self.send(&request("GetObject", "GET", &object_path(bucket, key)))?;
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(local)?;
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let mut file = File::create(&partial).map_err(local)?;
        let copied = std::io::copy(&mut answer.body.as_reader(), &mut file);
        if let Err(source) = copied.and_then(|_| std::fs::rename(&partial, path)) {
            // Best effort: the error that matters is the first.
            let _ = std::fs::remove_file(&partial);
            return Err(local(source));
        }
        Ok(())
    }

    fn send(&self, request: &Request<'_>) -> Result<Answer, Error> {
        let answer = self.0.send(request)?;
        if answer.status < 300 {
            return Ok(answer);
        }
        let status = answer.status;
        let text = self.0.read(answer.body)?;
        let first = |name| xml_texts(&text, name).ok().and_then(|mut texts| texts.pop());
        let Some(code) = first("Code") else { return Err(self.0.not_understood(request.operation, status, &text)) };
        Err(Error::Refused {
            operation: format!("{} of {}", request.operation, request.path.trim_start_matches('/')),
            message: first("Message").unwrap_or_else(|| "no reason given".to_owned()),
            code,
        })
    }
}

/// A request without query or body.
fn request<'a>(operation: &'a str, method: &'a str, path: &'a str) -> Request<'a> {
    Request { operation, service: "s3", method, path, query: "", headers: &[], body: Body::Bytes(b"") }
}

fn object_path(bucket: &str, key: &str) -> String {
    let parts: Vec<_> = key.split('/').map(encode).collect();
    format!("/{}/{}", encode(bucket), parts.join("/"))
}

fn encode(text: &str) -> String {
    urlencoding::encode(text).into_owned()
}

fn digest(file: &mut File) -> std::io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((sigv4::hex(&hasher.finalize()), length));
        }
        hasher.update(&buffer[..read]);
        length += read as u64;
    }
}

/// The texts of all elements called `name`, in order.
pub(super) fn xml_texts(xml: &str, name: &str) -> Result<Vec<String>, quick_xml::Error> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut texts = Vec::new();
    let mut current: Option<String> = None;
    loop {
        match reader.read_event()? {
            Event::Start(element) if element.name().as_ref() == name.as_bytes() => current = Some(String::new()),
            Event::Text(text) => {
                if let (Some(current), Ok(text)) = (&mut current, text.decode()) {
                    current.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(current) = &mut current {
                    current.push_str(&resolve(&reference));
                }
            }
            Event::End(_) => texts.extend(current.take()),
            Event::Eof => return Ok(texts),
            _ => {}
        }
    }
}

fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => character.to_string(),
        _ => match reference.decode().as_deref() {
            Ok(name) => quick_xml::escape::resolve_predefined_entity(name).unwrap_or_default().to_owned(),
            Err(_) => String::new(),
        },
    }
}
