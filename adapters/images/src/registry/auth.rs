//! How a registry wants to be told who asks: `Basic`, or `Bearer` with a token from somewhere else.

use super::transport;
use crate::{Credentials, Error};
use serde::Deserialize;
use ureq::http::Response;
use ureq::{Agent, Body};

/// What the registry asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    Bearer(Bearer),
}

/// Where tokens come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bearer {
    pub(super) realm: String,
    service: Option<String>,
    scope: Option<String>,
}

impl Challenge {
    /// None of an unknown kind.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let parameters = parameters(rest);
        let value = |wanted: &str| {
            parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.clone())
        };
        Some(Self::Bearer(Bearer { realm: value("realm")?, service: value("service"), scope: value("scope") }))
    }
}

/// `name="value"` or `name=value`, with commas between; a value in quotes may have commas of its own.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.push((name.trim_matches([',', ' ']).to_owned(), value.trim().to_owned()));
        rest = after;
    }
    found
}

impl Bearer {
    /// Asks for a token: with the refresh token if there is one, else as the user, else as nobody.
    pub(super) fn ask(
        &self,
        agent: &Agent,
        credentials: Option<&Credentials>,
        scope: &str,
    ) -> Result<Response<Body>, Error> {
        let scope = self.scope.as_deref().unwrap_or(scope);
        let service = self.service.as_deref().unwrap_or_default();
        let answer = match credentials {
            Some(Credentials::IdentityToken(token)) => agent.post(&self.realm).send_form([
                ("grant_type", "refresh_token"),
                ("client_id", "longshore"),
                ("service", service),
                ("scope", scope),
                ("refresh_token", token),
            ]),
            other => {
                let mut request = agent.get(&self.realm).query("scope", scope);
                if !service.is_empty() {
                    request = request.query("service", service);
                }
                if let Some(Credentials::Password { username, password }) = other {
                    request = request.header("Authorization", basic(username, password));
                }
                request.call()
            }
        };
        answer.map_err(transport(&self.realm))
    }
}

pub(super) fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", base64_simd::STANDARD.encode_to_string(format!("{username}:{password}")))
}

/// The token of an answer; its name differs by who gives it.
pub(super) fn token(answer: Vec<u8>) -> Option<String> {
    #[derive(Deserialize)]
    struct Answer {
        token: Option<String>,
        access_token: Option<String>,
    }
    let Answer { token, access_token } = serde_json::from_slice(&answer).ok()?;
    token.or(access_token).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenge_with_quoted_commas_is_read() {
        let header = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#;
        let expected = Bearer {
            realm: "https://auth.docker.io/token".into(),
            service: Some("registry.docker.io".into()),
            scope: Some("repository:a/b:pull,push".into()),
        };
        assert_eq!(Challenge::parse(header), Some(Challenge::Bearer(expected)));
        assert_eq!(Challenge::parse(r#"basic realm="x""#), Some(Challenge::Basic));
    }

    #[test]
    fn challenge_of_another_kind_is_none() {
        assert_eq!(Challenge::parse("Negotiate"), None);
        assert_eq!(Challenge::parse("Bearer service=x"), None, "nowhere to ask for a token");
    }

    #[test]
    fn token_has_either_of_two_names() {
        assert_eq!(token(br#"{"token":"a"}"#.to_vec()), Some("a".into()));
        assert_eq!(token(br#"{"access_token":"b","expires_in":300}"#.to_vec()), Some("b".into()));
        assert_eq!(token(b"{}".to_vec()), None);
    }
}
