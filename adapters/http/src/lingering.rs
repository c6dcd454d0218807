//! The body of a request for objects. When it is refused before all of it has come, the rest is read and dropped beside the
//! answer, for a while: a client that is still sending when its connection closes sees a broken connection and not the refusal.
//! One that waits to be told to go on (`Expect: 100-continue`) is not told to.

use bytes::Bytes;
use http::Request;
use http::header::EXPECT;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How much of a body that nobody wants is read all the same, and for how long.
const DRAINED_BYTES: u64 = 64 << 20;
const DRAINED_FOR: Duration = Duration::from_secs(10);

/// A body as it arrives.
#[derive(Debug)]
pub struct ObjectBody {
    incoming: Option<Incoming>,
    /// The client sends it whether it is wanted or not.
    is_coming: bool,
}

impl ObjectBody {
    /// The same request.
    pub(crate) fn of(request: Request<Incoming>) -> Request<Self> {
        let is_coming = !request.headers().contains_key(EXPECT);
        request.map(|incoming| Self { incoming: Some(incoming), is_coming })
    }
}

impl Body for ObjectBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.is_coming = true;
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let polled = Pin::new(incoming).poll_frame(task);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.incoming = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for ObjectBody {
    fn drop(&mut self) {
        let rest = self.incoming.take().filter(|incoming| self.is_coming && !incoming.is_end_stream());
        if let Some(rest) = rest
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(timeout(DRAINED_FOR, drain(rest)));
        }
    }
}

async fn drain(mut rest: Incoming) {
    let mut drained = 0_u64;
    while let Some(Ok(frame)) = rest.frame().await {
        drained += frame.data_ref().map_or(0, |data| data.len() as u64);
        if drained > DRAINED_BYTES {
            return;
        }
    }
}
