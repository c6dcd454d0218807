//! A small S3 client for whole files: what the job's own environment lets it reach, with retries.

use crate::uri::Uri;
use rusty_s3::actions::{CreateMultipartUpload, ListObjectsV2, S3Action};
use rusty_s3::{Bucket, Credentials, UrlStyle};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Why nothing came, or nothing went.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the job's environment has no credentials for S3 (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)")]
    NoCredentials,
    #[error("the endpoint {0} of the job's environment is not a URL")]
    Endpoint(String),
    #[error("the bucket's name is not valid")]
    Bucket,
    #[error("there is no such object")]
    NoObject,
    #[error("there is no such bucket")]
    NoBucket,
    #[error("S3 answered {status} {code}: {message}")]
    Refused { status: u16, code: String, message: String },
    #[error("{0}")]
    Http(Box<ureq::Error>),
    #[error("the object ended after {got} of {expected} bytes")]
    Short { got: u64, expected: u64 },
    #[error("{0}")]
    File(#[from] io::Error),
    #[error("S3's answer cannot be read")]
    Answer,
    #[error("it was stopped")]
    Stopped,
}

/// A signature is used at once.
const SIGNED_FOR: Duration = Duration::from_secs(900);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// A server that is started again has this long.
const PATIENCE: Duration = Duration::from_secs(60);
const CHUNK: usize = 256 << 10;
/// Larger files go in parts of this size: an object may have 10,000 of them, and at most 5 GiB in one piece.
const PART: u64 = 64 << 20;

/// What one container can reach.
pub(crate) struct Client<'a> {
    pub(crate) environment: &'a [(String, String)],
    pub(crate) stop: &'a AtomicBool,
    agent: ureq::Agent,
}

