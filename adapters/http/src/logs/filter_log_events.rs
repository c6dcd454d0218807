//! FilterLogEvents (`CWL-3`), which is also what following a log is made of (`CWL-6`).

use super::{group, invalid, limit, not_found, reading};
use crate::failure::Failure;
use crate::services::{LogsService, blocking};
use longshore_api_logs::types::{FilterLogEventsRequest, FilterLogEventsResponse, FilteredLogEvent};
use longshore_logs::{Filter, FilterPage, Stream};
use longshore_store::{Reader, StreamQuery};
use longshore_types::Timestamp;

/// The most events on a page.
const EVENTS_MAX: usize = 10_000;
/// How far the clocks that stamp the end of an attempt and its output may be apart.
const CLOCKS_MS: i64 = 60_000;
/// The most streams that can be named.
const NAMES_MAX: usize = 100;

pub(super) async fn answer(
    service: &LogsService,
    request: FilterLogEventsRequest,
) -> Result<FilterLogEventsResponse, Failure> {
    let group = group::named(request.log_group_name, request.log_group_identifier)?;
    let names = request.log_stream_names.filter(|names| !names.is_empty());
    if names.is_some() && request.log_stream_name_prefix.is_some() {
        return Err(invalid("Only one of logStreamNames and logStreamNamePrefix can be given."));
    }
    if names.as_ref().is_some_and(|names| names.len() > NAMES_MAX) {
        return Err(invalid(format!("logStreamNames can have at most {NAMES_MAX} entries.")));
    }
    let filter = Filter {
        start_time: request.start_time.map(Timestamp::from_millis),
        end_time: request.end_time.map(Timestamp::from_millis),
        pattern: request.filter_pattern.unwrap_or_default(),
        limit: limit(request.limit, EVENTS_MAX)?,
        next_token: request.next_token.filter(|token| !token.is_empty()),
    };
    let selection = Selection {
        group,
        names,
        prefix: request.log_stream_name_prefix.unwrap_or_default(),
        live_since: filter.start_time.map(|time| Timestamp::from_millis(time.as_millis().saturating_sub(CLOCKS_MS))),
    };
    let (exists, streams) = service.read(move |reader| selection.streams(reader)).await?;
    group::require(exists)?;
    let streams = streams.ok_or_else(|| not_found("log stream"))?;
    let reader = service.output.clone();
    let search = move || {
        let page = reader.filter_log_events(&streams, &filter).map_err(reading)?;
        Ok(response(page, &streams))
    };
    blocking(search).await
}

/// Which streams are searched.
struct Selection {
    group: String,
    names: Option<Vec<String>>,
    prefix: String,
    /// Streams that had ended before have no event that is asked for.
    live_since: Option<Timestamp>,
}

impl Selection {
    /// Whether the group exists, and its streams that are asked for; none if one that is named does not exist.
    fn streams(self, reader: &Reader) -> Result<(bool, Option<Vec<Stream>>), longshore_store::Error> {
        let exists = group::exists(reader, &self.group)?;
        let rows = match self.names {
            Some(names) => names.iter().map(|name| reader.log_stream(&self.group, name)).collect::<Result<_, _>>()?,
            None => {
                let (group, prefix, live_since) = (self.group, self.prefix, self.live_since);
                let query = StreamQuery { group, prefix, live_since, after: None, limit: usize::MAX };
                Some(reader.log_streams(&query)?)
            }
        };
        Ok((exists, rows.map(|rows: Vec<_>| rows.into_iter().map(group::stream).collect())))
    }
}

fn response(page: FilterPage, streams: &[Stream]) -> FilterLogEventsResponse {
    let event = |found: longshore_logs::FilteredEvent| {
        let time = found.event.timestamp.as_millis();
        FilteredLogEvent {
            event_id: Some(found.event.id),
            ingestion_time: Some(time),
            log_stream_name: Some(streams[found.stream].name.clone()),
            message: Some(found.event.message),
            timestamp: Some(time),
        }
    };
    FilterLogEventsResponse {
        events: Some(page.events.into_iter().map(event).collect()),
        next_token: page.next_token,
        searched_log_streams: Some(Vec::new()),
    }
}
