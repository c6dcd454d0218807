//! The access keys; s3s verifies signatures against them.

use super::SecretOf;
use std::collections::BTreeMap;
use std::sync::Arc;

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3ErrorCode, S3Result};

pub(super) struct Keys {
    secrets: BTreeMap<String, SecretKey>,
}

impl Keys {
    pub(super) fn new(keys: BTreeMap<String, String>) -> Self {
        Self { secrets: keys.into_iter().map(|(access, secret)| (access, SecretKey::from(secret))).collect() }
    }
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        self.secrets.get(access_key).cloned().ok_or_else(unknown)
    }
}

/// Keys that somebody else keeps.
pub(super) struct Known {
    secret_of: Arc<SecretOf>,
}

impl Known {
    pub(super) fn new(secret_of: Arc<SecretOf>) -> Self {
        Self { secret_of }
    }
}

#[async_trait::async_trait]
impl S3Auth for Known {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        (self.secret_of)(access_key).map(SecretKey::from).ok_or_else(unknown)
    }
}

fn unknown() -> s3s::S3Error {
    super::refuse(S3ErrorCode::InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records.")
}
