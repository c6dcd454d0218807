//! [`Stager`]: what is between an agent's order to launch and the launch, and between an end and the word of it.

use crate::client::Client;
use crate::plan::{Plan, plan};
use crate::transfer::{self, Failure};
use longshore_agent::{ExitStatus, Launch, RunnerEvent};
use longshore_protocol::{Runtime, StartContainer};
use longshore_types::AttemptId;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// How many containers are staged at a time.
const THREADS: usize = 8;
/// Where a container finds its stage.
const INSIDE: &str = "/longshore/stage";
const VOLUME: &str = "longshore-stage";

/// What a stager has to say, later than it was asked.
#[derive(Debug)]
pub enum Told {
    /// The inputs are there: to be given to [`Stager::admit`].
    Ready(Box<Launch>),
    /// This became of a container.
    Event(RunnerEvent),
}

/// Stages what asks for it and lets everything else through.
#[derive(Debug)]
pub struct Stager {
    shared: Arc<Shared>,
    /// None once dropped.
    orders: Option<Sender<Order>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    root: PathBuf,
    stages: Mutex<BTreeMap<AttemptId, Stage>>,
    tell: Box<dyn Fn(Told) + Send + Sync>,
}

#[derive(Debug)]
struct Stage {
    state: State,
    work: Arc<Work>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Downloading,
    /// The inputs are there, and it has not been launched yet.
    Ready,
    Running,
    Uploading,
}

#[derive(Debug)]
struct Work {
    plan: Plan,
    directory: PathBuf,
    environment: Vec<(String, String)>,
    stop: AtomicBool,
}

#[derive(Debug)]
enum Order {
    Download(Box<Launch>, Arc<Work>),
    Upload(RunnerEvent, Arc<Work>),
    /// Removes what was staged, then tells the end.
    Clear(RunnerEvent, Arc<Work>),
}

impl Stager {
    /// Removes what a former stager left in `root`, and starts.
    pub fn start(root: PathBuf, tell: impl Fn(Told) + Send + Sync + 'static) -> io::Result<Self> {
        match fs::remove_dir_all(&root) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&root)?,
        }
        let root = root.canonicalize()?;
        let shared = Arc::new(Shared { root, stages: Mutex::default(), tell: Box::new(tell) });
        let (orders, received) = channel();
        let received = Arc::new(Mutex::new(received));
        let spawn = |_number| {
            let (shared, received) = (Arc::clone(&shared), Arc::clone(&received));
            thread::Builder::new().name("staging".into()).spawn(move || shared.work(&received))
        };
        let threads = (0..THREADS).map(spawn).collect::<io::Result<_>>()?;
        Ok(Self { shared, orders: Some(orders), threads })
    }

    /// The launch, if there is nothing to stage; otherwise its inputs are fetched and `Told` follows.
    pub fn launch(&self, launch: Box<Launch>) -> Option<Box<Launch>> {
        let Some(staging) = &launch.container.staging else { return Some(launch) };
        let container = &launch.container;
        let directory = self.shared.root.join(container.output.to_string());
        let seen = if container.runtime == Runtime::Oci { Path::new(INSIDE) } else { &directory };
        let words: Vec<String> = container.entrypoint.iter().chain(&container.command).cloned().collect();
        let plan = plan(&words, &staging.outputs, seen);
        if plan.inputs.is_empty() && plan.outputs.is_empty() {
            return Some(launch);
        }
        let environment = container.environment.clone();
        let work = Arc::new(Work { plan, directory, environment, stop: AtomicBool::new(false) });
        let stage = Stage { state: State::Downloading, work: Arc::clone(&work) };
        self.shared.stages().insert(container.output, stage);
        self.order(Order::Download(launch, work));
        None
    }

    /// What is to be launched now; None if it has been withdrawn meanwhile, and then `LaunchFailed` follows.
    pub fn admit(&self, launch: Box<Launch>) -> Option<Box<Launch>> {
        let output = launch.container.output;
        let mut stages = self.shared.stages();
        let stage = stages.get_mut(&output)?;
        if stage.work.stop.load(Ordering::Relaxed) {
            let reason = "it was withdrawn".to_owned();
            self.order(Order::Clear(RunnerEvent::LaunchFailed { output, reason }, Arc::clone(&stage.work)));
            return None;
        }
        stage.state = State::Running;
        Some(launch)
    }

    /// Whether the container is here and not with the runner; then it is not launched, and `LaunchFailed` follows.
    pub fn withdraw(&self, output: AttemptId) -> bool {
        self.stop_if(output, |state| matches!(state, State::Downloading | State::Ready))
    }

    /// Whether the container has ended and its outputs are on their way; then they are given up, and its end follows.
    pub fn signal(&self, output: AttemptId) -> bool {
        self.stop_if(output, |state| state == State::Uploading)
    }

    /// The event, unless it is an end: that has to wait for the outputs, and until nothing staged is left.
    pub fn event(&self, event: RunnerEvent) -> Option<RunnerEvent> {
        let output = event.output();
        let mut stages = self.shared.stages();
        let Some(stage) = stages.get_mut(&output) else { return Some(event) };
        let work = Arc::clone(&stage.work);
        match event {
            RunnerEvent::Launched { .. } => return Some(event),
            RunnerEvent::Exited { status: ExitStatus::Code(0), oom_killed: false, .. } => {
                stage.state = State::Uploading;
                self.order(Order::Upload(event, work));
            }
            _ => self.order(Order::Clear(event, work)),
        }
        None
    }

    fn stop_if(&self, output: AttemptId, is: impl Fn(State) -> bool) -> bool {
        let stages = self.shared.stages();
        let Some(stage) = stages.get(&output).filter(|stage| is(stage.state)) else { return false };
        stage.work.stop.store(true, Ordering::Relaxed);
        true
    }

    fn order(&self, order: Order) {
        let sent = self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok());
        debug_assert!(sent, "the threads live as long as their stager");
    }
}

