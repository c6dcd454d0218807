//! What a request is called where requests are counted: one of few names, whatever clients send.

use crate::route::Target;
use http::Method;
use http::request::Parts;

/// The API and the operation.
pub(crate) fn named(target: &Target, parts: &Parts) -> (&'static str, &'static str) {
    match target {
        Target::Batch => ("batch", batch(parts)),
        Target::Logs => ("logs", logs(parts)),
        Target::Sts => ("sts", "GetCallerIdentity"),
        Target::Longshore if parts.uri.path() == crate::explain::PATH => ("longshore", "Explain"),
        Target::Longshore if parts.uri.path() == crate::events::PATH => ("longshore", "Events"),
        Target::Ecs => ("ecs", "TaskEndpoint"),
        Target::S3 => ("s3", method(&parts.method)),
        Target::Ops(_) => ("longshore", "Health"),
        Target::Longshore | Target::Other(_) => ("other", "Unknown"),
    }
}

fn batch(parts: &Parts) -> &'static str {
    let operation = longshore_api_batch::Operation::by_route(parts.method.as_str(), parts.uri.path());
    operation.map_or("Unknown", |(operation, _)| operation.name())
}

fn logs(parts: &Parts) -> &'static str {
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    longshore_api_logs::Operation::by_target(target).map_or("Unknown", longshore_api_logs::Operation::name)
}

/// S3's operations follow from queries and headers, which its own crate reads; the method tells reading from writing.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "Unknown",
    }
}
