//! The way from a request to the control plane. What is answered is durable; this crate never sees the engine itself.

use crate::failure::Failure;
use crate::services::BatchService;
use longshore_engine::{Answer, Command, Question, Response};
use longshore_types::Name;
use std::pin::Pin;

/// A future that can be held behind a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries commands to the control plane and answers once their commit is on disk.
pub trait Commander: Send + Sync {
    /// Carries out `command`.
    fn command(&self, command: Command) -> BoxFuture<'_, Result<Response, CommandError>>;

    /// Answers a question about the state in memory; `None` when there is nobody to answer it.
    fn ask(&self, question: Question) -> BoxFuture<'_, Option<Answer>>;
}

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The engine refused it; nothing has changed.
    #[error(transparent)]
    Refused(#[from] longshore_engine::Error),
    /// The server is stopping: whether the command was carried out is not known.
    #[error("the server is stopping; send the request again when it is back")]
    Unavailable,
}

/// An answer to another command: a bug of ours.
#[derive(Debug, thiserror::Error)]
#[error("the control plane answered {0:?}")]
pub(crate) struct Unexpected(pub(crate) Response);

/// Carries out a command that creates or changes something with a name.
pub(crate) async fn named(service: &BatchService, command: Command) -> Result<Name, Failure> {
    match service.commander.command(command).await? {
        Response::Named(name) => Ok(name),
        other => Err(Failure::internal("carry out the command", Unexpected(other))),
    }
}
