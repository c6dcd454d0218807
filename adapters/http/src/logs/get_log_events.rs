//! GetLogEvents (`CWL-2`).

use super::{group, invalid, limit, not_found, reading};
use crate::failure::Failure;
use crate::services::{LogsService, blocking};
use longshore_api_logs::types::{GetLogEventsRequest, GetLogEventsResponse, OutputLogEvent};
use longshore_logs::{Event, GetEvents, Page, Stream};
use longshore_types::Timestamp;

/// The most events on a page.
const EVENTS_MAX: usize = 10_000;

pub(super) async fn answer(
    service: &LogsService,
    request: GetLogEventsRequest,
) -> Result<GetLogEventsResponse, Failure> {
    let group = group::named(request.log_group_name, request.log_group_identifier)?;
    let name = request.log_stream_name.unwrap_or_default();
    let query = GetEvents {
        start_time: request.start_time.map(Timestamp::from_millis),
        end_time: request.end_time.map(Timestamp::from_millis),
        limit: limit(request.limit, EVENTS_MAX)?,
        start_from_head: request.start_from_head.unwrap_or(false),
        next_token: request.next_token.filter(|token| !token.is_empty()),
    };
    if query.start_time.zip(query.end_time).is_some_and(|(start, end)| start > end) {
        return Err(invalid("startTime must not be later than endTime."));
    }
    let stream = find(service, group, name).await?;
    let reader = service.output.clone();
    let page = blocking(move || reader.get_log_events(&stream, &query).map_err(reading)).await?;
    Ok(response(page))
}

async fn find(service: &LogsService, group: String, name: String) -> Result<Stream, Failure> {
    let found = service.read(move |reader| {
        let stream = reader.log_stream(&group, &name)?;
        let exists = stream.is_some() || group::exists(reader, &group)?;
        Ok((exists, stream))
    });
    let (exists, stream) = found.await?;
    group::require(exists)?;
    stream.map(group::stream).ok_or_else(|| not_found("log stream"))
}

fn response(page: Page) -> GetLogEventsResponse {
    GetLogEventsResponse {
        events: Some(page.events.into_iter().map(event).collect()),
        next_forward_token: Some(page.next_forward_token),
        next_backward_token: Some(page.next_backward_token),
    }
}

fn event(event: Event) -> OutputLogEvent {
    let time = event.timestamp.as_millis();
    OutputLogEvent { timestamp: Some(time), message: Some(event.message), ingestion_time: Some(time) }
}
