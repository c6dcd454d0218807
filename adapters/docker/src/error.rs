//! What an engine refused or could not do, in its own words: they are what a user finds in its manual.

use bollard::errors::Error as Cause;

/// Why an engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not the address of a socket.
    #[error("use {text:?} as a container engine: give the path of its socket, e.g. unix:///run/podman/podman.sock")]
    Address {
        /// What was given.
        text: String,
    },
    /// Nobody answers there.
    #[error("no container engine answers at {address}: {reason}")]
    Unreachable {
        /// Where.
        address: String,
        /// What came instead.
        reason: String,
    },
    /// The thread for its sockets could not be started.
    #[error("start a thread for the container engine")]
    Thread(#[source] std::io::Error),
    /// The output of a container could not be written.
    #[error("write the output of a container")]
    Output(#[source] std::io::Error),
    /// The engine refused, and said so.
    #[error("{message}")]
    Refused {
        /// The status of its answer.
        status: u16,
        /// Its words.
        message: String,
    },
    /// The engine broke off or could not be understood.
    #[error("{reason}")]
    Broken {
        /// What happened.
        reason: String,
    },
}

const NOT_FOUND: u16 = 404;
const NOT_MODIFIED: u16 = 304;
const CONFLICT: u16 = 409;

impl Error {
    /// Whether what was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: NOT_FOUND, .. })
    }

    /// Whether it is in no state for what was asked.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { status: CONFLICT | NOT_MODIFIED, .. })
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::DockerResponseServerError { status_code, message } => {
                Self::Refused { status: status_code, message: plain(&message) }
            }
            Cause::DockerStreamError { error } => Self::Broken { reason: plain(&error) },
            other => Self::Broken { reason: chain(&other) },
        }
    }
}

/// An error with its causes: connections fail for reasons that only the innermost tells.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let mut texts = vec![error.to_string()];
    texts.extend(causes.map(ToString::to_string).filter(|text| !text.is_empty()));
    texts.dedup();
    texts.join(": ")
}

/// What every message of runc's begins and ends with under Docker and Podman; a reason has 255 characters.
const BEFORE: [&str; 2] = ["unable to start container process: ", "error during container init: "];
const AFTER: [&str; 3] =
    [": unknown", ": OCI runtime attempted to invoke a command that was not found", ": OCI permission denied"];

/// The message without what wraps it.
fn plain(message: &str) -> String {
    let inner =
        BEFORE.iter().fold(message.trim(), |text, before| text.rsplit_once(before).map_or(text, |(_, rest)| rest));
    AFTER.iter().fold(inner, |text, after| text.strip_suffix(after).unwrap_or(text)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_is_freed_of_what_wraps_it() {
        let dockers = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc \
                       create failed: unable to start container process: error during container init: exec: \"x\": \
                       executable file not found in $PATH: unknown";
        assert_eq!(plain(dockers), r#"exec: "x": executable file not found in $PATH"#);
        let podmans = "runc: runc create failed: unable to start container process: exec: \"x\": executable file not \
                       found in $PATH: OCI runtime attempted to invoke a command that was not found";
        assert_eq!(plain(podmans), r#"exec: "x": executable file not found in $PATH"#);
    }

    #[test]
    fn other_words_stay_as_they_are() {
        assert_eq!(plain("no such image: x\n"), "no such image: x");
    }
}
