//! Requests for the embedded S3 at the door (`ERR-6`): how many at once, and none that needs room on a disk that has none. A
//! place is held until the answer has been sent, because objects stream. What S3 itself answers is not changed.

use crate::admission::{Admitted, Kind};
use crate::body::{Body, BoxError, full};
use crate::context::Context;
use crate::lingering::ObjectBody;
use crate::observer::Refusal;
use crate::services::{S3Route, Services};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context as Task, Poll};

/// Answers one request for S3.
pub(crate) async fn answer(
    services: &Services,
    s3: &dyn S3Route,
    (context, request): (&Context, Request<Incoming>),
) -> Response<Body> {
    // Whoever refuses it drops it.
    let (request, is_coming) = ObjectBody::of(request);
    let mut response = answer_body(services, s3, (context, request)).await;
    is_coming.tell(&mut response);
    response
}

async fn answer_body(
    services: &Services,
    s3: &dyn S3Route,
    (context, request): (&Context, Request<ObjectBody>),
) -> Response<Body> {
    let writes = matches!(*request.method(), Method::PUT | Method::POST);
    if writes && !services.observer.has_room() {
        services.observer.refused(Refusal::Disk);
        let text = "The disk of the server is nearly full. Send the request again when there is room.";
        return refusal(context, ("ServiceUnavailable", text, "5"));
    }
    match services.batch.quotas.admission().admit(Kind::Object) {
        Ok(place) => s3.call(request).await.map(|body| Placed { body, _place: place }.boxed_unsync()),
        Err(_) => {
            services.observer.refused(Refusal::Overload);
            refusal(context, ("SlowDown", "Please reduce your request rate.", "1"))
        }
    }
}

/// In S3's form; its clients wait and try again.
fn refusal(context: &Context, (code, text, seconds): (&str, &str, &'static str)) -> Response<Body> {
    let id = &context.request_id;
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{text}</Message>\
         <RequestId>{id}</RequestId></Error>"
    );
    let mut response = Response::new(full(document));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    response
}

/// A body that has its place until it is sent.
struct Placed {
    body: Body,
    _place: Admitted,
}

impl hyper::body::Body for Placed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.body).poll_frame(task)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
