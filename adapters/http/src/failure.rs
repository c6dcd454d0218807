//! Every way a request can fail, with the status, type and text that AWS's clients expect (`ERR-1` to `ERR-9`).

use crate::commander::CommandError;
use crate::context::Context;
use http::StatusCode;

/// The longest text of an error, in characters.
const MAX_TEXT_CHARACTERS: usize = 2_000;

/// Why a request is answered with an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The engine refused a creation, change, registration or submission: its text goes out wrapped (`ERR-2`).
    #[error("{text}")]
    Refused {
        /// AWS's text.
        text: String,
    },
    /// The request breaks a rule of its own form: the text goes out bare.
    #[error("{text}")]
    Client {
        /// What is wrong and, where it helps, what to do.
        text: String,
    },
    /// A resource of this name exists (`ERR-4`).
    #[error("Object already exists")]
    AlreadyExists,
    /// An error that the API in question declares, other than Batch's two.
    #[error("{text}")]
    Modelled {
        /// The error's type.
        kind: &'static str,
        /// Its text.
        text: String,
    },
    /// The body is larger than any request may be.
    #[error("the request is larger than {limit} bytes")]
    TooLarge {
        /// The bound.
        limit: usize,
    },
    /// A known operation that this version does not have. Not a server fault: clients would retry that.
    #[error("The operation {operation} is not implemented by this version of Longshore.")]
    NotBuilt {
        /// The operation.
        operation: String,
    },
    /// No operation of any API that is served here (`ERR-8`).
    #[error("Longshore has no operation for {request}")]
    UnknownOperation {
        /// The request, as far as it names an operation.
        request: String,
    },
    /// The body is not what the protocol asks for (`ERR-9`).
    #[error("{detail}")]
    Malformed {
        /// Where and why.
        detail: String,
    },
    /// The request's signature is missing or does not hold (`ERR-7`).
    #[error("{text}")]
    Denied {
        /// The error's type.
        kind: &'static str,
        /// Its text.
        text: String,
    },
    /// More requests a second than are taken (`ERR-6`); clients wait and try again.
    #[error("Too Many Requests")]
    TooManyRequests,
    /// There is hardly any room on the disk: nothing has happened; clients try again.
    #[error(
        "The disk of the server is nearly full, so nothing was submitted. Free some space, then send the request again."
    )]
    NoRoom,
    /// The server is stopping; clients try again.
    #[error("The server is stopping. Send the request again when it is back.")]
    Stopping,
    /// Something of ours broke; the log has the cause.
    #[error("failed to {action}")]
    Internal {
        /// What was being done.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Failure {
    /// A refusal of the request's form, with this text.
    pub(crate) fn client(text: impl Into<String>) -> Self {
        Self::Client { text: text.into() }
    }

    /// Something of ours broke while doing `action`.
    pub(crate) fn internal(action: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal { action, source: Box::new(source) }
    }

    /// The HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::AlreadyExists => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownOperation { .. } => StatusCode::NOT_FOUND,
            Self::Denied { .. } => StatusCode::FORBIDDEN,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Stopping | Self::NoRoom => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// After how many seconds the same request may be taken.
    pub(crate) const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyRequests | Self::Stopping => Some(1),
            Self::NoRoom => Some(5),
            _ => None,
        }
    }

    /// The error's type, by which clients tell errors apart.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Modelled { kind, .. } | Self::Denied { kind, .. } => kind,
            Self::UnknownOperation { .. } => "UnknownOperationException",
            Self::Malformed { .. } => "SerializationException",
            Self::TooManyRequests => "TooManyRequestsException",
            Self::Stopping | Self::NoRoom | Self::Internal { .. } => "ServerException",
            _ => "ClientException",
        }
    }

    /// The text as it goes out.
    pub(crate) fn message(&self, context: &Context) -> String {
        match self {
            Self::Refused { text } => {
                let text = shortened(text.clone());
                format!("Error executing request, Exception : {text}, RequestId: {}", context.request_id)
            }
            other => shortened(other.to_string()),
        }
    }
}

/// A text that repeats what the caller sent, cut to what anybody would read.
fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_CHARACTERS) {
        text.truncate(end);
        text.push_str(" ...");
    }
    text
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        use longshore_engine::Error;
        match error {
            CommandError::Refused(Error::Invalid { text }) => Self::Refused { text },
            CommandError::Refused(Error::AlreadyExists) => Self::AlreadyExists,
            CommandError::Refused(error @ Error::LookUp(_)) => Self::internal("look up the job's dependencies", error),
            CommandError::Refused(error @ Error::LookUpRow { .. }) => Self::internal("look up the job", error),
            CommandError::Unavailable => Self::Stopping,
        }
    }
}

#[cfg(test)]
mod tests;
