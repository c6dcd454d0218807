//! The body of a request for objects. When it is refused before all of it has come, the rest is read and dropped beside the
//! answer, for a while: a client that is still sending when its connection closes sees a broken connection and not the refusal.
//! One that waits to be told to go on (`Expect: 100-continue`) is not told to; that nobody reads the connection any more is
//! in its answer, so that it takes another for its next request.

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, HeaderValue};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// The client sends it, whether it is wanted or not.
    is_coming: Coming,
}

/// Whether the client sends a body.
#[derive(Clone, Debug)]
pub(crate) struct Coming(Arc<AtomicBool>);

impl Coming {
    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says in an answer that the connection ends with it, if the client still waits to be told to send its body.
    pub(crate) fn tell<B>(&self, response: &mut Response<B>) {
        if !self.get() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

impl ObjectBody {
    /// The same request.
    pub(crate) fn of(request: Request<Incoming>) -> (Request<Self>, Coming) {
        let waits = request.headers().contains_key(EXPECT) && !request.body().is_end_stream();
        let is_coming = Coming(Arc::new(AtomicBool::new(!waits)));
        let request = request.map(|incoming| Self { incoming: Some(incoming), is_coming: is_coming.clone() });
        (request, is_coming)
    }
}

impl Body for ObjectBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.is_coming.0.store(true, Ordering::Relaxed);
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
        let rest = self.incoming.take().filter(|incoming| self.is_coming.get() && !incoming.is_end_stream());
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
