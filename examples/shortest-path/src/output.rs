//! What people and programs read: results on standard output, remarks on standard error. Nothing else prints.

use std::io::{ErrorKind, Write};

/// Writes to standard output; a reader that has gone away is no error.
pub(crate) fn show(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a line to standard error, which may be closed.
pub(crate) fn remark(text: &str) {
    _ = writeln!(std::io::stderr().lock(), "{text}");
}
