//! A copy of a database as it is at one moment, while others go on writing to it. It is written by SQLite from one read
//! transaction, so it holds every commit before that moment and nothing of any later one; writers do not wait, but their
//! write-ahead log is not started anew until the copy is done.

use crate::error::Error;
use crate::schema;
use rusqlite::InterruptHandle;
use std::fs::{self, File};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How often whoever waits for the copy is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Copies the SQLite database `from`, of whatever tables, to `to`, which must not exist, and makes the copy durable.
/// `go_on` hears how many bytes there are and says whether to go on.
///
/// # Errors
/// [`Error::Copy`]; [`Error::CopyGivenUp`] when `go_on` said so. What there is of the copy then stays.
pub fn copy(from: &Path, to: &Path, mut go_on: impl FnMut(u64) -> bool) -> Result<(), Error> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| Error::Copy {
        from: from.to_path_buf(),
        to: to.to_path_buf(),
        source,
    };
    let db = schema::open_for_reading(from).map_err(|source| Error::opening(from, source))?;
    let interrupt = db.get_interrupt_handle();
    let (done, outcome) = channel();
    let target = to.to_string_lossy().into_owned();
    let work = move || {
        // Nobody listens once the copy was given up.
        let _ = done.send(db.execute("VACUUM INTO ?", [target]));
    };
    let thread = thread::Builder::new().name("store-copy".into()).spawn(work).map_err(Error::Thread)?;
    let copied = loop {
        match outcome.recv_timeout(ASK_EVERY) {
            Ok(result) => break result.map(drop).map_err(|error| failed(error.into())),
            Err(RecvTimeoutError::Disconnected) => break Err(Error::Stopped),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if !go_on(fs::metadata(to).map_or(0, |file| file.len())) {
            give_up(&interrupt, &thread);
            break Err(Error::CopyGivenUp);
        }
    };
    if thread.join().is_err() {
        return Err(Error::Stopped);
    }
    copied?;
    File::open(to).and_then(|file| file.sync_all()).map_err(|error| failed(error.into()))
}

/// An interrupt that comes before the statement has begun is lost: it is repeated.
fn give_up(interrupt: &InterruptHandle, thread: &thread::JoinHandle<()>) {
    while !thread.is_finished() {
        interrupt.interrupt();
        thread::sleep(Duration::from_millis(1));
    }
}
