//! Events over HTTP, for `longshore events` and whoever else follows: `GET /longshore/v1/events`. Reads the outbox, and
//! waits for it to grow if it is asked to.
//!
//! The query: `after` (a number, or `latest`; events above it are given), `since` (milliseconds since 1970, instead of `after`), `limit`,
//! `wait_ms` (how long to wait for a first event), `job`, `queue`, `status` (both may be repeated, as lists with commas). The
//! answer: `{"events": [{"seq": …, "event": <envelope>}, …], "next": <number to pass as after>, "last": <newest number>}`.

mod envelope;
mod request;

pub use envelope::{EnvelopeError, EnvelopePage, Envelopes};

use crate::body::Body;
use crate::context::Context;
use crate::failure::Failure;
use crate::reply::{self, Media};
use crate::services::EventsService;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use request::{Begin, EventsRequest};
use serde_json::json;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The path.
pub(crate) const PATH: &str = "/longshore/v1/events";
/// Commits come by the hundred in a second: after each that wakes it, a follower lets so many more gather.
const GATHER: Duration = Duration::from_millis(20);

/// Answers a request for events.
pub(crate) async fn answer(
    service: &EventsService,
    context: &Context,
    parts: &Parts,
) -> Result<Response<Body>, Failure> {
    if parts.method != Method::GET || parts.uri.path() != PATH {
        return Err(Failure::UnknownOperation { request: format!("{} {}", parts.method, parts.uri.path()) });
    }
    let mut request = EventsRequest::parse(parts.uri.query().unwrap_or_default())?;
    let mut until = Instant::now() + request.wait;
    let (mut commits, mut stopping) = (service.commits.clone(), service.stopping.clone());
    request.query.after = start(service, &request).await?;
    loop {
        commits.mark_unchanged();
        let query = request.query.clone();
        let envelopes = Envelopes::new(service.reader.clone(), context.clone());
        let page = crate::services::blocking(move || envelopes.read(&query)).await?;
        let (read_on, idle) = (page.next, page.next == request.query.after);
        if !page.events.is_empty() || Instant::now() >= until {
            let events: Vec<_> =
                page.events.into_iter().map(|(seq, event)| json!({ "seq": seq, "event": event })).collect();
            let body = json!({ "events": events, "next": read_on, "last": page.last });
            return Ok(reply::respond(context, StatusCode::OK, Media::Json, body.to_string().into_bytes()));
        }
        request.query.after = read_on;
        if idle {
            tokio::select! {
                changed = commits.changed() => match changed {
                    Ok(()) => tokio::time::sleep(GATHER).await,
                    Err(_) => until = Instant::now(),
                },
                // A server that stops lets nobody wait.
                () = told(&mut stopping) => until = Instant::now(),
                () = sleep_until(until) => {}
            }
        }
    }
}

/// Until the server is about to stop.
async fn told(stopping: &mut watch::Receiver<bool>) {
    // Whoever could tell is gone with the server.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// The number to read on from.
async fn start(service: &EventsService, request: &EventsRequest) -> Result<u64, Failure> {
    match request.begin {
        None => Ok(request.query.after),
        Some(Begin::Since(since)) => service.read(move |reader| reader.events_before(since)).await,
        Some(Begin::Latest) => service.read(|reader| Ok(reader.event_bounds()?.1)).await,
    }
}

#[cfg(test)]
mod tests;
