//! Access keys, and the check of a request's SigV4 signature against them (`SIG-1` to `SIG-4`, `ERR-7`).

use super::header::{self, Signed};
use super::session::{self, SessionKey};
use super::{canonical, date};
use crate::context::Caller;
use crate::failure::Failure;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use longshore_types::AttemptId;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// How far the clocks may be apart (`SIG-4`).
const SKEW_S: i64 = 5 * 60;
/// A day's signing keys of this many key, region and service triples are kept.
const CACHED_KEYS: usize = 256;

/// An access key and the user that it belongs to.
#[derive(Clone)]
pub struct AccessKey {
    /// The key's id, as `AKIA…`.
    pub id: String,
    /// The secret.
    pub secret: String,
    /// The user's name, shown in ARNs.
    pub user: String,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, user, .. } = self;
        formatter.debug_struct("AccessKey").field("id", id).field("user", user).finish_non_exhaustive()
    }
}

/// The keys that requests may be signed with.
pub struct Keys {
    keys: BTreeMap<String, AccessKey>,
    /// Signing keys by access key and scope.
    signing: Mutex<BTreeMap<(String, String), [u8; 32]>>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Keys {
    /// These keys, and no others.
    pub fn new(keys: impl IntoIterator<Item = AccessKey>) -> Self {
        let keys = keys.into_iter().map(|key| (key.id.clone(), key)).collect();
        Self { keys, signing: Mutex::default() }
    }

    /// Who signed this request, if the signature holds for `service` at `now_s`.
    pub(super) fn verify(&self, parts: &Parts, body: &Bytes, (service, now_s): (&str, i64)) -> Result<Caller, Failure> {
        let signed = header::parse(parts)?;
        let key = self.key(signed.access_key, now_s).ok_or_else(unknown_key)?;
        if signed.service != service {
            return Err(mismatch(format!("Credential should be scoped to correct service: '{service}'.")));
        }
        if !signed.signed_headers.split(';').any(|name| name == "host") {
            return Err(header::incomplete(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        let date = check_date(parts, &signed, now_s)?;
        let canonical = canonical::request(parts, signed.signed_headers, &payload_hash(parts, body)?)?;
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{}\n{}", signed.scope, hex(&Sha256::digest(canonical)));
        let given = unhex(signed.signature).ok_or_else(wrong_signature)?;
        hmac(&self.signing_key(&key, &signed))
            .chain_update(to_sign)
            .verify_slice(&given)
            .map_err(|_| wrong_signature())?;
        Ok(Caller::User { access_key: key.id, name: key.user })
    }

    /// A configured key, or one that was issued to an attempt and is still good.
    fn key(&self, id: &str, now_s: i64) -> Option<AccessKey> {
        if let Some(key) = self.keys.get(id) {
            return Some(key.clone());
        }
        let root = self.keys.values().next()?;
        let secret = session::secret_of(&root.secret, id, now_s)?;
        Some(AccessKey { id: id.to_owned(), secret, user: root.user.clone() })
    }

    /// The secret of a key that may be used at `now_s`, for those who verify by themselves.
    pub fn secret_of(&self, id: &str, now_s: i64) -> Option<String> {
        self.key(id, now_s).map(|key| key.secret)
    }

    /// A key for an attempt.
    pub(super) fn issue(&self, attempt: AttemptId, now_s: i64) -> SessionKey {
        let root = self.keys.values().next().map_or("", |key| key.secret.as_str());
        SessionKey::issue(root, attempt, now_s)
    }

    fn signing_key(&self, key: &AccessKey, signed: &Signed<'_>) -> [u8; 32] {
        let name = (key.id.clone(), signed.scope.to_owned());
        // A panic while the map was held cannot have left half a key in it.
        let mut cache = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cache.get(&name) {
            return *known;
        }
        let secret = format!("AWS4{}", key.secret);
        let mut derived = mac(secret.as_bytes(), signed.date);
        for part in [signed.region, signed.service, "aws4_request"] {
            derived = mac(&derived, part);
        }
        if cache.len() >= CACHED_KEYS {
            cache.clear();
        }
        cache.insert(name, derived);
        derived
    }
}

/// `X-Amz-Date`, if it is near `now_s` and of the scope's day.
fn check_date<'a>(parts: &'a Parts, signed: &Signed<'_>, now_s: i64) -> Result<&'a str, Failure> {
    let header = parts.headers.get("x-amz-date").and_then(|value| value.to_str().ok());
    let text = header.ok_or_else(|| header::incomplete("Authorization header requires existence of 'X-Amz-Date'."))?;
    let sent_s = date::parse(text)
        .ok_or_else(|| header::incomplete("Date must be in ISO-8601 'basic format', as in 20150830T123600Z."))?;
    let now = date::format(now_s);
    if sent_s < now_s - SKEW_S {
        let earliest = date::format(now_s - SKEW_S);
        return Err(mismatch(format!("Signature expired: {text} is now earlier than {earliest} ({now} - 5 min.)")));
    }
    if sent_s > now_s + SKEW_S {
        let latest = date::format(now_s + SKEW_S);
        return Err(mismatch(format!(
            "Signature not yet current: {text} is still later than {latest} ({now} + 5 min.)"
        )));
    }
    if text.get(..8) != Some(signed.date) {
        return Err(mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.".into()));
    }
    Ok(text)
}

/// The hash of the body. A client that names it names the right one (`SIG-2`).
fn payload_hash(parts: &Parts, body: &Bytes) -> Result<String, Failure> {
    let hash = hex(&Sha256::digest(body));
    match parts.headers.get("x-amz-content-sha256") {
        Some(named) if named.as_bytes() != hash.as_bytes() => {
            Err(mismatch("The provided 'x-amz-content-sha256' header does not match what was computed.".into()))
        }
        _ => Ok(hash),
    }
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

pub(super) fn mac(key: &[u8], data: &str) -> [u8; 32] {
    hmac(key).chain_update(data).finalize().into_bytes().into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn unknown_key() -> Failure {
    let text = "The security token included in the request is invalid.".into();
    Failure::Denied { kind: "UnrecognizedClientException", text }
}

fn wrong_signature() -> Failure {
    let text = "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                Access Key and signing method. Consult the service documentation for details.";
    mismatch(text.into())
}

const fn mismatch(text: String) -> Failure {
    Failure::Denied { kind: "InvalidSignatureException", text }
}

#[cfg(test)]
mod tests;
