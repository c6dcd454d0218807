//! The way from the HTTP front, and from whatever else lives in this process, into the control loop.

use super::control_loop::Event;
use longshore_engine::{Answer, Command, Question, Response};
use longshore_http::{BoxFuture, CommandError, Commander};
use std::sync::mpsc::Sender;
use tokio::sync::oneshot;

/// Sends events to the control loop.
#[derive(Clone, Debug)]
pub(super) struct LoopHandle {
    events: Sender<Event>,
}

impl LoopHandle {
    pub(super) const fn new(events: Sender<Event>) -> Self {
        Self { events }
    }

    /// To a loop that has ended: nothing.
    pub(super) fn send(&self, event: Event) {
        let _ = self.events.send(event);
    }
}

impl Commander for LoopHandle {
    fn command(&self, command: Command) -> BoxFuture<'_, Result<Response, CommandError>> {
        let (reply, answer) = oneshot::channel();
        self.send(Event::Request { command: Box::new(command), reply });
        Box::pin(async move { Ok(answer.await.map_err(|_| CommandError::Unavailable)??) })
    }

    fn ask(&self, question: Question) -> BoxFuture<'_, Option<Answer>> {
        let (reply, answer) = oneshot::channel();
        self.send(Event::Question { question, reply });
        Box::pin(async move { answer.await.ok() })
    }
}
