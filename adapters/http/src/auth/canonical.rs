//! The canonical request of SigV4: the text that both sides hash (`SIG-2`, `SIG-3`).

use super::header::incomplete;
use crate::failure::Failure;
use crate::percent::{decode, encode};
use http::request::Parts;
use std::fmt::Write as _;

/// The canonical form of a request whose payload has this hash.
pub(super) fn request(parts: &Parts, signed_headers: &str, payload_hash: &str) -> Result<String, Failure> {
    let headers = headers(parts, signed_headers)?;
    let (path, query) = (path(parts.uri.path()), query(parts.uri.query().unwrap_or_default()));
    Ok(format!("{}\n{path}\n{query}\n{headers}\n{signed_headers}\n{payload_hash}", parts.method))
}

/// The path encoded once more than it was sent: `%3A` becomes `%253A` (`SIG-3`).
fn path(raw: &str) -> String {
    raw.split('/').map(|part| encode(part.as_bytes())).collect::<Vec<_>>().join("/")
}

/// The query's pairs, decoded, encoded strictly and sorted.
fn query(raw: &str) -> String {
    let pairs = raw.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(&decode(name)), encode(&decode(value)))
        })
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn headers(parts: &Parts, signed: &str) -> Result<String, Failure> {
    let mut text = String::new();
    for name in signed.split(';') {
        let values = parts.headers.get_all(name).iter().map(|value| trim(&String::from_utf8_lossy(value.as_bytes())));
        let values: Vec<String> = values.collect();
        if values.is_empty() {
            return Err(incomplete(&format!("The signed header '{name}' is missing from the request.")));
        }
        let _ = writeln!(text, "{name}:{}", values.join(","));
    }
    Ok(text)
}

/// Without spaces at the ends, and with runs of spaces as one.
fn trim(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
