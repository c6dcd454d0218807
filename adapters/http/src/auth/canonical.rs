//! The canonical request of SigV4: the text that both sides hash (`SIG-2`, `SIG-3`).

use super::header::incomplete;
use crate::failure::Failure;
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
    raw.split('/').map(encode).collect::<Vec<_>>().join("/")
}

/// The query's pairs, decoded, encoded strictly and sorted.
fn query(raw: &str) -> String {
    let pairs = raw.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode_bytes(&decode(name)), encode_bytes(&decode(value)))
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

fn encode(text: &str) -> String {
    encode_bytes(text.as_bytes())
}

fn encode_bytes(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded
}
