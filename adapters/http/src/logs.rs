//! CloudWatch Logs over HTTP (spec section 29.1): job output, read from the files that the jobs write. Each operation is a
//! file of its own. Streams are found in the database, their events in `longshore-logs`.

mod describe_log_groups;
mod describe_log_streams;
mod filter_log_events;
mod get_log_events;
mod group;

use crate::body::Body;
use crate::context::Context;
use crate::failure::Failure;
use crate::reply::{self, Media};
use crate::services::LogsService;
use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use longshore_api_logs::types::*;
use longshore_api_logs::{Input, Logs, Operation, Rejection, dispatch};

/// Answers a request for CloudWatch Logs.
pub(crate) async fn answer(
    service: &LogsService,
    context: &Context,
    (parts, body): (&Parts, &Bytes),
) -> Result<Response<Body>, Failure> {
    let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = Operation::by_target(target)
        .ok_or_else(|| Failure::UnknownOperation { request: format!("{target:?} of CloudWatch Logs") })?;
    match dispatch(&Operations(service), context, operation, &Input { body }).await {
        Ok(json) => Ok(reply::respond(context, StatusCode::OK, Media::Json11, json)),
        Err(Rejection::Malformed(error)) => Err(Failure::Malformed { detail: error.to_string() }),
        Err(Rejection::Violation(violation)) => Err(invalid(violation.to_string())),
        Err(Rejection::Failed(failure)) => Err(failure),
        Err(Rejection::Unwritable(error)) => Err(Failure::internal("write the answer", error)),
    }
}

/// A refusal of the request's form (`CWL-1`).
fn invalid(text: impl Into<String>) -> Failure {
    Failure::Modelled { kind: "InvalidParameterException", text: text.into() }
}

/// Something that the request names does not exist (`CWL-1`).
fn not_found(what: &str) -> Failure {
    Failure::Modelled { kind: "ResourceNotFoundException", text: format!("The specified {what} does not exist.") }
}

/// What reading output files can refuse, or fail with.
fn reading(error: longshore_logs::Error) -> Failure {
    match error {
        longshore_logs::Error::InvalidNextToken | longshore_logs::Error::InvalidFilterPattern => {
            invalid(error.to_string())
        }
        longshore_logs::Error::Read { .. } => Failure::internal("read the job's output", error),
    }
}

/// A number of entries asked for, within what the operation allows.
fn limit(asked: Option<i64>, most: usize) -> Result<Option<usize>, Failure> {
    let within = |asked: i64| usize::try_from(asked).ok().filter(|asked| (1..=most).contains(asked));
    asked.map(|asked| within(asked).ok_or_else(|| invalid(format!("limit must be between 1 and {most}.")))).transpose()
}

/// The operations, over a service.
struct Operations<'a>(&'a LogsService);

impl Logs for Operations<'_> {
    type Context = Context;
    type Failure = Failure;

    fn not_built(operation: Operation) -> Failure {
        Failure::NotBuilt { operation: operation.name().to_owned() }
    }

    async fn get_log_events(&self, _: &Context, request: GetLogEventsRequest) -> Result<GetLogEventsResponse, Failure> {
        get_log_events::answer(self.0, request).await
    }

    async fn filter_log_events(
        &self,
        _: &Context,
        request: FilterLogEventsRequest,
    ) -> Result<FilterLogEventsResponse, Failure> {
        filter_log_events::answer(self.0, request).await
    }

    async fn describe_log_streams(
        &self,
        context: &Context,
        request: DescribeLogStreamsRequest,
    ) -> Result<DescribeLogStreamsResponse, Failure> {
        describe_log_streams::answer(self.0, context, request).await
    }

    async fn describe_log_groups(
        &self,
        context: &Context,
        request: DescribeLogGroupsRequest,
    ) -> Result<DescribeLogGroupsResponse, Failure> {
        describe_log_groups::answer(self.0, context, request).await
    }
}

#[cfg(test)]
mod tests;
