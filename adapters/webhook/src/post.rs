//! One request to a target.

use serde_json::Value;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why a target does not have an event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the target answered with status {status}")]
    Refused { status: u16 },
    #[error("the target cannot be reached")]
    Unreachable(#[source] Box<ureq::Error>),
}

/// Sends events to one address, over connections that it keeps.
#[derive(Debug)]
pub(crate) struct Poster {
    agent: ureq::Agent,
    url: String,
}

impl Poster {
    pub(crate) fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("longshore/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), url: url.to_owned() }
    }

    /// Sends one event; it has arrived when the target has answered with a status of 200 to 299.
    pub(crate) fn post(&self, seq: u64, event: &Value) -> Result<(), Error> {
        let sequence = seq.to_string();
        let request = self.agent.post(&self.url).header("content-type", "application/json");
        let sent = request.header("x-longshore-sequence", &sequence).send(event.to_string());
        let answer = sent.map_err(|error| Error::Unreachable(Box::new(error)))?;
        let status = answer.status().as_u16();
        // Read to its end so that the connection can be used again; what it says does not matter.
        let _ = answer.into_body().with_config().limit(1 << 16).read_to_vec();
        if (200..300).contains(&status) { Ok(()) } else { Err(Error::Refused { status }) }
    }
}
