//! Requests to an endpoint that accepts any credentials: the signature is taken off, what it says beside the secret is
//! still honoured (a presigned URL expires, a chunked body is decoded).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header};
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::stream::DynByteStream;
use s3s::{Body, S3ErrorCode, S3Result};

use super::chunked::Dechunked;
use super::{Trailer, refuse};

const SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
const DECODED_LENGTH: HeaderName = HeaderName::from_static("x-amz-decoded-content-length");

/// The query parameters that are the signature of a presigned URL, of version 4 and version 2.
const SIGNATURE_PARAMETERS: [&str; 11] = [
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "AWSAccessKeyId",
    "Expires",
    "Signature",
];

/// Makes an anonymous request of a signed one.
pub(super) fn admit(mut request: Request<Body>) -> S3Result<Request<Body>> {
    require_unexpired(request.uri(), SystemTime::now())?;
    *request.uri_mut() = without_signature(request.uri())?;
    request.headers_mut().remove(header::AUTHORIZATION);
    if is_chunked(request.headers()) { dechunk(request) } else { Ok(request) }
}

fn parameters(uri: &Uri) -> impl Iterator<Item = (&str, &str)> {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn require_unexpired(uri: &Uri, now: SystemTime) -> S3Result<()> {
    let value = |name| parameters(uri).find(|(other, _)| *other == name).map(|(_, value)| value);
    let malformed = || {
        let message = "X-Amz-Date must be formatted yyyyMMdd'T'HHmmss'Z' and X-Amz-Expires a number of seconds";
        refuse(S3ErrorCode::AuthorizationQueryParametersError, message)
    };
    let expiry = if value("X-Amz-Signature").is_some() {
        let signed = value("X-Amz-Date").and_then(parse_amz_date).ok_or_else(malformed)?;
        let seconds: u64 = value("X-Amz-Expires").and_then(|text| text.parse().ok()).ok_or_else(malformed)?;
        // The date that must not lie before the signing: `now` less the time that the URL lives.
        now.checked_sub(Duration::from_secs(seconds)).map(|oldest| (signed, Timestamp::from(oldest)))
    } else if value("Signature").is_some() {
        let text = value("Expires").ok_or_else(malformed)?;
        let expires = Timestamp::parse(TimestampFormat::EpochSeconds, text).map_err(|_| malformed())?;
        Some((expires, Timestamp::from(now)))
    } else {
        None
    };
    match expiry {
        Some((signed, oldest)) if signed < oldest => Err(refuse(S3ErrorCode::AccessDenied, "Request has expired")),
        _ => Ok(()),
    }
}

/// `20250131T235959Z`.
fn parse_amz_date(text: &str) -> Option<Timestamp> {
    let digit = |range| text.get(range);
    let (year, month, day) = (digit(0..4)?, digit(4..6)?, digit(6..8)?);
    let (hour, minute, second) = (digit(9..11)?, digit(11..13)?, digit(13..15)?);
    let date = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    Timestamp::parse(TimestampFormat::DateTime, &date).ok()
}

fn without_signature(uri: &Uri) -> S3Result<Uri> {
    let Some(query) = uri.query() else { return Ok(uri.clone()) };
    let is_signature = |pair: &&str| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        SIGNATURE_PARAMETERS.contains(&name)
    };
    if !query.split('&').any(|pair| is_signature(&pair)) {
        return Ok(uri.clone());
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_signature(pair)).collect();
    let path_and_query = format!("{}?{}", uri.path(), kept.join("&"));
    let mut parts = uri.clone().into_parts();
    let invalid = |_| refuse(S3ErrorCode::InvalidURI, "Couldn't parse the specified URI.");
    parts.path_and_query = Some(path_and_query.trim_end_matches('?').parse().map_err(invalid)?);
    Uri::from_parts(parts).map_err(|_| refuse(S3ErrorCode::InvalidURI, "Couldn't parse the specified URI."))
}

fn is_chunked(headers: &HeaderMap) -> bool {
    let is_streaming =
        |value: &HeaderValue| value.as_bytes().starts_with(b"STREAMING-") || value.as_bytes() == b"aws-chunked";
    headers.get(SHA256).is_some_and(is_streaming)
        || headers.get(header::CONTENT_ENCODING).is_some_and(is_streaming)
        || headers.contains_key(DECODED_LENGTH)
}

/// Replaces the chunked body by what it carries. Its trailer is left where the operations look for it.
fn dechunk(request: Request<Body>) -> S3Result<Request<Body>> {
    let (mut parts, body) = request.into_parts();
    let length = parts.headers.remove(DECODED_LENGTH);
    let length: Option<u64> = length.and_then(|value| value.to_str().ok()?.parse().ok());
    let Some(length) = length else {
        let message = "You must provide the x-amz-decoded-content-length header with a chunked body.";
        return Err(refuse(S3ErrorCode::MissingContentLength, message));
    };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    parts.headers.remove(SHA256);
    let trailer = Trailer::default();
    parts.extensions.insert(trailer.clone());
    let stream: DynByteStream = Box::pin(Dechunked::new(body, trailer, length));
    Ok(Request::from_parts(parts, Body::from(stream)))
}

#[cfg(test)]
mod tests;
