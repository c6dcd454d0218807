//! The loop around [`Control`]: moves inputs in and outputs out, on a thread of its own. Not one decision about jobs.

use super::now;
use super::watch::Tally;
use longshore_control::{Control, Input, LinkId, Output, Token};
use longshore_engine::{Answer, Command, Error, Question, Response};
use longshore_link::{LinkEvent, Listener};
use longshore_store::Writer;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};

/// Most inputs taken in before outputs are looked at, so that none waits for ever.
const INPUTS_PER_TURN: usize = 1_024;
/// Longest sleep; a deadline may appear while nothing arrives.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// What arrives at the loop.
#[derive(Debug)]
pub(super) enum Event {
    /// A client's command and where to send the answer.
    Request { command: Box<Command>, reply: oneshot::Sender<Result<Response, Error>> },
    /// A client's question and where to send the answer.
    Question { question: Question, reply: oneshot::Sender<Answer> },
    /// An agent.
    Link(LinkEvent),
    /// The store wrote a commit, or failed to.
    Committed(Result<u64, longshore_store::Error>),
    /// Agents are to end their attempts and exit.
    ShutdownAgents,
    /// The loop is to end, leaving agents alone.
    Stop,
}

/// The running loop.
#[derive(Debug)]
pub(super) struct ControlLoop {
    thread: JoinHandle<Result<(), longshore_store::Error>>,
    failed: watch::Receiver<bool>,
}

/// Becomes true when the loop has ended by itself.
#[derive(Clone, Debug)]
pub(super) struct Failed(watch::Receiver<bool>);

impl Failed {
    pub(super) async fn wait(mut self) {
        // The sender is gone with the loop: that too is its end.
        let _ = self.0.wait_for(|failed| *failed).await;
    }
}

impl ControlLoop {
    pub(super) fn start(
        control: Control,
        writer: Writer,
        link: Listener,
        (inbox, tally): (Receiver<Event>, Tally),
    ) -> anyhow::Result<Self> {
        let (failed, failed_seen) = watch::channel(false);
        let (waiting, asking) = (HashMap::new(), HashMap::new());
        let state = State { control, writer, link, tally, waiting, asking, next_token: 0 };
        let run = move || {
            let result = state.run(&inbox);
            failed.send_replace(true);
            result
        };
        let thread = std::thread::Builder::new().name("control".into()).spawn(run)?;
        Ok(Self { thread, failed: failed_seen })
    }

    pub(super) fn failed(&self) -> Failed {
        Failed(self.failed.clone())
    }

    /// Ends the loop and tells how it went.
    pub(super) fn stop(self, handle: &super::LoopHandle) -> anyhow::Result<()> {
        handle.send(Event::Stop);
        match self.thread.join() {
            Ok(result) => Ok(result?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

struct State {
    control: Control,
    writer: Writer,
    link: Listener,
    tally: Tally,
    waiting: HashMap<Token, oneshot::Sender<Result<Response, Error>>>,
    asking: HashMap<Token, oneshot::Sender<Answer>>,
    next_token: u64,
}

impl State {
    fn run(mut self, inbox: &Receiver<Event>) -> Result<(), longshore_store::Error> {
        self.carry_out()?;
        loop {
            let first = inbox.recv_timeout(self.sleep());
            let (begun, mut inputs) = (Instant::now(), 1);
            match first {
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Ok(event) => self.take_in(event)?,
                Err(RecvTimeoutError::Timeout) => self.control.handle(now(), Input::Wake),
            }
            for event in inbox.try_iter().take(INPUTS_PER_TURN) {
                if matches!(event, Event::Stop) {
                    return Ok(());
                }
                self.take_in(event)?;
                inputs += 1;
            }
            self.carry_out()?;
            self.tally.turn(inputs, begun);
        }
    }

    fn sleep(&self) -> Duration {
        let until = self.control.next_deadline().map(|deadline| Duration::from_millis(deadline.since_ms(now())));
        until.unwrap_or(SLEEP_MAX).min(SLEEP_MAX)
    }

    fn take_in(&mut self, event: Event) -> Result<(), longshore_store::Error> {
        let input = match event {
            Event::Request { command, reply } => {
                let token = self.token();
                self.waiting.insert(token, reply);
                Input::Request { token, command: *command }
            }
            Event::Question { question, reply } => {
                let token = self.token();
                self.asking.insert(token, reply);
                Input::Question { token, question }
            }
            Event::Link(LinkEvent::FromAgent(link, message)) => Input::FromAgent { link: LinkId(link.0), message },
            Event::Link(LinkEvent::Closed(link)) => Input::LinkClosed { link: LinkId(link.0) },
            Event::Committed(result) => Input::Committed { through: result? },
            Event::ShutdownAgents => Input::ShutdownAgents,
            Event::Stop => return Ok(()),
        };
        self.control.handle(now(), input);
        Ok(())
    }

    const fn token(&mut self) -> Token {
        let token = Token(self.next_token);
        self.next_token += 1;
        token
    }

    fn carry_out(&mut self) -> Result<(), longshore_store::Error> {
        while let Some(output) = self.control.poll() {
            match output {
                Output::Commit { number, changes } => {
                    self.tally.commit(&changes);
                    self.writer.commit(number, changes)?;
                }
                Output::Reply { token, result } => {
                    self.tally.reply(&result);
                    if let Some(reply) = self.waiting.remove(&token) {
                        // A client that has gone away does not want the answer.
                        let _ = reply.send(result);
                    }
                }
                Output::Answer { token, answer } => {
                    if let Some(reply) = self.asking.remove(&token) {
                        let _ = reply.send(answer);
                    }
                }
                Output::ToAgent { link, message } => self.link.send(longshore_link::LinkId(link.0), message),
            }
        }
        Ok(())
    }
}
