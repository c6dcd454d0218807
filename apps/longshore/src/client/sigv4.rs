//! AWS Signature Version 4 for the requests of the command line: the `Authorization` header of a request whose
//! headers and body digest are known. It reads no clock and no environment.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Who signs, for which region and service, and when (`20150830T123600Z`).
#[derive(Clone, Debug)]
pub(crate) struct Signer<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) secret_key: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) date: &'a str,
}

/// What is signed. `path` is encoded, `query` encoded and sorted, `headers` in lower case and sorted.
#[derive(Clone, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body_sha256: &'a str,
}

impl Signer<'_> {
    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self, signed: &Signed<'_>) -> String {
        let day = &self.date[..8];
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let names: Vec<&str> = signed.headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let canonical = canonical_request(signed, &names);
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", self.date, sha256_hex(canonical.as_bytes()));
        let secret = format!("AWS4{}", self.secret_key);
        let key = [day, self.region, self.service, "aws4_request"]
            .iter()
            .fold(secret.into_bytes(), |key, part| hmac_sha256(&key, part.as_bytes()));
        let signature = hex(&hmac_sha256(&key, text.as_bytes()));
        format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", self.access_key)
    }
}

fn canonical_request(signed: &Signed<'_>, names: &str) -> String {
    let mut text = format!("{}\n{}\n{}\n", signed.method, signed.path, signed.query);
    for (name, value) in signed.headers {
        text.push_str(name);
        text.push(':');
        text.push_str(value.trim());
        text.push('\n');
    }
    text + "\n" + names + "\n" + signed.body_sha256
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// The digest of a body, as requests carry it.
pub(crate) fn sha256_hex(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Lower case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

#[cfg(test)]
mod tests;
