//! Percent-encoding of addresses, both ways.

use std::fmt::Write as _;

/// Everything but letters, digits and `-_.~` as `%XX`.
pub(crate) fn encode(bytes: &[u8]) -> String {
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

/// The bytes that `text` stands for; a `%` that begins no code stands for itself.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = |hex: &&str| bytes[at] == b'%' && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
        let hex = text.get(at + 1..at + 3).filter(digits);
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded
}

/// The text that `text` stands for; what is not UTF-8 is replaced.
pub(crate) fn decode_text(text: &str) -> String {
    String::from_utf8_lossy(&decode(text)).into_owned()
}

#[cfg(test)]
mod tests;
