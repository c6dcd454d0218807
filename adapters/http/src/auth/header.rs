//! The `Authorization` header of SigV4, taken apart (`SIG-1`).

use crate::failure::Failure;
use http::request::Parts;

/// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signed<'a> {
    pub(super) access_key: &'a str,
    /// `DATE/REGION/SERVICE/aws4_request`.
    pub(super) scope: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) signed_headers: &'a str,
    /// Lower-case hex.
    pub(super) signature: &'a str,
}

/// Takes the header apart.
pub(super) fn parse(parts: &Parts) -> Result<Signed<'_>, Failure> {
    let header = parts.headers.get(http::header::AUTHORIZATION).ok_or_else(missing)?;
    let text = header.to_str().map_err(|_| incomplete("Authorization header is not text."))?;
    let members = text
        .strip_prefix("AWS4-HMAC-SHA256")
        .ok_or_else(|| incomplete("Authorization header requires the algorithm AWS4-HMAC-SHA256."))?;
    let member = |name: &str| {
        let found = members.split(',').find_map(|member| member.trim().strip_prefix(name)?.strip_prefix('='));
        found.ok_or_else(|| incomplete(&format!("Authorization header requires '{name}' parameter.")))
    };
    let (access_key, scope) = member("Credential")?.split_once('/').ok_or_else(bad_credential)?;
    let scope_parts: Vec<&str> = scope.split('/').collect();
    let [date, region, service, "aws4_request"] = scope_parts[..] else { return Err(bad_credential()) };
    let (signed_headers, signature) = (member("SignedHeaders")?, member("Signature")?);
    Ok(Signed { access_key, scope, date, region, service, signed_headers, signature })
}

fn missing() -> Failure {
    Failure::Denied { kind: "MissingAuthenticationTokenException", text: "Missing Authentication Token".into() }
}

fn bad_credential() -> Failure {
    incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.")
}

/// A signature that cannot even be checked.
pub(super) fn incomplete(text: &str) -> Failure {
    Failure::Denied { kind: "IncompleteSignatureException", text: text.to_owned() }
}
