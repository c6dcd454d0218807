//! What the program around a runner asks of the kernel for itself. Nothing here concerns attempts.

use crate::sys;

/// Leaves the session, and with it the terminal, of whoever started this program, so that neither Ctrl-C nor a hang-up
/// there ends it. A program that leads its session already stays in it.
pub fn detach() {
    let detached = rustix::process::setsid();
    tracing::debug!(?detached, "own session");
}

/// Lets the calling thread run before others whenever it has something to do, where the system permits it; what it
/// starts does not inherit that. On a busy machine this is what keeps messages and launches prompt.
pub fn prefer_this_thread() {
    if let Err(errno) = sys::prefer_this_thread() {
        tracing::debug!(%errno, "this thread runs at the usual priority");
    }
}

/// Whether this process is root, of the machine or of a user namespace.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
