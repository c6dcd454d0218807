//! A server of our own for one run: this very program as `longshore serve --private`, in a process group of its own so
//! that Ctrl-C reaches only us, on a pipe whose closing ends it even if we are killed.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::interrupt::Interrupt;

/// A start takes well under a second; a slow disk may take longer.
const START_MAX: Duration = Duration::from_secs(60);
/// Longer than the server gives its jobs between SIGTERM and SIGKILL.
const STOP_MAX: Duration = Duration::from_secs(45);
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot create {path}")]
    CreateDirectory { path: PathBuf, source: std::io::Error },
    #[error("cannot start a server with {program}")]
    Spawn { program: PathBuf, source: std::io::Error },
    #[error("the server did not start ({how}); its log ends with:\n{log}\nhelp: all of it is in {path}")]
    NotReady { how: String, log: String, path: PathBuf },
    #[error("interrupted while the server started")]
    Interrupted,
}

/// What to start.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) program: PathBuf,
    pub(crate) data_dir: PathBuf,
}

/// A running server, which ends with this value.
#[derive(Debug)]
pub(crate) struct PrivateServer {
    child: Child,
    pub(crate) endpoint: String,
}

/// The line that the server writes when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    endpoint: String,
}

impl PrivateServer {
    /// Starts a server and waits until it is ready.
    pub(crate) fn start(settings: &Settings, interrupt: &Interrupt) -> Result<Self, Error> {
        let Settings { program, data_dir } = settings;
        let create = |source| Error::CreateDirectory { path: data_dir.clone(), source };
        std::fs::create_dir_all(data_dir).map_err(create)?;
        let ready_file = data_dir.join("ready.json");
        // One of an earlier run in the same directory would name a server that is gone.
        match std::fs::remove_file(&ready_file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(create(source)),
            _ => {}
        }
        let log_path = data_dir.join("server.log");
        let log = File::options().create(true).append(true).open(&log_path).map_err(create)?;
        let output = log.try_clone().map_err(create)?;
        let child = Command::new(program)
            .args(["serve", "--private", "--listen", "127.0.0.1", "--port", "0", "--data-dir"])
            .arg(data_dir)
            .arg("--ready-file")
            .arg(&ready_file)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(log)
            .process_group(0)
            .spawn()
            .map_err(|source| Error::Spawn { program: program.clone(), source })?;
        let mut server = Self { child, endpoint: String::new() };
        server.endpoint = server.wait_until_ready(&ready_file, &log_path, interrupt)?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, ready: &Path, log: &Path, interrupt: &Interrupt) -> Result<String, Error> {
        let start = Instant::now();
        let not_ready = |how: String| Error::NotReady { how, log: last_lines(log, 10), path: log.to_owned() };
        loop {
            // The server moves the file into place whole.
            if let Ok(text) = std::fs::read_to_string(ready) {
                return match serde_json::from_str::<Ready>(&text) {
                    Ok(Ready { endpoint }) => Ok(endpoint),
                    Err(error) => Err(not_ready(format!("its ready file is wrong: {error}"))),
                };
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(not_ready(status.to_string()));
            }
            if start.elapsed() > START_MAX {
                return Err(not_ready(format!("not ready after {} s", START_MAX.as_secs())));
            }
            interrupt.pause(PAUSE).map_err(|_| Error::Interrupted)?;
        }
    }

    /// Asks the server to end, which ends its jobs and its agent, and waits for it.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.child.stdin.take());
        let start = Instant::now();
        while start.elapsed() < STOP_MAX {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(PAUSE),
                Ok(Some(_)) | Err(_) => return,
            }
        }
        crate::output::warn("the server did not end in time and was killed");
        // It may have ended just now; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        self.end();
    }
}

/// The end of a log file, or that there is none.
fn last_lines(path: &Path, count: usize) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let kept: Vec<String> = lines[lines.len().saturating_sub(count)..].iter().map(|line| format!("  {line}")).collect();
    if kept.is_empty() { "  (nothing)".to_owned() } else { kept.join("\n") }
}
