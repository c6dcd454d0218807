//! One open link: a queue with a thread that writes it, and a loop that reads. Either failing ends both.

use crate::{Error, QUEUE_MAX, frame};
use serde::{Serialize, de::DeserializeOwned};
use std::io::{BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

/// Bytes gathered into one write when messages wait.
const WRITE_BATCH: usize = 64 << 10;

/// The sending side of one link; dropping it closes the link once all is sent. What is sent after the link is gone is
/// dropped: the reading side says that it is.
#[derive(Debug)]
pub struct Outgoing<M> {
    queue: SyncSender<M>,
    stream: Arc<UnixStream>,
}

impl<M: Serialize + Send + 'static> Outgoing<M> {
    /// Starts the writing thread of a link.
    pub(crate) fn open(stream: &Arc<UnixStream>) -> Result<Self, Error> {
        let (queue, messages) = sync_channel(QUEUE_MAX);
        let writer = Arc::clone(stream);
        let write = move || {
            if let Err(error) = write_all(&writer, &messages) {
                tracing::debug!(error = &error as &dyn std::error::Error, "link closed: its peer does not read");
            }
            close(&writer);
        };
        thread::Builder::new().name("link-write".into()).spawn(write).map_err(Error::Thread)?;
        Ok(Self { queue, stream: Arc::clone(stream) })
    }
}

impl<M> Outgoing<M> {
    /// Queues a message; never waits.
    pub fn send(&self, message: M) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(message) {
            tracing::warn!("link closed: its peer left {QUEUE_MAX} messages unread");
            self.close();
        }
    }

    /// Closes the link in both directions.
    pub fn close(&self) {
        close(&self.stream);
    }
}

/// Whatever it answers, the link is not open afterwards.
fn close(stream: &UnixStream) {
    let _already_closed = stream.shutdown(Shutdown::Both);
}

fn write_all<M: Serialize>(mut stream: &UnixStream, messages: &Receiver<M>) -> Result<(), Error> {
    let mut buffer = Vec::new();
    while let Ok(message) = messages.recv() {
        buffer.clear();
        frame::append(&mut buffer, &message)?;
        while buffer.len() < WRITE_BATCH
            && let Ok(message) = messages.try_recv()
        {
            frame::append(&mut buffer, &message)?;
        }
        stream.write_all(&buffer).map_err(Error::Write)?;
    }
    Ok(())
}

/// Reads messages until the link ends, and closes it. Why it ended, if not in order, is logged.
pub(crate) fn read_all<M: DeserializeOwned>(stream: &UnixStream, mut on_message: impl FnMut(M)) {
    let mut reader = BufReader::with_capacity(WRITE_BATCH, stream);
    let mut buffer = Vec::new();
    loop {
        match frame::read(&mut reader, &mut buffer) {
            Ok(Some(message)) => on_message(message),
            Ok(None) => break,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "link closed");
                break;
            }
        }
    }
    close(stream);
}
