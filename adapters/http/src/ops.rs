//! How the server is, for those who watch it: liveness, readiness, metrics. On the port itself below `/-/`, where no S3 bucket
//! can be, because the name of a bucket begins with a letter or a digit; on a port of its own under the usual names.
//! Liveness and readiness are told to anybody; metrics on the port itself only to those who may ask for anything.

use crate::auth::Auth;
use crate::body::{Body, full};
use crate::context::Context;
use crate::observer::Observer;
use crate::reply::{self, Media};
use crate::route::Target;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::request::Parts;
use http::{Method, Response, StatusCode};

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ops {
    /// Whether the process lives: whoever gets an answer knows.
    Alive,
    /// Whether it takes work.
    Ready,
    /// Metrics.
    Metrics,
    /// Nothing that there is.
    Unknown,
}

/// What a request on the port asks; `None` if it is not for us.
pub(crate) fn on_main_port(method: &Method, path: &str) -> Option<Ops> {
    if method == Method::GET && path == "/health" {
        return Some(Ops::Alive);
    }
    let name = path.strip_prefix("/-/")?;
    let asked = match name {
        "healthy" => Ops::Alive,
        "ready" => Ops::Ready,
        "metrics" => Ops::Metrics,
        _ => Ops::Unknown,
    };
    Some(if matches!(*method, Method::GET | Method::HEAD) { asked } else { Ops::Unknown })
}

/// What a request asks on a port that has nothing else.
pub(crate) fn on_own_port(method: &Method, path: &str) -> Ops {
    match path {
        "/metrics" if method == Method::GET => Ops::Metrics,
        "/healthz" if method == Method::GET => Ops::Alive,
        "/readyz" if method == Method::GET => Ops::Ready,
        _ => on_main_port(method, path).unwrap_or(Ops::Unknown),
    }
}

/// Answers one of these on the port itself.
pub(crate) async fn answer(
    ops: Ops,
    context: &Context,
    (auth, observer): (&Auth, &dyn Observer),
    parts: &Parts,
) -> Response<Body> {
    if ops == Ops::Metrics
        && let Err(failure) = auth.identify(parts, &Bytes::new(), &Target::Longshore)
    {
        return reply::json_error(context, Media::Json, &failure);
    }
    answer_anybody(ops, context, observer).await
}

/// Answers without asking who asks.
pub(crate) async fn answer_anybody(ops: Ops, context: &Context, observer: &dyn Observer) -> Response<Body> {
    match ops {
        Ops::Alive => json(context, StatusCode::OK, &serde_json::json!({ "status": "ok" })),
        Ops::Ready => match observer.readiness().await {
            Ok(()) => json(context, StatusCode::OK, &serde_json::json!({ "status": "ready" })),
            Err(why) => {
                let told = serde_json::json!({ "status": "not ready", "reason": why });
                let mut response = json(context, StatusCode::SERVICE_UNAVAILABLE, &told);
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
                response
            }
        },
        Ops::Metrics => {
            let (media, text) = observer.exposition().await;
            let mut response = Response::new(full(text));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
            response
        }
        Ops::Unknown => json(context, StatusCode::NOT_FOUND, &serde_json::json!({ "status": "unknown" })),
    }
}

fn json(context: &Context, status: StatusCode, value: &serde_json::Value) -> Response<Body> {
    reply::respond(context, status, Media::Json, value.to_string().into_bytes())
}