impl<'a> Client<'a> {
    pub(crate) fn new(environment: &'a [(String, String)], stop: &'a AtomicBool) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .build();
        Self { environment, stop, agent: agent.into() }
    }

    /// The last one counts, as it does for the process.
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn credentials(&self) -> Result<Credentials, Error> {
        let (key, secret) = (self.variable("AWS_ACCESS_KEY_ID"), self.variable("AWS_SECRET_ACCESS_KEY"));
        let (Some(key), Some(secret)) = (key, secret) else { return self.offered_credentials() };
        Ok(match self.variable("AWS_SESSION_TOKEN") {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        })
    }

    /// Those of the endpoint that a job with a role has (`CRD-1`).
    fn offered_credentials(&self) -> Result<Credentials, Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Offered {
            access_key_id: String,
            secret_access_key: String,
            token: Option<String>,
        }
        let url = self.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI").ok_or(Error::NoCredentials)?;
        let mut request = self.agent.get(url);
        if let Some(token) = self.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
            request = request.header("Authorization", token);
        }
        let mut response = request.call().map_err(|error| Error::Http(Box::new(error)))?;
        let body = response.body_mut().read_to_vec().map_err(|error| Error::Http(Box::new(error)))?;
        let Offered { access_key_id, secret_access_key, token } =
            serde_json::from_slice(&body).map_err(|_| Error::NoCredentials)?;
        let session = token.unwrap_or_default();
        Ok(if session.is_empty() {
            Credentials::new(access_key_id, secret_access_key)
        } else {
            Credentials::new_with_token(access_key_id, secret_access_key, session)
        })
    }

    fn bucket(&self, uri: &Uri) -> Result<Bucket, Error> {
        let region = self.variable("AWS_REGION").or_else(|| self.variable("AWS_DEFAULT_REGION")).unwrap_or("us-east-1");
        let own = self.variable("AWS_ENDPOINT_URL_S3").or_else(|| self.variable("AWS_ENDPOINT_URL"));
        let style = if own.is_some() || uri.bucket.contains('.') { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let endpoint = own.map_or_else(|| format!("https://s3.{region}.amazonaws.com"), ToOwned::to_owned);
        let url = endpoint.parse().map_err(|_| Error::Endpoint(endpoint.clone()))?;
        Bucket::new(url, style, uri.bucket.clone(), region.to_owned()).map_err(|_| Error::Bucket)
    }

    /// Writes the object to the file, which has all of it when this succeeds.
    pub(crate) fn get(&self, uri: &Uri, file: &mut File) -> Result<(), Error> {
        let (bucket, credentials) = (self.bucket(uri)?, self.credentials()?);
        self.patiently(|| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            let url = bucket.get_object(Some(&credentials), &uri.key).sign(SIGNED_FOR);
            let mut response = judge(self.agent.get(url.as_str()).call())?;
            let length = response.headers().get("content-length").and_then(|value| value.to_str().ok()?.parse().ok());
            let got = self.copy(&mut response.body_mut().with_config().limit(u64::MAX).reader(), file)?;
            match length {
                Some(expected) if expected != got => Err(Error::Short { got, expected }),
                _ => Ok(()),
            }
        })
    }

    fn copy(&self, from: &mut impl Read, to: &mut File) -> Result<u64, Error> {
        let mut chunk = vec![0; CHUNK];
        let mut total = 0;
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Error::Stopped);
            }
            let size = from.read(&mut chunk)?;
            if size == 0 {
                return Ok(total);
            }
            to.write_all(&chunk[..size])?;
            total += size as u64;
        }
    }

    /// The keys of all objects whose keys begin with the URI's.
    pub(crate) fn list(&self, uri: &Uri) -> Result<Vec<String>, Error> {
        let (bucket, credentials) = (self.bucket(uri)?, self.credentials()?);
        let (mut keys, mut token) = (Vec::new(), None::<String>);
        loop {
            let page = self.patiently(|| {
                let mut list = bucket.list_objects_v2(Some(&credentials));
                list.with_prefix(uri.key.as_str());
                if let Some(token) = &token {
                    list.with_continuation_token(token.as_str());
                }
                let text = text(judge(self.agent.get(list.sign(SIGNED_FOR).as_str()).call())?)?;
                ListObjectsV2::parse_response(&text).map_err(|_| Error::Answer)
            })?;
            keys.extend(page.contents.into_iter().map(|object| object.key));
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Makes the file the object: all of it at once, however large.
    pub(crate) fn put(&self, uri: &Uri, file: &mut File) -> Result<(), Error> {
        let (bucket, credentials) = (self.bucket(uri)?, self.credentials()?);
        let size = file.metadata()?.len();
        if size > PART {
            return self.put_in_parts(uri, file, (&bucket, &credentials));
        }
        self.patiently(|| {
            let url = bucket.put_object(Some(&credentials), &uri.key).sign(SIGNED_FOR);
            self.send(url.as_str(), file, (0, size)).map(drop)
        })
    }

    fn put_in_parts(&self, uri: &Uri, file: &mut File, access: (&Bucket, &Credentials)) -> Result<(), Error> {
        let (bucket, credentials) = access;
        let upload = self.patiently(|| {
            let url = bucket.create_multipart_upload(Some(credentials), &uri.key).sign(SIGNED_FOR);
            let text = text(judge(self.agent.post(url.as_str()).send_empty())?)?;
            CreateMultipartUpload::parse_response(&text).map_err(|_| Error::Answer)
        })?;
        let id = upload.upload_id();
        let sent = self.send_parts(uri, file, (access, id));
        if sent.is_err() {
            let url = bucket.abort_multipart_upload(Some(credentials), &uri.key, id).sign(SIGNED_FOR);
            let _best_effort = self.agent.delete(url.as_str()).call();
        }
        sent
    }

    fn send_parts(
        &self,
        uri: &Uri,
        file: &mut File,
        ((bucket, credentials), id): ((&Bucket, &Credentials), &str),
    ) -> Result<(), Error> {
        let size = file.metadata()?.len();
        let mut etags: Vec<String> = Vec::new();
        let (mut begin, mut number) = (0, 1);
        while begin < size {
            let end = size.min(begin + PART);
            etags.push(self.patiently(|| {
                let url = bucket.upload_part(Some(credentials), &uri.key, number, id).sign(SIGNED_FOR);
                self.send(url.as_str(), file, (begin, end))
            })?);
            (begin, number) = (end, number + 1);
        }
        self.patiently(|| {
            let complete =
                bucket.complete_multipart_upload(Some(credentials), &uri.key, id, etags.iter().map(String::as_str));
            let url = complete.sign(SIGNED_FOR);
            let answer = text(judge(self.agent.post(url.as_str()).send(complete.body().as_str()))?)?;
            // This answer says only in its body that something went wrong.
            if answer.contains("<Error>") { Err(Error::Answer) } else { Ok(()) }
        })
    }

    /// PUTs a range of the file and answers the ETag.
    fn send(&self, url: &str, file: &mut File, (begin, end): (u64, u64)) -> Result<String, Error> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::Stopped);
        }
        file.seek(SeekFrom::Start(begin))?;
        let mut range = file.take(end - begin);
        let request = self.agent.put(url).header("Content-Length", end - begin);
        let response = judge(request.send(ureq::SendBody::from_reader(&mut range)))?;
        let etag = response.headers().get("etag").and_then(|value| value.to_str().ok());
        Ok(etag.unwrap_or_default().to_owned())
    }

    /// Does again what may succeed the next time.
    fn patiently<T>(&self, mut call: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let begin = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let result = call();
            let again = result.as_ref().is_err_and(Error::is_transient) && begin.elapsed() < PATIENCE;
            if !again {
                return result;
            }
            if self.stop.load(Ordering::Relaxed) {
                return Err(Error::Stopped);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }
}

impl Error {
    /// Lost connections, servers that are starting, throttling.
    fn is_transient(&self) -> bool {
        use ureq::Error as E;
        match self {
            Self::Refused { status, .. } => *status >= 500 || *status == 429,
            Self::Http(error) => {
                matches!(**error, E::Io(_) | E::Timeout(_) | E::ConnectionFailed | E::Protocol(_) | E::HostNotFound)
            }
            Self::Short { .. } => true,
            _ => false,
        }
    }
}

type Response = ureq::http::Response<ureq::Body>;

fn text(mut response: Response) -> Result<String, Error> {
    response.body_mut().read_to_string().map_err(|error| Error::Http(Box::new(error)))
}

fn judge(answer: Result<Response, ureq::Error>) -> Result<Response, Error> {
    let response = answer.map_err(|error| Error::Http(Box::new(error)))?;
    let status = response.status().as_u16();
    if response.status().is_success() {
        return Ok(response);
    }
    let body = text(response).unwrap_or_default();
    let element = |name: &str| {
        let (_, rest) = body.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.to_owned())
    };
    Err(match element("Code").unwrap_or_default() {
        code if code == "NoSuchKey" => Error::NoObject,
        code if code == "NoSuchBucket" => Error::NoBucket,
        code => Error::Refused { status, code, message: element("Message").unwrap_or_default() },
    })
}
