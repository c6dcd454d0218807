//! Ctrl-C and SIGTERM as something to wait for between two steps. The first asks to stop; the handler itself does
//! nothing, so that whoever waits can clean up.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Signals as they arrive.
#[derive(Debug)]
pub(crate) struct Interrupt(Receiver<()>);

/// The user or the system wants the program to end.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted;

impl Interrupt {
    /// Takes over SIGINT, SIGTERM and SIGHUP for the rest of the program.
    pub(crate) fn install() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (sender, receiver) = channel();
        let mut signals = {
            let _inside = runtime.enter();
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?)
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = signals.0.recv() => {}
                        _ = signals.1.recv() => {}
                        _ = signals.2.recv() => {}
                    }
                    if sender.send(()).is_err() {
                        return;
                    }
                }
            });
        })?;
        Ok(Self(receiver))
    }

    /// Waits for `time`, or less if a signal comes.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), Interrupted> {
        match self.0.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Interrupted),
        }
    }
}