impl Drop for Stager {
    fn drop(&mut self) {
        self.orders = None;
        for stage in self.shared.stages().values() {
            stage.work.stop.store(true, Ordering::Relaxed);
        }
        for thread in self.threads.drain(..) {
            let _panicked_and_said_so = thread.join();
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("root", &self.root).field("stages", &self.stages).finish_non_exhaustive()
    }
}

impl Shared {
    fn stages(&self) -> MutexGuard<'_, BTreeMap<AttemptId, Stage>> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, orders: &Mutex<Receiver<Order>>) {
        loop {
            let order = orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
            match order {
                Ok(Order::Download(launch, work)) => (self.tell)(self.download(launch, &work)),
                Ok(Order::Upload(event, work)) => (self.tell)(Told::Event(self.upload(event, &work))),
                Ok(Order::Clear(event, work)) => (self.tell)(Told::Event(self.clear(event, &work))),
                Err(_) => return,
            }
        }
    }

    fn download(&self, mut launch: Box<Launch>, work: &Work) -> Told {
        let output = launch.container.output;
        match work.download() {
            Ok(()) => {
                work.give_to(&mut launch.container);
                if let Some(stage) = self.stages().get_mut(&output) {
                    stage.state = State::Ready;
                }
                Told::Ready(launch)
            }
            Err(failure) => {
                let reason = format!("ResourceInitializationError: {failure}");
                Told::Event(self.clear(RunnerEvent::LaunchFailed { output, reason }, work))
            }
        }
    }

    fn upload(&self, ended: RunnerEvent, work: &Work) -> RunnerEvent {
        let end = match (work.upload(), &ended) {
            (Err(failure), RunnerEvent::Exited { output, at, .. }) => {
                RunnerEvent::Undelivered { output: *output, reason: failure.to_string(), at: *at }
            }
            _ => ended,
        };
        self.clear(end, work)
    }

    fn clear(&self, end: RunnerEvent, work: &Work) -> RunnerEvent {
        work.remove();
        self.stages().remove(&end.output());
        end
    }
}

impl Work {
    fn download(&self) -> Result<(), Failure> {
        let client = Client::new(&self.environment, &self.stop);
        for input in &self.plan.inputs {
            transfer::download(&client, input, &self.directory)?;
        }
        self.plan.outputs.iter().try_for_each(|output| transfer::make_room(output, &self.directory))
    }

    fn upload(&self) -> Result<(), Failure> {
        let client = Client::new(&self.environment, &self.stop);
        self.plan.outputs.iter().try_for_each(|output| transfer::upload(&client, output, &self.directory))
    }

    /// Puts the paths into the command, and the stage into the container.
    fn give_to(&self, container: &mut StartContainer) {
        let at = container.entrypoint.len();
        container.entrypoint = self.plan.command[..at].to_vec();
        container.command = self.plan.command[at..].to_vec();
        if container.runtime == Runtime::Oci {
            let source = self.directory.display().to_string();
            let mut add = |member: &str, entry: Value| {
                let list = container.settings.0.entry(member).or_insert_with(|| json!([]));
                if let Value::Array(list) = list {
                    list.push(entry);
                }
            };
            add("volumes", json!({ "name": VOLUME, "host": { "sourcePath": source } }));
            add("mountPoints", json!({ "sourceVolume": VOLUME, "containerPath": INSIDE }));
        }
    }

    fn remove(&self) {
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(directory = %self.directory.display(), %error, "cannot remove staged files");
            }
            _ => {}
        }
    }
}
