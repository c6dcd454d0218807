//! Log groups: named one way or the other, and there as soon as the server is.

use super::{invalid, not_found};
use crate::context::Context;
use crate::failure::Failure;
use longshore_logs::Stream;
use longshore_store::Reader;

/// The group of jobs that name none: always there, so that it can be followed before the first job runs (A18).
pub(super) const DEFAULT: &str = "/aws/batch/job";

/// The group that is asked for by `logGroupName` or by `logGroupIdentifier`, which is a name or an ARN: exactly one of
/// them (`CWL-2`).
pub(super) fn named(name: Option<String>, identifier: Option<String>) -> Result<String, Failure> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => Ok(of_identifier(&identifier)),
        _ => Err(invalid("Exactly one of logGroupName and logGroupIdentifier must be given.")),
    }
}

/// `arn:aws:logs:R:A:log-group:NAME`, with or without `:*`, or the name itself.
fn of_identifier(identifier: &str) -> String {
    let name = identifier.starts_with("arn:").then(|| identifier.splitn(7, ':').nth(6)).flatten();
    name.map_or(identifier, |name| name.strip_suffix(":*").unwrap_or(name)).to_owned()
}

/// Whether there is such a group.
pub(super) fn exists(reader: &Reader, group: &str) -> Result<bool, longshore_store::Error> {
    Ok(group == DEFAULT || reader.log_groups(group)?.iter().any(|found| found == group))
}

/// Refuses a group that does not exist.
pub(super) fn require(exists: bool) -> Result<(), Failure> {
    if exists { Ok(()) } else { Err(not_found("log group")) }
}

/// The group's ARN, without the `:*` of its streams.
pub(super) fn arn(context: &Context, group: &str) -> String {
    let Context { partition, region, account, .. } = context;
    format!("arn:{partition}:logs:{region}:{account}:log-group:{group}")
}

/// A stream of the database as the reader of output files knows it.
pub(super) fn stream(row: longshore_engine::entity::LogStream) -> Stream {
    Stream {
        group: row.group,
        name: row.name,
        attempt: row.attempt,
        created_at: row.created_at,
        ended_at: row.ended_at,
    }
}
