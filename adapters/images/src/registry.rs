//! One repository of one registry, by the distribution protocol: manifests, blobs, and who we are to it. It verifies no
//! digests and keeps nothing; the store does.

mod auth;
mod blob;

use crate::manifest::ACCEPTED;
use crate::{Credentials, Digest, Error, Reference};
use auth::Challenge;
use blob::Blob;
use serde::Deserialize;
use std::io::Read;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
const HEADERS_TIMEOUT: Duration = Duration::from_secs(60);
/// A connection that gives nothing for so long is dead; what it was to give is then asked for anew from there.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);
/// Real manifests and configurations have kilobytes.
const DOCUMENT_MAX: u64 = 16 << 20;
/// How often a request is tried, and the pause before the second try; each further one is twice as long.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(500);
/// Docker Hub's registry is not where its name says.
const DOCKER_HUB_HOST: &str = "registry-1.docker.io";

/// Connections to registries, shared by all pulls.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    agent: Agent,
    /// Registries that are spoken to without encryption, besides those on this machine.
    plain: Vec<String>,
}

impl Client {
    pub(crate) fn new(plain: Vec<String>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(HEADERS_TIMEOUT))
            .timeout_per_read(Some(SILENCE_TIMEOUT))
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .user_agent(concat!("longshore/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), plain }
    }

    pub(crate) fn repository(&self, reference: &Reference, credentials: Option<Credentials>) -> Repository {
        let host = match reference.registry() {
            "docker.io" => DOCKER_HUB_HOST,
            other => other,
        };
        let is_plain = is_on_this_machine(host) || self.plain.iter().any(|plain| plain == host);
        let scheme = if is_plain { "http" } else { "https" };
        Repository {
            agent: self.agent.clone(),
            base: format!("{scheme}://{host}/v2/{}", reference.repository()),
            familiar: reference.familiar_repository(),
            image: reference.familiar(),
            scope: format!("repository:{}:pull", reference.repository()),
            credentials,
            authorization: Mutex::default(),
        }
    }
}

fn is_on_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost" || name.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// A repository of a registry.
#[derive(Debug)]
pub(crate) struct Repository {
    agent: Agent,
    base: String,
    /// The repository and the image as users write them.
    familiar: String,
    image: String,
    scope: String,
    credentials: Option<Credentials>,
    /// What was accepted last; it may expire.
    authorization: Mutex<Option<String>>,
}

/// A request, of which only these parts vary.
#[derive(Clone, Copy, Debug)]
struct Request<'a> {
    head_only: bool,
    url: &'a str,
    accept: &'a str,
    /// The first byte that is wanted.
    from: u64,
}

impl Repository {
    /// The document that a tag or digest stands for.
    pub(crate) fn manifest(&self, wanted: &str) -> Result<Vec<u8>, Error> {
        let url = format!("{}/manifests/{wanted}", self.base);
        let answer = self.send(Request { head_only: false, url: &url, accept: ACCEPTED, from: 0 })?;
        document("the manifest", &url, answer.into_body().into_reader())
    }

    /// The digest that a tag stands for now, if the registry says so without the document.
    pub(crate) fn digest_of(&self, tag: &str) -> Result<Option<Digest>, Error> {
        let url = format!("{}/manifests/{tag}", self.base);
        let answer = self.send(Request { head_only: true, url: &url, accept: ACCEPTED, from: 0 })?;
        let header = answer.headers().get("docker-content-digest");
        Ok(header.and_then(|value| value.to_str().ok()?.parse().ok()))
    }

    /// A small blob.
    pub(crate) fn document(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        document("the image's configuration", &self.blob_url(digest), self.blob(digest)?)
    }

