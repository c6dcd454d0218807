//! Keys for as long as an attempt may need them (`CRD-1`): the secret follows from the key's id and the server's own secret, so nothing
//! is kept and every server of the same secret knows them. The id says until when.

use super::keys::{hex, mac};
use longshore_types::AttemptId;

/// What begins the id of a temporary key in AWS.
const PREFIX: &str = "ASIA";
/// How long one is good for; SDKs fetch another before.
const LIFE_S: i64 = 6 * 3_600;
const EXPIRY_DIGITS: usize = 10;
const SECRET_LENGTH: usize = 40;

/// A temporary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// What clients send along. The id alone says everything; it is the same for all.
    pub(crate) token: String,
    pub(crate) expires_s: i64,
}

impl SessionKey {
    /// A key for an attempt, from `now_s` on.
    pub(crate) fn issue(root_secret: &str, attempt: AttemptId, now_s: i64) -> Self {
        let expires_s = now_s + LIFE_S;
        let id = format!("{PREFIX}{expires_s:0EXPIRY_DIGITS$}{}", attempt.to_string().to_uppercase());
        Self { secret: derive(root_secret, &id), token: format!("longshore/{id}"), id, expires_s }
    }
}

/// The secret of a temporary key that is good at `now_s`; none for any other id.
pub(super) fn secret_of(root_secret: &str, id: &str, now_s: i64) -> Option<String> {
    let expiry = id.strip_prefix(PREFIX)?.get(..EXPIRY_DIGITS)?;
    let expires_s: i64 = expiry.parse().ok()?;
    (now_s < expires_s).then(|| derive(root_secret, id))
}

fn derive(root_secret: &str, id: &str) -> String {
    let mut secret = hex(&mac(root_secret.as_bytes(), &format!("longshore session key {id}")));
    secret.truncate(SECRET_LENGTH);
    secret
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crd_1_secret_follows_from_the_id_until_it_expires() {
        let key = SessionKey::issue("root", AttemptId::from_random(10), 1_000);
        assert_eq!(secret_of("root", &key.id, key.expires_s - 1), Some(key.secret.clone()));
        assert_eq!(secret_of("root", &key.id, key.expires_s), None);
        assert_ne!(secret_of("other", &key.id, 1_000), Some(key.secret));
    }

    #[test]
    fn id_with_another_expiry_has_another_secret() {
        let key = SessionKey::issue("root", AttemptId::from_random(10), 1_000);
        let later = key.id.replacen("0000022600", "9999999999", 1);
        assert_ne!(later, key.id);
        assert_ne!(secret_of("root", &later, 1_000), Some(key.secret));
        assert_eq!(secret_of("root", "AKIDEXAMPLE", 1_000), None);
        assert_eq!(secret_of("root", "ASIAé", 1_000), None);
    }
}
