//! Which of the APIs on this port a request is for (`SIG-6`). Decides from the request's head alone.

use crate::ops::{self, Ops};
use http::request::Parts;
use http::{Method, header};

/// Who answers a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// How the server is, for those who watch it.
    Ops(Ops),
    /// AWS Batch.
    Batch,
    /// CloudWatch Logs.
    Logs,
    /// STS.
    Sts,
    /// What only Longshore has, below `/longshore/v1/`.
    Longshore,
    /// What containers ask for, below `/longshore/ecs/`.
    Ecs,
    /// S3, and whatever cannot be told.
    S3,
    /// An AWS service that is not served here, by its signing name.
    Other(String),
}

/// `Credential=` of a signature: `KEY/DATE/REGION/SERVICE/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The region that the client thinks it talks to.
    pub(crate) region: String,
    /// The signing name of the service.
    pub(crate) service: String,
}

/// The credential scope of a request, from its header or its query; `None` when it carries no credentials.
pub(crate) fn scope(parts: &Parts) -> Option<Scope> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let from_header = header.and_then(|value| value.split("Credential=").nth(1)).map(ToOwned::to_owned);
    let credential = from_header.or_else(|| presigned_credential(parts.uri.query()?))?;
    let credential = credential.split([',', ' ', '&']).next()?;
    let mut from_end = credential.rsplit('/').skip(1);
    let service = from_end.next()?.to_owned();
    let region = from_end.next()?.to_owned();
    Some(Scope { region, service })
}

fn presigned_credential(query: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    Some(value.replace("%2F", "/").replace("%2f", "/"))
}

/// Decides who answers.
pub(crate) fn target(parts: &Parts, scope: Option<&Scope>) -> Target {
    if let Some(asked) = ops::on_main_port(&parts.method, parts.uri.path()).filter(|_| is_ops(parts, scope)) {
        return Target::Ops(asked);
    }
    if let Some(scope) = scope {
        return by_service(&scope.service);
    }
    let path = parts.uri.path();
    if let Some(operation) = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
        return match operation.split_once('.') {
            Some((prefix, _)) if prefix.starts_with("Logs_") => Target::Logs,
            _ => Target::Other(operation.to_owned()),
        };
    }
    if parts.method == Method::POST && path == "/" && is_form(parts) {
        Target::Sts
    } else if parts.method == Method::GET && path.starts_with(crate::ecs::PREFIX) {
        Target::Ecs
    } else if matches!(parts.method, Method::GET | Method::POST) && path.starts_with("/longshore/v1/") {
        Target::Longshore
    } else if is_batch_path(&parts.method, path) {
        Target::Batch
    } else {
        Target::S3
    }
}

/// Below `/-/` there is nothing else; `/health` is also the path of a bucket, which is asked for with credentials.
fn is_ops(parts: &Parts, scope: Option<&Scope>) -> bool {
    scope.is_none() || parts.uri.path().starts_with("/-/")
}

fn by_service(service: &str) -> Target {
    match service {
        "batch" => Target::Batch,
        "logs" => Target::Logs,
        "sts" => Target::Sts,
        "longshore" => Target::Longshore,
        "s3" => Target::S3,
        other => Target::Other(other.to_owned()),
    }
}

fn is_form(parts: &Parts) -> bool {
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

/// Whether an unsigned request has the form of a Batch operation (`WIRE-2`).
fn is_batch_path(method: &Method, path: &str) -> bool {
    match path.strip_prefix("/v1/") {
        Some(tags) if tags.starts_with("tags/") => matches!(*method, Method::GET | Method::POST | Method::DELETE),
        Some(operation) => *method == Method::POST && operation.bytes().all(|byte| byte.is_ascii_lowercase()),
        None => false,
    }
}

#[cfg(test)]
mod tests;
