//! Bodies of requests and responses. Requests of the JSON and query APIs are read whole, up to a bound; S3 streams.

use crate::admission::Held;
use crate::failure::Failure;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::{Body as _, Incoming};
use std::time::Duration;
use tokio::time::timeout;

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

/// How much of a request that is too large is read all the same, and dropped: a client that is still sending when its
/// connection closes sees a broken connection and not the refusal.
const MAX_DRAINED_BYTES: usize = 64 << 20;

/// How long a client may take to send a body of this size.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Reads a request's body whole, as far as there is room for it.
pub(crate) async fn collect(incoming: Incoming, held: &mut Held) -> Result<Bytes, Failure> {
    let late = || Failure::Malformed { detail: "the request body took too long".to_owned() };
    timeout(READ_TIMEOUT, read(incoming, held)).await.map_err(|_| late())?
}

async fn read(mut incoming: Incoming, held: &mut Held) -> Result<Bytes, Failure> {
    if incoming.size_hint().lower() > MAX_DRAINED_BYTES as u64 {
        return Err(Failure::TooLarge { limit: MAX_REQUEST_BYTES });
    }
    let (mut read, mut total, mut room) = (Vec::new(), 0_usize, Ok(()));
    while let Some(frame) = incoming.frame().await {
        let frame =
            frame.map_err(|error| Failure::Malformed { detail: format!("the request body ended early: {error}") })?;
        let Ok(data) = frame.into_data() else { continue };
        total = total.saturating_add(data.len());
        if total <= MAX_REQUEST_BYTES {
            room = room.and_then(|()| held.add(data.len()));
            if room.is_ok() {
                read.extend_from_slice(&data);
            } else {
                read = Vec::new();
                held.free();
            }
        } else if total > MAX_DRAINED_BYTES {
            break;
        }
    }
    if total > MAX_REQUEST_BYTES {
        return Err(Failure::TooLarge { limit: MAX_REQUEST_BYTES });
    }
    room.map(|()| read.into())
}
