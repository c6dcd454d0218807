//! Who asks, and under which region, account and request id the answer is written (`SIG-5`).

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What every operation knows of its request.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The region, from the credential scope.
    pub(crate) region: String,
    /// The partition of that region: `aws`, `aws-cn` or `aws-us-gov`.
    pub(crate) partition: &'static str,
    /// The account, 12 digits.
    pub(crate) account: Arc<str>,
    /// The id of this request, a UUID, also in `x-amzn-RequestId`.
    pub(crate) request_id: String,
    /// Who asks.
    pub(crate) caller: Caller,
    /// The size of the request's body.
    pub(crate) body_bytes: usize,
}

/// The identity behind a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Any credentials were accepted: the account itself.
    Root,
    /// The user that a configured access key belongs to.
    User {
        /// The access key's id.
        access_key: String,
        /// The user's name.
        name: String,
    },
}

impl Context {
    /// A context with a fresh request id, for the account itself.
    pub(crate) fn new(region: &str, account: &Arc<str>) -> Self {
        Self {
            region: region.to_owned(),
            partition: partition(region),
            account: Arc::clone(account),
            request_id: request_id(),
            caller: Caller::Root,
            body_bytes: 0,
        }
    }

    /// The caller's ARN.
    pub(crate) fn caller_arn(&self) -> String {
        let Self { partition, account, .. } = self;
        match &self.caller {
            Caller::Root => format!("arn:{partition}:iam::{account}:root"),
            Caller::User { name, .. } => format!("arn:{partition}:iam::{account}:user/{name}"),
        }
    }

    /// The caller's unique id.
    pub(crate) fn caller_id(&self) -> &str {
        match &self.caller {
            Caller::Root => &self.account,
            Caller::User { access_key, .. } => access_key,
        }
    }
}

fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// A new UUID (version 4). Unique and unguessable enough to name a request; never a secret.
fn request_id() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let (high, low) = (RandomState::new().hash_one(count), RandomState::new().hash_one(count));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0x0fff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}
