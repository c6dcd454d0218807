//! A small blocking client of an AWS Batch server and its neighbours (CloudWatch Logs, S3) on one endpoint. It signs
//! and sends; what requests mean is the callers' business. Real AWS would do, Longshore is what it is made for.

pub(crate) mod batch;
mod credentials;
pub(crate) mod events;
pub(crate) mod job;
pub(crate) mod logs;
mod s3;
pub(crate) mod sigv4;
#[cfg(test)]
mod tests;

use std::io::Read;
use std::time::{Duration, SystemTime};

use serde_json::Value;

pub(crate) use credentials::Credentials;
pub(crate) use s3::S3;
use sigv4::{Signed, Signer};

/// Where `longshore serve` listens unless told otherwise.
pub(crate) const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:4566";

/// Longer than any answer of a server that is alive.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Answers are JSON or XML documents; anything larger is not one of ours.
const ANSWER_MAX: u64 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "cannot reach a server at {endpoint}: {cause}\nhelp: start one with `longshore serve`, or name another with --endpoint or LONGSHORE_ENDPOINT"
    )]
    Unreachable { endpoint: String, cause: String },
    #[error("{operation} was refused: {message} ({code})")]
    Refused { operation: String, code: String, message: String },
    #[error(
        "{operation} got an answer that is none of AWS Batch's (HTTP {status}): {excerpt}\nhelp: check that {endpoint} is a Longshore server"
    )]
    NotUnderstood { operation: String, endpoint: String, status: u16, excerpt: String },
    #[error("`{endpoint}` is not an endpoint\nhelp: write it as http://HOST:PORT")]
    BadEndpoint { endpoint: String },
    #[error("cannot read or write {path}: {source}")]
    LocalFile { path: std::path::PathBuf, source: std::io::Error },
}

/// One server, and who we are there.
#[derive(Debug)]
pub(crate) struct Client {
    endpoint: String,
    host: String,
    agent: ureq::Agent,
    credentials: Credentials,
}

/// A request before it is signed. `path` and `query` are encoded, the query sorted.
struct Request<'a> {
    operation: &'a str,
    service: &'a str,
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: Body<'a>,
}

enum Body<'a> {
    Bytes(&'a [u8]),
    File { file: &'a std::fs::File, length: u64, sha256: String },
}

/// The status and body of an answer.
struct Answer {
    status: u16,
    error_type: Option<String>,
    body: ureq::Body,
}

impl Client {
    /// A client for `endpoint`; it connects with the first request.
    pub(crate) fn new(endpoint: &str, credentials: Credentials) -> Result<Self, Error> {
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let host = match endpoint.split_once("://") {
            Some(("http" | "https", host)) if !host.is_empty() && !host.contains(['/', '?', '@', ' ']) => {
                host.to_owned()
            }
            _ => return Err(Error::BadEndpoint { endpoint }),
        };
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(ANSWER_TIMEOUT))
            .user_agent(concat!("longshore/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { endpoint, host, agent: config.into(), credentials })
    }

    /// Where the server is.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Sends a JSON request and gives the JSON of a successful answer.
    fn call_json(&self, request: &Request<'_>) -> Result<Value, Error> {
        let Answer { status, error_type, body } = self.send(request)?;
        let text = self.read(body)?;
        let value = serde_json::from_str::<Value>(if text.is_empty() { "{}" } else { &text });
        match value {
            Ok(value) if status < 300 => Ok(value),
            Ok(body) if body.is_object() => Err(refusal(request.operation, error_type, &body)),
            _ => Err(self.not_understood(request.operation, status, &text)),
        }
    }

    fn send(&self, request: &Request<'_>) -> Result<Answer, Error> {
        let date = amz_date(SystemTime::now());
        let body_sha256 = match &request.body {
            Body::Bytes(bytes) => sigv4::sha256_hex(bytes),
            Body::File { sha256, .. } => sha256.clone(),
        };
        let mut headers = vec![
            ("host", self.host.as_str()),
            ("x-amz-content-sha256", body_sha256.as_str()),
            ("x-amz-date", date.as_str()),
        ];
        if let Some(token) = &self.credentials.session_token {
            headers.push(("x-amz-security-token", token));
        }
        headers.extend(request.headers);
        headers.sort_unstable();
        let signed = Signed {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: &headers,
            body_sha256: &body_sha256,
        };
        let authorization = self.signer(request.service, &date).authorization(&signed);
        let question = if request.query.is_empty() { "" } else { "?" };
        let uri = format!("{}{}{question}{}", self.endpoint, request.path, request.query);
        let mut builder = ureq::http::Request::builder().method(request.method).uri(uri);
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
            builder = builder.header(*name, *value);
        }
        builder = builder.header("authorization", authorization);
        let sent = match &request.body {
            Body::Bytes(bytes) => {
                self.run(builder.body(ureq::SendBody::from_reader(&mut &bytes[..])), bytes.len() as u64)
            }
            Body::File { file, length, .. } => {
                let mut reader: &std::fs::File = file;
                self.run(builder.body(ureq::SendBody::from_reader(&mut reader)), *length)
            }
        };
        let answer = sent.map_err(|cause| Error::Unreachable { endpoint: self.endpoint.clone(), cause })?;
        let status = answer.status().as_u16();
        let error_type =
            answer.headers().get("x-amzn-errortype").and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(Answer { status, error_type, body: answer.into_body() })
    }

    fn run(
        &self,
        request: Result<ureq::http::Request<ureq::SendBody<'_>>, ureq::http::Error>,
        length: u64,
    ) -> Result<ureq::http::Response<ureq::Body>, String> {
        let mut request = request.map_err(|error| error.to_string())?;
        request.headers_mut().insert("content-length", length.into());
        self.agent.run(request).map_err(|error| match error {
            ureq::Error::Io(cause) => cause.to_string(),
            other => other.to_string(),
        })
    }

    fn signer<'a>(&'a self, service: &'a str, date: &'a str) -> Signer<'a> {
        Signer {
            access_key: &self.credentials.access_key,
            secret_key: &self.credentials.secret_key,
            region: &self.credentials.region,
            service,
            date,
        }
    }

    fn read(&self, mut body: ureq::Body) -> Result<String, Error> {
        let mut text = String::new();
        let read = body.as_reader().take(ANSWER_MAX).read_to_string(&mut text);
        match read {
            Ok(_) => Ok(text),
            Err(cause) => Err(Error::Unreachable { endpoint: self.endpoint.clone(), cause: cause.to_string() }),
        }
    }

    fn not_understood(&self, operation: &str, status: u16, text: &str) -> Error {
        Error::NotUnderstood {
            operation: operation.to_owned(),
            endpoint: self.endpoint.clone(),
            status,
            excerpt: text.chars().take(200).collect(),
        }
    }
}

/// The error in a JSON answer: its type is in a header or in the body, with or without a namespace and a remark.
fn refusal(operation: &str, error_type: Option<String>, body: &Value) -> Error {
    let text = |names: &[&str]| names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned);
    let code = error_type.or_else(|| text(&["__type", "code"])).unwrap_or_else(|| "unknown error".to_owned());
    let code = code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
    let message = text(&["message", "Message"]).unwrap_or_else(|| "no reason given".to_owned());
    Error::Refused { operation: operation.to_owned(), code, message }
}

/// `20150830T123600Z`, the form that signatures want.
fn amz_date(now: SystemTime) -> String {
    humantime::format_rfc3339_seconds(now).to_string().replace(['-', ':'], "")
}
