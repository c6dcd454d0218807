//! Containers of an ordinary user: run by a process apart that is root of a user namespace, so that the user's own processes
//! stay what they are. Here are the namespace, and the way to that process; what it does is what a runner does as root.

mod enter;
mod ids;
mod serve;
mod wire;

pub use enter::Error as ApartError;

use crate::Config;
use crate::launcher::Shared;
use crate::limit::Limits;
use crate::process::now;
use enter::Inside;
use ids::Ids;
use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_gpus::Given;
use longshore_types::AttemptId;
use serde::Serialize;
use serve::Settings;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use wire::{Order, Said};

/// The words after the verb: to run containers, the same once inside, to run a verb.
const SERVE: &str = "serve";
const INSIDE: &str = "inside";
const ENTER: &str = "enter";
/// What a shell adds to the number of the signal that ended a program.
const SIGNALLED: i32 = 128;
/// SIGKILL, which all containers get when their process goes.
const KILLED: i32 = 9;

const GONE: &str = "CannotCreateContainerError: the process that runs containers has ended; start the agent again";

/// The process, and what it runs.
#[derive(Debug)]
pub(crate) struct Apart {
    ids: Ids,
    enforcement: String,
    unenforced: Vec<String>,
    /// None once dropped.
    orders: Mutex<Option<UnixStream>>,
    running: Arc<Running>,
    reader: Option<JoinHandle<()>>,
    child: Child,
}

/// Containers that were launched, and whether they run.
#[derive(Debug, Default)]
struct Running(Mutex<BTreeMap<AttemptId, bool>>);

impl Running {
    fn all(&self) -> MutexGuard<'_, BTreeMap<AttemptId, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, event: &RunnerEvent) {
        match event {
            RunnerEvent::Launched { output, .. } => self.all().insert(*output, true),
            event => self.all().remove(&event.output()),
        };
    }
}

impl Apart {
    /// Starts it, with the program of the configuration. The error is for the host's description.
    pub(crate) fn start(program: &Path, config: &Config, shared: &Arc<Shared>) -> Result<Self, String> {
        let settings = Settings {
            data_dir: config.data_dir.clone(),
            work_dir: config.work_dir.clone(),
            strict_limits: config.strict_limits,
            isolated: config.network == crate::NetworkMode::Isolated,
            oci_runtimes: config.oci_runtimes.clone(),
            secrets: config.secrets.file.clone(),
            agent: std::process::id(),
        };
        if shared.limits.is_none() {
            // With version 2 there has to be room for groups, and what is inside does not see who is in the way.
            let _none_to_be_had = Limits::prepare();
        }
        let settings = serde_json::to_string(&settings).map_err(|error| error.to_string())?;
        let words = [SERVE.into(), settings.into()];
        let Inside { mut child, ids, mut reader, writer } =
            enter::start(program, &words).map_err(|error| error.to_string())?;
        let (enforcement, unenforced) = ready(&mut reader).inspect_err(|_| {
            let _already_gone = child.kill();
            let _buried = child.wait();
        })?;
        let running = Arc::new(Running::default());
        let (noted, shared) = (Arc::clone(&running), Arc::clone(shared));
        let reader = thread::Builder::new().name("containers".into()).spawn(move || listen(reader, &noted, &shared));
        let reader = Some(reader.map_err(|error| error.to_string())?);
        Ok(Self { ids, enforcement, unenforced, orders: Mutex::new(Some(writer)), running, reader, child })
    }

    pub(crate) fn launch(&self, launch: Box<Launch>, gpus: Given, shared: &Shared) {
        let output = launch.container.output;
        self.running.all().insert(output, false);
        if self.order(&Order::launch(*launch, gpus)).is_err() && self.running.all().remove(&output).is_some() {
            (shared.on_event)(RunnerEvent::LaunchFailed { output, reason: GONE.to_owned() });
        }
    }

