//! The agent's end: connects, and connects again whenever the link is gone.

use crate::connection::read_all;
use crate::{Error, Outgoing, address};
use longshore_protocol::{AgentMessage, ControlMessage};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The first pause before connecting again; it doubles up to [`PAUSE_MAX`], and starts over once a message has come.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// What happens on the link.
#[derive(Debug)]
pub enum ClientEvent {
    /// It is up. What is to be said on it goes through this handle: a message meant for a link that has gone meanwhile
    /// is dropped and can never open the next one.
    Connected(Outgoing<AgentMessage>),
    /// The control plane says something.
    FromControl(ControlMessage),
    /// It is down.
    Disconnected,
}

/// Keeps a link up until it is dropped.
#[derive(Debug)]
pub struct Client {
    current: Arc<Mutex<Option<Arc<UnixStream>>>>,
    /// Dropping it ends the pauses between connections.
    _stop: Sender<()>,
}

impl Client {
    /// Connects to a socket, for as long as this lives; what happens goes to the callback, on one thread, in order.
    pub fn start(socket: PathBuf, on_event: impl Fn(ClientEvent) + Send + 'static) -> Result<Self, Error> {
        let current = Arc::<Mutex<Option<Arc<UnixStream>>>>::default();
        let (stop, stopped) = channel();
        let keeper = Keeper { socket, current: Arc::clone(&current), stopped };
        let keep = move || keeper.keep(on_event);
        thread::Builder::new().name("link-read".into()).spawn(keep).map_err(Error::Thread)?;
        Ok(Self { current, _stop: stop })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = &*current {
            let _already_closed = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

struct Keeper {
    socket: PathBuf,
    current: Arc<Mutex<Option<Arc<UnixStream>>>>,
    stopped: Receiver<()>,
}

impl Keeper {
    fn keep(&self, on_event: impl Fn(ClientEvent)) {
        let mut pause = PAUSE_MIN;
        loop {
            match self.connect() {
                Ok((stream, outgoing)) => {
                    if self.use_until_closed(&stream, outgoing, &on_event) {
                        pause = PAUSE_MIN;
                    }
                }
                Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "no server yet"),
            }
            if self.stopped.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
                return;
            }
            pause = PAUSE_MAX.min(pause * 2);
        }
    }

    fn connect(&self) -> Result<(Arc<UnixStream>, Outgoing<AgentMessage>), Error> {
        let stream = Arc::new(address::connect(&self.socket).map_err(Error::Read)?);
        let outgoing = Outgoing::open(&stream)?;
        Ok((stream, outgoing))
    }

    /// Whether the server said anything.
    fn use_until_closed(
        &self,
        stream: &Arc<UnixStream>,
        outgoing: Outgoing<AgentMessage>,
        on_event: &impl Fn(ClientEvent),
    ) -> bool {
        let set_current = |value| *self.current.lock().unwrap_or_else(PoisonError::into_inner) = value;
        set_current(Some(Arc::clone(stream)));
        on_event(ClientEvent::Connected(outgoing));
        let mut heard = false;
        read_all(stream, |message| {
            heard = true;
            on_event(ClientEvent::FromControl(message));
        });
        set_current(None);
        on_event(ClientEvent::Disconnected);
        heard
    }
}
