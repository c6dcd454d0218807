//! Who we are to S3: keys from the environment, or from the endpoint that AWS Batch and ECS give to containers.

use super::Environment;
use rusty_s3::Credentials;
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with a local S3 endpoint any values \
         may do), or run where AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI is set"
    )]
    Absent,
    #[error("cannot read the token file {path} that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names", path = path.display())]
    Token { path: PathBuf, source: std::io::Error },
    #[error("the container credentials endpoint {uri} does not answer")]
    Endpoint { uri: String, source: Box<ureq::Error> },
    #[error("the container credentials endpoint {uri} answers with status {status}")]
    Status { uri: String, status: u16 },
    #[error("the container credentials endpoint {uri} does not answer in the expected form")]
    Answer { uri: String, source: serde_json::Error },
}

/// The address of the endpoint for relative paths, fixed by AWS.
const CONTAINER_HOST: &str = "http://169.254.170.2";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

pub(super) fn find(environment: Environment<'_>, agent: &ureq::Agent) -> Result<Credentials, Error> {
    if let (Some(key), Some(secret)) = (environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY")) {
        return Ok(credentials(key, secret, environment("AWS_SESSION_TOKEN")));
    }
    let relative = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").map(|path| format!("{CONTAINER_HOST}{path}"));
    let uri = relative.or_else(|| environment("AWS_CONTAINER_CREDENTIALS_FULL_URI")).ok_or(Error::Absent)?;
    ask(uri, token(environment)?, agent)
}

fn credentials(key: String, secret: String, token: Option<String>) -> Credentials {
    match token {
        Some(token) => Credentials::new_with_token(key, secret, token),
        None => Credentials::new(key, secret),
    }
}

fn token(environment: Environment<'_>) -> Result<Option<String>, Error> {
    match environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(PathBuf::from) {
        None => Ok(environment("AWS_CONTAINER_AUTHORIZATION_TOKEN")),
        Some(path) => match std::fs::read_to_string(&path) {
            Ok(token) => Ok(Some(token.trim().to_owned())),
            Err(source) => Err(Error::Token { path, source }),
        },
    }
}

fn ask(uri: String, token: Option<String>, agent: &ureq::Agent) -> Result<Credentials, Error> {
    let request = agent.get(&uri);
    let request = match token {
        Some(token) => request.header("authorization", token),
        None => request,
    };
    let answer = request.call().and_then(|mut response| Ok((response.status(), response.body_mut().read_to_vec()?)));
    let (status, body) = match answer {
        Ok(answer) => answer,
        Err(source) => return Err(Error::Endpoint { uri, source: Box::new(source) }),
    };
    if !status.is_success() {
        return Err(Error::Status { uri, status: status.as_u16() });
    }
    let answer: Answer = serde_json::from_slice(&body).map_err(|source| Error::Answer { uri, source })?;
    Ok(credentials(answer.access_key_id, answer.secret_access_key, answer.token))
}