    pub(crate) fn withdraw(&self, output: AttemptId) {
        let _gone_and_said_so = self.order(&Order::Withdraw(output));
    }

    pub(crate) fn signal(&self, output: AttemptId, signal: Signal) {
        let _gone_and_said_so = self.order(&Order::signal(output, signal));
    }

    pub(crate) fn release(&self, attempt: AttemptId) {
        let _gone_and_said_so = self.order(&Order::Release(attempt));
    }

    /// How containers are limited, and as whom they run, in the words of a host's description.
    pub(crate) fn enforcement(&self) -> String {
        let ids = match self.ids {
            Ids::Many(count) => format!("run by an ordinary user, with {count} further ids"),
            Ids::One => {
                "run by an ordinary user, without further ids: files of images are all of root, and no other user \
                         can be asked for; give the user ranges in /etc/subuid and /etc/subgid, and install newuidmap"
                    .to_owned()
            }
        };
        format!("{}; {ids}", self.enforcement)
    }

    /// What containers cannot be held to.
    pub(crate) fn unenforced(&self) -> &[String] {
        &self.unenforced
    }

    fn order(&self, order: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.write_all(&line)
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        if let Some(orders) = self.orders.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            let _the_other_side_is_gone = orders.shutdown(std::net::Shutdown::Write);
        }
        if let Some(reader) = self.reader.take() {
            let _panicked_and_said_so = reader.join();
        }
        let _buried = self.child.wait();
    }
}

/// Its first word.
fn ready(reader: &mut BufReader<UnixStream>) -> Result<(String, Vec<String>), String> {
    let mut line = String::new();
    reader.read_line(&mut line).map_err(|error| error.to_string())?;
    match serde_json::from_str(&line) {
        Ok(Said::Ready { enforcement, unenforced, missing: None }) => Ok((enforcement, unenforced)),
        Ok(Said::Ready { missing: Some(missing), .. }) => Err(missing),
        _ => Err(ApartError::Begin { source: io::ErrorKind::UnexpectedEof.into() }.to_string()),
    }
}

/// Passes on what it says. When it has gone, so have its containers.
fn listen(reader: BufReader<UnixStream>, running: &Running, shared: &Shared) {
    for line in reader.lines().map_while(Result::ok) {
        let said: Result<Said, _> = serde_json::from_str(&line);
        if let Some(event) = said.ok().and_then(Said::event) {
            running.note(&event);
            (shared.on_event)(event);
        }
    }
    let left = std::mem::take(&mut *running.all());
    for (output, runs) in left {
        (shared.on_event)(match runs {
            true => RunnerEvent::Exited { output, status: ExitStatus::Signal(KILLED), oom_killed: false, at: now() },
            false => RunnerEvent::LaunchFailed { output, reason: GONE.to_owned() },
        });
    }
}

/// What the program's verb `contain` does: the words after it. Called before the program has threads.
pub fn contain(socket: RawFd, words: &[OsString]) -> io::Result<i32> {
    match words.first().and_then(|word| word.to_str()) {
        Some(SERVE) if words.len() == 2 => {
            let own = [enter::VERB.into(), socket.to_string().into(), INSIDE.into(), words[1].clone()];
            enter::go(socket, &own, true).map(code)
        }
        Some(INSIDE) if words.len() == 2 => serve::serve(socket, &words[1].to_string_lossy()).map(|()| 0),
        Some(ENTER) => enter::go(socket, &words[1..], false).map(code),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Runs a program with these words in a user namespace as containers of this user have, so that it sees and makes files as
/// they do; answers how it ended.
pub fn run_inside(program: &Path, words: &[OsString]) -> Result<i32, ApartError> {
    let words: Vec<OsString> = std::iter::once(ENTER.into()).chain(words.iter().cloned()).collect();
    let mut inside = enter::start(program, &words)?;
    inside.child.wait().map(code).map_err(|source| ApartError::Begin { source })
}

fn code(status: std::process::ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| SIGNALLED + status.signal().unwrap_or_default())
}
