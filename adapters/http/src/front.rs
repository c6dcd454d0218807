//! Takes each request to the API that it is for, and turns failures into that API's own kind of error.

use crate::admission::Kind;
use crate::batch;
use crate::body::{self, Body};
use crate::context::Context;
use crate::ecs;
use crate::events;
use crate::explain;
use crate::failure::Failure;
use crate::logs;
use crate::named;
use crate::objects;
use crate::observer::{Answered, Refusal};
use crate::ops;
use crate::reply::{self, Media};
use crate::route::{self, Target};
use crate::services::Services;
use crate::sts;
use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use std::time::Instant;

/// Answers one request.
pub(crate) async fn answer(services: &Services, request: Request<Incoming>) -> Response<Body> {
    let begun = Instant::now();
    let (parts, incoming) = request.into_parts();
    let scope = route::scope(&parts);
    let target = route::target(&parts, scope.as_ref());
    let (api, operation) = named::named(&target, &parts);
    let region = scope.map_or_else(|| services.region.clone(), |scope| scope.region);
    let context = Context::new(&region, &services.account);
    let response = answer_target(services, context, (target, operation), (parts, incoming)).await;
    let code = response.status().as_u16();
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        services.observer.refused(Refusal::Overload);
    }
    services.observer.answered(Answered { api, operation, code, took: begun.elapsed() });
    response
}

async fn answer_target(
    services: &Services,
    context: Context,
    (target, operation): (Target, &'static str),
    (parts, incoming): (Parts, Incoming),
) -> Response<Body> {
    match (target, &services.s3) {
        (Target::S3, Some(s3)) => {
            let request = Request::from_parts(parts, incoming);
            objects::answer(services, s3.as_ref(), (&context, request)).await
        }
        (Target::Ops(ops), _) => ops::answer(ops, &context, (&services.auth, services.observer.as_ref()), &parts).await,
        (target, _) => {
            let mut held = services.batch.quotas.admission().hold();
            match body::collect(incoming, &mut held).await {
                Ok(_) if needs_room(&target, operation) && !services.observer.has_room() => {
                    services.observer.refused(Refusal::Disk);
                    error(&context, &target, &Failure::NoRoom)
                }
                Ok(bytes) => answer_read(services, context, &target, (&parts, bytes)).await,
                Err(failure) => {
                    let mut response = reply::json_error(&context, Media::Json, &failure);
                    if matches!(failure, Failure::TooLarge { .. } | Failure::Malformed { .. }) {
                        // The rest of it is not read.
                        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                    }
                    response
                }
            }
        }
    }
}

/// Whether the operation begins something that grows. Ending things is possible on a full disk.
fn needs_room(target: &Target, operation: &str) -> bool {
    *target == Target::Batch && matches!(operation, "SubmitJob" | "SubmitServiceJob" | "RegisterJobDefinition")
}

/// Answers a request whose body has been read.
async fn answer_read(
    services: &Services,
    mut context: Context,
    target: &Target,
    (parts, bytes): (&Parts, Bytes),
) -> Response<Body> {
    let reads_events = *target == Target::Longshore && parts.uri.path() == events::PATH;
    let kind = if reads_events { Kind::EventReader } else { Kind::Request };
    let _admitted = match services.batch.quotas.admission().admit(kind) {
        Ok(admitted) => admitted,
        Err(failure) => return error(&context, target, &failure),
    };
    if *target == Target::Ecs {
        let answered = ecs::answer(services, &context, parts).await;
        return answered.unwrap_or_else(|failure| error(&context, target, &failure));
    }
    match services.auth.identify(parts, &bytes, target) {
        Ok(caller) => context.caller = caller,
        Err(failure) => return error(&context, target, &failure),
    }
    context.body_bytes = bytes.len();
    let answered = match target {
        Target::Batch => batch::answer(&services.batch, &context, (parts, &bytes)).await,
        Target::Logs => logs::answer(&services.logs, &context, (parts, &bytes)).await,
        Target::Sts => sts::answer(&context, &bytes),
        Target::Longshore if parts.uri.path() == explain::PATH => {
            explain::answer(&services.batch, &context, (parts, &bytes)).await
        }
        Target::Longshore => events::answer(&services.events, &context, parts).await,
        Target::Other(service) => Err(Failure::UnknownOperation { request: format!("the AWS service {service:?}") }),
        _ => Err(Failure::UnknownOperation { request: format!("{} {}", parts.method, parts.uri.path()) }),
    };
    answered.unwrap_or_else(|failure| error(&context, target, &failure))
}

fn error(context: &Context, target: &Target, failure: &Failure) -> Response<Body> {
    match target {
        Target::Sts => sts::error(context, failure),
        Target::Logs => reply::json_error(context, Media::Json11, failure),
        _ => reply::json_error(context, Media::Json, failure),
    }
}
