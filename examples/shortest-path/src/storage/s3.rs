//! A small S3 client: get, put and list, against AWS or any compatible endpoint, with retries. One bucket a client.

use super::{Environment, credentials};
use crate::mix::mix;
use rusty_s3::actions::{ListObjectsV2, S3Action};
use rusty_s3::{Bucket, BucketError, Credentials, UrlStyle};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Credentials(#[from] credentials::Error),
    #[error("the S3 endpoint `{endpoint}` is not a URL: check AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL")]
    Endpoint { endpoint: String },
    #[error("`{bucket}` cannot be the name of a bucket")]
    Bucket { bucket: String, source: BucketError },
    #[error("cannot {action} {address}: there is no such object")]
    AbsentObject { action: &'static str, address: String },
    #[error("cannot {action} {address}: there is no bucket `{bucket}`; create it, or correct BUCKET_NAME")]
    AbsentBucket { action: &'static str, address: String, bucket: String },
    #[error("cannot {action} {address}: {endpoint} answers {status} {code}: {message}")]
    Refused { action: &'static str, address: String, endpoint: String, status: u16, code: String, message: String },
    #[error("cannot {action} {address}: {endpoint} cannot be reached")]
    Unreachable { action: &'static str, address: String, endpoint: String, source: Box<ureq::Error> },
    #[error("cannot list {address}: the answer is not a listing")]
    Listing { address: String },
}

/// A signature is used at once.
const SIGNED_FOR: Duration = Duration::from_secs(300);
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A bucket and the means to talk to it.
#[derive(Debug)]
pub(crate) struct Client {
    bucket: Bucket,
    endpoint: String,
    credentials: Credentials,
    agent: ureq::Agent,
    pub(super) first_pause: Duration,
}

/// An answer in full.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

/// One kind of request on one key.
#[derive(Clone, Copy)]
struct Request<'a> {
    action: &'static str,
    key: &'a str,
    body: Option<&'a [u8]>,
}

impl Client {
    /// Honours the variables that AWS's own SDKs do; README.md lists them.
    pub(crate) fn new(bucket: &str, environment: Environment<'_>) -> Result<Self, Error> {
        let region = environment("AWS_REGION").or_else(|| environment("AWS_DEFAULT_REGION"));
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let own = environment("AWS_ENDPOINT_URL_S3").or_else(|| environment("AWS_ENDPOINT_URL"));
        let style = if own.is_some() || bucket.contains('.') { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = own.unwrap_or_else(|| format!("https://s3.{region}.{domain}"));
        let url = endpoint.parse().map_err(|_| Error::Endpoint { endpoint: endpoint.clone() })?;
        let bucket = Bucket::new(url, style, bucket.to_owned(), region)
            .map_err(|source| Error::Bucket { bucket: bucket.to_owned(), source })?;
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_recv_body(Some(Duration::from_secs(600)))
            .build()
            .into();
        let credentials = credentials::find(environment, &agent)?;
        Ok(Self { bucket, endpoint, credentials, agent, first_pause: FIRST_PAUSE })
    }

    pub(crate) fn address(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket.name())
    }

    pub(crate) fn get(&self, key: &str) -> Result<Vec<u8>, Error> {
        let request = Request { action: "read", key, body: None };
        self.run(request, || self.bucket.get_object(Some(&self.credentials), key).sign(SIGNED_FOR).into())
    }

    pub(crate) fn put(&self, key: &str, body: &[u8]) -> Result<(), Error> {
        let request = Request { action: "write", key, body: Some(body) };
        self.run(request, || self.bucket.put_object(Some(&self.credentials), key).sign(SIGNED_FOR).into()).map(drop)
    }

    /// All keys that start with `prefix`.
    pub(crate) fn list(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let request = Request { action: "list", key: prefix, body: None };
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let body = self.run(request, || {
                let mut list = self.bucket.list_objects_v2(Some(&self.credentials));
                list.with_prefix(prefix);
                if let Some(token) = &token {
                    list.with_continuation_token(token.as_str());
                }
                list.sign(SIGNED_FOR).into()
            })?;
            let page = ListObjectsV2::parse_response(&String::from_utf8_lossy(&body))
                .map_err(|_| Error::Listing { address: self.address(prefix) })?;
            keys.extend(page.contents.into_iter().map(|object| object.key));
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    /// Repeats what may succeed the next time: lost connections, 5xx and throttling. Signs anew each time.
    fn run(&self, request: Request<'_>, url: impl Fn() -> String) -> Result<Vec<u8>, Error> {
        let mut attempt = 1;
        loop {
            let answer = self.send(&url(), request.body);
            let again = match &answer {
                Ok(answer) => answer.status >= 500 || answer.status == 429,
                Err(error) => is_transient(error),
            };
            if !again || attempt == ATTEMPTS {
                return self.judge(request, answer);
            }
            std::thread::sleep(pause(self.first_pause, attempt));
            attempt += 1;
        }
    }

    fn send(&self, url: &str, body: Option<&[u8]>) -> Result<Answer, ureq::Error> {
        let mut response = match body {
            Some(body) => self.agent.put(url).send(body)?,
            None => self.agent.get(url).call()?,
        };
        let body = response.body_mut().with_config().limit(u64::MAX).read_to_vec()?;
        Ok(Answer { status: response.status().as_u16(), body })
    }

    fn judge(&self, request: Request<'_>, answer: Result<Answer, ureq::Error>) -> Result<Vec<u8>, Error> {
        let (action, address, endpoint) = (request.action, self.address(request.key), self.endpoint.clone());
        let answer = match answer {
            Ok(answer) => answer,
            Err(source) => return Err(Error::Unreachable { action, address, endpoint, source: Box::new(source) }),
        };
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        let text = String::from_utf8_lossy(&answer.body);
        let code = element(&text, "Code").unwrap_or("(no error code)").to_owned();
        match code.as_str() {
            "NoSuchBucket" => Err(Error::AbsentBucket { action, address, bucket: self.bucket.name().to_owned() }),
            "NoSuchKey" => Err(Error::AbsentObject { action, address }),
            _ => {
                let message = element(&text, "Message").unwrap_or_default().to_owned();
                Err(Error::Refused { action, address, endpoint, status: answer.status, code, message })
            }
        }
    }
}

fn is_transient(error: &ureq::Error) -> bool {
    use ureq::Error as E;
    matches!(error, E::Io(_) | E::Timeout(_) | E::ConnectionFailed | E::Protocol(_) | E::HostNotFound)
}

/// Doubles with each attempt; processes that fail together do not all return together.
fn pause(first: Duration, attempt: u32) -> Duration {
    let spread = mix(u64::from(std::process::id()) << 8 | u64::from(attempt)) % 512;
    first * 2u32.pow(attempt - 1) * (768 + spread as u32) / 1024
}

/// The text of an XML element that holds no others.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(&format!("<{name}>"))? + name.len() + 2;
    let length = xml[start..].find("</")?;
    Some(&xml[start..start + length])
}
