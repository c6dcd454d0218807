//! Bodies of requests and responses. Requests of the JSON and query APIs are read whole, up to a bound; S3 streams.

use crate::failure::Failure;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited, combinators::UnsyncBoxBody};
use hyper::body::Incoming;

/// Any error of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of every response.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// The largest request of the JSON and query APIs, in bytes.
pub(crate) const MAX_REQUEST_BYTES: usize = 1 << 20;

/// A body that is already in memory.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// Reads a request's body whole.
pub(crate) async fn collect(incoming: Incoming) -> Result<Bytes, Failure> {
    match Limited::new(incoming, MAX_REQUEST_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Failure::TooLarge { limit: MAX_REQUEST_BYTES }),
        Err(error) => Err(Failure::Malformed { detail: format!("the request body ended early: {error}") }),
    }
}
