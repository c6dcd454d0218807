//! `If-Match` and its relatives: whether a request may proceed, given the object that is there. Pure.

use s3s::S3ErrorCode;
use s3s::dto::{ETagCondition, Timestamp};

use crate::failure::{Result, refuse};
use crate::object::Object;

/// The conditions of a read, or of the source of a copy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Proceed,
    NotModified,
    Failed,
}

impl Conditions {
    /// RFC 9110 §13.2.2: an ETag condition outranks the date condition beside it.
    pub(crate) fn judge(&self, object: &Object) -> Verdict {
        let modified = timestamp_s(object.modified_ms);
        let unmodified = match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) => matches(condition, &object.etag),
            (None, Some(since)) => modified <= *since,
            (None, None) => true,
        };
        let modified = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => !matches(condition, &object.etag),
            (None, Some(since)) => modified > *since,
            (None, None) => true,
        };
        match (unmodified, modified) {
            (false, _) => Verdict::Failed,
            (true, false) => Verdict::NotModified,
            (true, true) => Verdict::Proceed,
        }
    }

    /// For the source of a copy there is no "not modified": every unmet condition fails.
    pub(crate) fn require(&self, object: &Object) -> Result<()> {
        if self.judge(object) == Verdict::Proceed { Ok(()) } else { Err(precondition_failed()) }
    }
}

/// Decides a conditional write over the object that is there when it commits.
pub(crate) fn admit_write(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
    existing: Option<&Object>,
) -> Result<()> {
    if let (Some(condition), Some(object)) = (if_none_match, existing)
        && matches(condition, &object.etag)
    {
        return Err(precondition_failed());
    }
    match (if_match, existing) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(S3ErrorCode::NoSuchKey.into()),
        (Some(condition), Some(object)) if matches(condition, &object.etag) => Ok(()),
        (Some(_), Some(_)) => Err(precondition_failed()),
    }
}

pub(crate) fn precondition_failed() -> crate::failure::Error {
    refuse(S3ErrorCode::PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}

fn matches(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(expected) => expected.value() == etag,
    }
}

/// HTTP dates have whole seconds, so conditions compare whole seconds.
fn timestamp_s(modified_ms: i64) -> Timestamp {
    timestamp(modified_ms - modified_ms.rem_euclid(1000))
}

/// The time as the protocol crate knows it.
pub(crate) fn timestamp(ms: i64) -> Timestamp {
    let since_epoch = std::time::Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    Timestamp::from(std::time::UNIX_EPOCH + since_epoch)
}

#[cfg(test)]
mod tests;
