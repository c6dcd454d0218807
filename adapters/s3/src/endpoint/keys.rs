//! The configured access keys; s3s verifies signatures against them.

use std::collections::BTreeMap;

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
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        let unknown = || super::refuse(S3ErrorCode::InvalidAccessKeyId, message);
        self.secrets.get(access_key).cloned().ok_or_else(unknown)
    }
}
