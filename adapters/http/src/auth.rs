//! Who may ask: anybody (on loopback), or the holders of configured access keys, who sign every request with SigV4.
//! S3 verifies by itself; what a caller may do is not decided here.

mod canonical;
pub(crate) mod date;
mod header;
mod keys;
mod session;

pub use keys::{AccessKey, Keys};
pub(crate) use session::SessionKey;

use crate::context::Caller;
use crate::failure::Failure;
use crate::route::Target;
use bytes::Bytes;
use http::request::Parts;
use longshore_types::AttemptId;
use std::time::{SystemTime, UNIX_EPOCH};

/// How requests prove who sends them.
#[derive(Debug)]
pub enum Auth {
    /// Any credentials, or none, are accepted. For a server that only listens on loopback.
    AcceptAny,
    /// Every request is signed with one of these keys.
    Keys(Keys),
}

impl Auth {
    /// Who sends this request.
    pub(crate) fn identify(&self, parts: &Parts, body: &Bytes, target: &Target) -> Result<Caller, Failure> {
        match self {
            Self::AcceptAny => Ok(Caller::Root),
            Self::Keys(keys) => keys.verify(parts, body, (service(target), now_s())),
        }
    }

    /// A key for an attempt: one that verifies where keys are verified, any elsewhere.
    pub(crate) fn session_key(&self, attempt: AttemptId) -> SessionKey {
        match self {
            Self::AcceptAny => SessionKey::issue("", attempt, now_s()),
            Self::Keys(keys) => keys.issue(attempt, now_s()),
        }
    }
}

/// The signing name that the request's scope has to have.
fn service(target: &Target) -> &str {
    match target {
        Target::Batch => "batch",
        Target::Logs => "logs",
        Target::Sts => "sts",
        Target::Longshore | Target::Ecs | Target::Ops(_) => "longshore",
        Target::S3 => "s3",
        Target::Other(service) => service,
    }
}

fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
