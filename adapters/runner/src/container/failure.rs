//! Why a container could not be started, with the prefix that tells users and retry rules at which step (spec table 4.1).

use std::fmt;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Its image could not be had.
    Pull { error: String },
    /// It could not be set up.
    Create { what: &'static str, error: String },
    /// An engine would not make it, in the engine's words.
    Refused { error: String },
    /// Its program could not be started, in the words of whoever tried.
    Start { error: String },
    /// As a process could not be started.
    Process(crate::failure::Failure),
}

impl Failure {
    pub(crate) fn create<E: fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Create { what, error: error.to_string() }
    }
}

impl From<crate::failure::Failure> for Failure {
    fn from(failure: crate::failure::Failure) -> Self {
        Self::Process(failure)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pull { error } => write!(formatter, "CannotPullContainerError: {error}"),
            Self::Create { what, error } => write!(formatter, "CannotCreateContainerError: {what}: {error}"),
            Self::Refused { error } => write!(formatter, "CannotCreateContainerError: {error}"),
            Self::Start { error } => write!(formatter, "CannotStartContainerError: {error}"),
            Self::Process(failure) => failure.fmt(formatter),
        }
    }
}