    /// A blob; if the connection breaks, reading goes on from there over another.
    pub(crate) fn blob(&self, digest: &Digest) -> Result<impl Read + '_, Error> {
        Blob::open(self, self.blob_url(digest))
    }

    fn blob_url(&self, digest: &Digest) -> String {
        format!("{}/blobs/{digest}", self.base)
    }

    /// Sends it until it is answered, or refused, or was tried often enough.
    fn send(&self, request: Request<'_>) -> Result<Response<Body>, Error> {
        let mut pause = PAUSE;
        for _try in 1..TRIES {
            match self.send_authorized(request) {
                Err(error) if error.is_unreachable() => {
                    tracing::debug!(error = %error.chain(), "a registry did not answer; trying again");
                    std::thread::sleep(pause);
                    pause *= 2;
                }
                result => return result,
            }
        }
        self.send_authorized(request)
    }

    fn send_authorized(&self, request: Request<'_>) -> Result<Response<Body>, Error> {
        let authorization = self.authorization.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let answer = self.send_once(request, authorization.as_deref())?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return self.accept(request, answer);
        }
        let authorization = Some(self.authorize(request.url, &answer)?);
        self.authorization.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&authorization);
        let answer = self.send_once(request, authorization.as_deref())?;
        self.accept(request, answer)
    }

    fn send_once(&self, request: Request<'_>, authorization: Option<&str>) -> Result<Response<Body>, Error> {
        let builder = if request.head_only { self.agent.head(request.url) } else { self.agent.get(request.url) };
        let mut builder = builder.header("Accept", request.accept);
        if let Some(authorization) = authorization {
            builder = builder.header("Authorization", authorization);
        }
        if request.from > 0 {
            builder = builder.header("Range", format!("bytes={}-", request.from));
        }
        builder.call().map_err(transport(request.url))
    }

    /// What to say of ourselves after a refusal.
    fn authorize(&self, url: &str, refusal: &Response<Body>) -> Result<String, Error> {
        let headers = refusal.headers().get_all("www-authenticate").into_iter();
        let challenges: Vec<&str> = headers.filter_map(|value| value.to_str().ok()).collect();
        let unknown = || Error::Challenge { url: url.to_owned(), challenge: challenges.join(", ") };
        match challenges.iter().find_map(|text| Challenge::parse(text)).ok_or_else(unknown)? {
            Challenge::Basic => match &self.credentials {
                Some(Credentials::Password { username, password }) => Ok(auth::basic(username, password)),
                _ => Err(self.denied("no basic auth credentials".to_owned())),
            },
            Challenge::Bearer(bearer) => {
                let answer = bearer.ask(&self.agent, self.credentials.as_ref(), &self.scope)?;
                let token = auth::token(self.accept_token(&bearer.realm, answer)?);
                token.map(|token| format!("Bearer {token}")).ok_or_else(unknown)
            }
        }
    }

    fn accept_token(&self, realm: &str, answer: Response<Body>) -> Result<Vec<u8>, Error> {
        let answer = self.accept(Request { head_only: false, url: realm, accept: "", from: 0 }, answer)?;
        document("the token", realm, answer.into_body().into_reader())
    }

    fn accept(&self, request: Request<'_>, answer: Response<Body>) -> Result<Response<Body>, Error> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let detail = detail(answer);
        let words = |otherwise: &str| if detail.is_empty() { otherwise.to_owned() } else { detail.clone() };
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                self.denied(words("denied: requested access to the resource is denied"))
            }
            StatusCode::NOT_FOUND => {
                Error::NotFound { image: self.image.clone(), detail: words("manifest unknown: manifest unknown") }
            }
            StatusCode::TOO_MANY_REQUESTS => {
                Error::TooManyRequests { detail: words("toomanyrequests: too many requests") }
            }
            _ => Error::Status { url: request.url.to_owned(), status: status.as_u16(), detail },
        })
    }

    fn denied(&self, detail: String) -> Error {
        Error::Denied { image: self.familiar.clone(), detail }
    }
}

fn transport(url: &str) -> impl FnOnce(ureq::Error) -> Error {
    let url = url.to_owned();
    move |source| Error::Transport { url, source: Box::new(source) }
}

fn document(what: &str, url: &str, body: impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = body.take(DOCUMENT_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|source| Error::Body { url: url.to_owned(), source })?;
    if bytes.len() as u64 > DOCUMENT_MAX {
        return Err(Error::TooLarge { what: what.to_owned(), limit: DOCUMENT_MAX });
    }
    Ok(bytes)
}

#[derive(Deserialize)]
struct Errors {
    errors: Vec<RegistryError>,
}

#[derive(Deserialize)]
struct RegistryError {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// The registry's own words, as Docker shows them: `manifest unknown: manifest unknown`.
fn detail(answer: Response<Body>) -> String {
    const SHOWN_MAX: usize = 200;
    let Ok(bytes) = document("an error", "", answer.into_body().into_reader()) else { return String::new() };
    let first = serde_json::from_slice::<Errors>(&bytes).ok().and_then(|errors| errors.errors.into_iter().next());
    let text = match first {
        Some(RegistryError { code, message }) => format!("{}: {message}", code.to_lowercase().replace('_', " ")),
        None => String::from_utf8_lossy(&bytes).trim().to_owned(),
    };
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::is_on_this_machine;

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear() {
        for host in ["localhost", "localhost:5000", "127.0.0.1:80", "127.1.2.3", "[::1]:5000", "[::1]"] {
            assert!(is_on_this_machine(host), "{host}");
        }
        for host in ["localhost.example.org", "127.example.org:80", "10.0.0.1:5000", "registry-1.docker.io", "::2"] {
            assert!(!is_on_this_machine(host), "{host}");
        }
    }
}
