//! DescribeLogStreams (`CWL-4`).

use super::{group, invalid, limit, reading};
use crate::context::Context;
use crate::failure::Failure;
use crate::paging::Window;
use crate::services::{LogsService, blocking};
use longshore_api_logs::types::{DescribeLogStreamsRequest, DescribeLogStreamsResponse, LogStream};
use longshore_engine::entity::LogStream as Row;
use longshore_logs::{Extent, Stream};
use longshore_store::{Reader, StreamQuery};

/// The most streams on a page.
const STREAMS_MAX: usize = 50;

pub(super) async fn answer(
    service: &LogsService,
    context: &Context,
    request: DescribeLogStreamsRequest,
) -> Result<DescribeLogStreamsResponse, Failure> {
    let listing = listing(&request)?;
    let asked = limit(request.limit, STREAMS_MAX)?.and_then(|limit| i64::try_from(limit).ok());
    let key = format!("DescribeLogStreams {listing:?}");
    let window = Window::new(&key, STREAMS_MAX, (asked, request.next_token.as_deref()));
    let window = window.map_err(|failure| invalid(failure.to_string()))?;
    let after = window.after(|name| Some(name.to_owned())).map_err(|failure| invalid(failure.to_string()))?;
    let probe = window.probe();
    let (exists, rows) = service.read(move |reader| listing.rows(reader, after, probe)).await?;
    group::require(exists)?;
    let (rows, next_token) = window.close(rows, |row| row.name.clone());
    let output = service.output.clone();
    let extents = move || {
        let stream = |row: Row| -> Result<(Stream, Extent), Failure> {
            let stream = group::stream(row);
            let extent = output.stream_extent(&stream).map_err(reading)?;
            Ok((stream, extent))
        };
        rows.into_iter().map(stream).collect::<Result<Vec<_>, _>>()
    };
    let streams = blocking(extents).await?;
    let streams = streams.into_iter().map(|(stream, extent)| rendered(context, stream, extent)).collect();
    Ok(DescribeLogStreamsResponse { log_streams: Some(streams), next_token })
}

/// Which streams, in which order.
#[derive(Debug)]
struct Listing {
    group: String,
    prefix: String,
    by_time: bool,
    descending: bool,
}

fn listing(request: &DescribeLogStreamsRequest) -> Result<Listing, Failure> {
    let group = group::named(request.log_group_name.clone(), request.log_group_identifier.clone())?;
    let by_time = request.order_by.as_deref() == Some("LastEventTime");
    let prefix = request.log_stream_name_prefix.clone().unwrap_or_default();
    if by_time && !prefix.is_empty() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    Ok(Listing { group, prefix, by_time, descending: request.descending.unwrap_or(false) })
}

impl Listing {
    /// Whether the group exists, and up to `count` of its streams that follow the one with the name `after`.
    fn rows(
        self,
        reader: &Reader,
        after: Option<String>,
        count: usize,
    ) -> Result<(bool, Vec<Row>), longshore_store::Error> {
        let exists = group::exists(reader, &self.group)?;
        if !self.by_time && !self.descending {
            let query = StreamQuery { group: self.group, prefix: self.prefix, live_since: None, after, limit: count };
            return Ok((exists, reader.log_streams(&query)?));
        }
        // The database lists ascending names and descending times; the other two orders are these, turned round.
        let mut rows = if self.by_time {
            reader.latest_log_streams(&self.group, None, usize::MAX)?
        } else {
            let (group, prefix) = (self.group, self.prefix);
            reader.log_streams(&StreamQuery { group, prefix, live_since: None, after: None, limit: usize::MAX })?
        };
        if self.by_time != self.descending {
            rows.reverse();
        }
        let start = after.and_then(|name| rows.iter().position(|row| row.name == name)).map_or(0, |at| at + 1);
        Ok((exists, rows.into_iter().skip(start).take(count).collect()))
    }
}

fn rendered(context: &Context, stream: Stream, extent: Extent) -> LogStream {
    let millis = |time: Option<longshore_types::Timestamp>| time.map(longshore_types::Timestamp::as_millis);
    LogStream {
        arn: Some(format!("{}:log-stream:{}", group::arn(context, &stream.group), stream.name)),
        creation_time: Some(stream.created_at.as_millis()),
        first_event_timestamp: millis(extent.first_event),
        last_event_timestamp: millis(extent.last_event),
        last_ingestion_time: millis(extent.last_ingestion),
        log_stream_name: Some(stream.name),
        // AWS no longer counts these and always says zero.
        stored_bytes: Some(0),
        upload_sequence_token: Some(stream.attempt.to_string()),
    }
}
