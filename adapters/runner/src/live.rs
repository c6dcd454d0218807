//! The record of sessions that live now, for the runner that comes after this one should it die: `agent/live`, lines of
//! one length, the first naming the boot that the process numbers belong to, each other one a container's output
//! and its session, or blank. It is written without sync: it has to survive this process, not the machine.

use longshore_types::AttemptId;
use rustix::process::Pid;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// `boot-id ` and 36 characters; 32 hex digits, a blank and eleven places for the session; and the line's end.
const LINE_BYTES: usize = 45;

/// A container, by what names its output, and its session, which is its process group and its first process as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) output: AttemptId,
    pub(crate) pid: Pid,
}

/// A line of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line(u64);

#[derive(Debug)]
pub(crate) struct Live {
    file: File,
    lines: Mutex<Lines>,
}

#[derive(Debug)]
struct Lines {
    blank: Vec<Line>,
    next: Line,
}

impl Live {
    /// Begins an empty record.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = File::create(path)?;
        file.write_all_at(format!("boot-id {:<36}\n", boot_id()?).as_bytes(), 0)?;
        Ok(Self { file, lines: Mutex::new(Lines { blank: Vec::new(), next: Line(1) }) })
    }

    pub(crate) fn add(&self, session: Session) -> Line {
        let line = {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.blank.pop().unwrap_or_else(|| {
                let next = lines.next;
                lines.next = Line(next.0 + 1);
                next
            })
        };
        self.write(line, &format!("{} {:>11}\n", session.output, session.pid.as_raw_nonzero()));
        line
    }

    pub(crate) fn remove(&self, line: Line) {
        self.write(line, &format!("{:44}\n", ""));
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).blank.push(line);
    }

    fn write(&self, line: Line, text: &str) {
        debug_assert_eq!(text.len(), LINE_BYTES, "{text:?}");
        if let Err(error) = self.file.write_all_at(text.as_bytes(), line.0 * LINE_BYTES as u64) {
            tracing::warn!(%error, "the record of live sessions was not written: free space on the data directory");
        }
    }
}

/// The sessions that a former runner left behind on this boot of the machine; none if there is no record.
pub(crate) fn read(path: &Path) -> io::Result<Vec<Session>> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text?,
    };
    let mut lines = text.lines();
    let same_boot = lines.next().and_then(|line| line.strip_prefix("boot-id ")) == Some(&boot_id()?);
    Ok(lines.filter(|_| same_boot).filter_map(session).collect())
}

fn session(line: &str) -> Option<Session> {
    let (output, pid) = line.split_once(' ')?;
    Some(Session { output: output.parse().ok()?, pid: Pid::from_raw(pid.trim().parse().ok()?)? })
}

fn boot_id() -> io::Result<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests;
