//! Responses of the JSON and query protocols (`WIRE-5`, `ERR-1`).

use crate::body::{Body, full};
use crate::context::Context;
use crate::failure::Failure;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The media types that are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// The rest-json protocol, of Batch.
    Json,
    /// The JSON 1.1 protocol, of CloudWatch Logs.
    Json11,
    /// The query protocol, of STS.
    Xml,
}

impl Media {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::Xml => "text/xml",
        }
    }
}

/// A response with a body in memory.
pub(crate) fn respond(context: &Context, status: StatusCode, media: Media, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(full(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// An error in one of the JSON protocols: the type in the header and the body, the text in the body.
pub(crate) fn json_error(context: &Context, media: Media, failure: &Failure) -> Response<Body> {
    report(context, failure);
    let body = serde_json::json!({ "__type": failure.kind(), "message": failure.message(context) });
    let mut response = respond(context, failure.status(), media, body.to_string().into_bytes());
    response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(failure.kind()));
    if let Some(seconds) = failure.retry_after_s() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What broke on our side goes to the log with its cause; what the caller did wrong only to the caller.
pub(crate) fn report(context: &Context, failure: &Failure) {
    if let Failure::Internal { source, .. } = failure {
        tracing::error!(request_id = context.request_id, %failure, cause = %source, "request failed");
    }
}
