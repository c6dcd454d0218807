//! [`Runner`]: the launcher threads as one.

use crate::apart::Apart;
use crate::container::Containers;
use crate::failure::Failure;
use crate::index::Index;
use crate::launcher::{self, Launcher, Order, Shared};
use crate::limit::Limits;
use crate::live::{self, Live};
use crate::{Config, ContainerEngine, Error, Secrets, leftovers, sweep, sys};
use longshore_agent::{Launch, RunnerEvent, Signal};
use longshore_gpus::{Given, Pool};
use longshore_protocol::Runtime;
use longshore_types::AttemptId;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

/// Runs attempts as processes. Dropping it kills what it runs.
#[derive(Debug)]
pub struct Runner {
    launchers: Vec<Handle>,
    /// None once dropped, or where they are run apart.
    containers: Option<Containers>,
    /// Or why they are not run at all.
    apart: Option<Result<Apart, String>>,
    /// Dropped first, so that the sweeping thread ends.
    sweeping: Option<Sender<()>>,
    enforcement: String,
    secrets: Secrets,
    gpus: Arc<Pool>,
    /// Whether processes are refused, because limits are strict and there are none.
    refuses_processes: bool,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// The way to one launcher.
#[derive(Debug)]
struct Handle {
    orders: Sender<Order>,
    /// Written to whenever there is an order.
    ordered: Arc<OwnedFd>,
    /// Containers that it has in hand.
    load: Arc<AtomicUsize>,
}

impl Handle {
    /// An order of the launcher's own thread needs no waking: it looks for orders after each event that it tells.
    fn order(&self, order: Order, wake: bool) {
        let sent = self.orders.send(order);
        debug_assert!(sent.is_ok(), "launchers live as long as their runner");
        if wake {
            // It fails only if the counter is full, and then the launcher is awake.
            let _woken = rustix::io::write(&self.ordered, &1_u64.to_ne_bytes());
        }
    }
}

/// The user that this process, and so every attempt, runs as.
#[derive(Debug)]
pub(crate) struct Account {
    uid: String,
    name: Option<String>,
}

impl Runner {
    /// Kills what a former runner on the data directory left behind, and starts. Events come on the launchers' threads;
    /// those of one container come in order: `Launched` and later `Exited`, or `LaunchFailed` alone.
    pub fn start(config: Config, on_event: impl Fn(RunnerEvent) + Send + Sync + 'static) -> Result<Self, Error> {
        for directory in [config.data_dir.join("agent"), config.data_dir.join("output"), config.work_dir.clone()] {
            fs::create_dir_all(&directory).map_err(|source| Error::CreateDirectory { path: directory, source })?;
        }
        let data_dir = canonical(&config.data_dir)?;
        let work_dir = canonical(&config.work_dir)?;
        prepare_process()?;
        let apart = config.apart.clone().filter(|_| !rustix::process::geteuid().is_root());
        let apart = apart.filter(|_| !matches!(config.container_engine, ContainerEngine::At(_)));
        Containers::end_leftovers_of_engine(&data_dir, &config.container_engine);
        if apart.is_none() {
            Containers::end_leftovers(&data_dir)?;
        }
        let dev_null = File::open("/dev/null").map_err(|source| Error::Prepare { what: "/dev/null", source })?;
        let index = Arc::new(Index::new(data_dir.clone()));
        let (limits, enforcement) = limits(config.limit_memory || config.strict_limits);
        let refuses_processes = config.strict_limits && limits.is_none();
        let (secrets, launchers) = (config.secrets.clone(), config.launchers.max(1));
        let gpus = Arc::new(Pool::new(config.gpus.clone()));
        let shared = Arc::new(Shared {
            limits,
            live: begin_record(&data_dir, config.record)?,
            work_dir: CString::new(work_dir.as_os_str().as_bytes())
                .map_err(|_| Error::WorkDirectory { path: work_dir })?,
            data_dir,
            inherited: config.inherited.clone(),
            account: Account::own(),
            dev_null,
            open_files: original_open_files(),
            index: Arc::clone(&index),
            on_event: Box::new(giving_back(Arc::clone(&gpus), on_event)),
        });
        let (sweeping, stopped) = channel();
        let apart = apart.map(|program| Apart::start(&program, &config, &shared));
        let may_be_engine = config.container_engine == ContainerEngine::IfNeeded;
        let (apart, not_apart) = match apart {
            Some(Err(reason)) if may_be_engine => (None, Some(reason)),
            other => (other, None),
        };
        let containers = match &apart {
            Some(_) => None,
            None => Some(Containers::start(Arc::clone(&shared), config, not_apart)?),
        };
        let mut runner = Self {
            launchers: Vec::new(),
            containers,
            apart,
            sweeping: Some(sweeping),
            enforcement,
            secrets,
            gpus,
            refuses_processes,
            shared: Arc::clone(&shared),
            threads: Vec::new(),
        };
        runner.spawn("runner-sweep", move || sweep::run(&index, &stopped))?;
        for _number in 0..launchers {
            runner.add_launcher(&shared)?;
        }
        Ok(runner)
    }

    /// How attempts are limited, in the words of a host's description.
    pub fn enforcement(&self) -> String {
        match self.containers_enforcement() {
            Some(enforcement) => format!("{}; {enforcement}", self.enforcement),
            None => self.enforcement.clone(),
        }
    }

    /// The same of containers alone, if any are run.
    pub(crate) fn containers_enforcement(&self) -> Option<String> {
        let here = self.containers.as_ref().filter(|containers| containers.can_run().is_ok());
        here.map(Containers::enforcement).or_else(|| self.apart().map(Apart::enforcement))
    }

    /// What this host cannot hold attempts to; where limits are strict, those that ask for it are refused.
    pub fn unenforced(&self) -> Vec<String> {
        let of_processes = self.shared.limits.is_none().then(|| "the memory of processes".to_owned());
        of_processes.into_iter().chain(self.unenforced_of_containers()).collect()
    }

    /// The same of containers alone, if any are run.
    pub(crate) fn unenforced_of_containers(&self) -> Vec<String> {
        let here = self.containers.as_ref().filter(|containers| containers.can_run().is_ok());
        let here = here.map(Containers::unenforced);
        here.or_else(|| self.apart().map(|apart| apart.unenforced().to_vec())).unwrap_or_default()
    }

    fn apart(&self) -> Option<&Apart> {
        self.apart.as_ref()?.as_ref().ok()
    }

    /// Whether this host runs OCI containers, and if not, why.
    pub fn runs_containers(&self) -> Result<(), String> {
        if let Some(apart) = &self.apart {
            return apart.as_ref().map(drop).map_err(Clone::clone);
        }
        let containers = self.containers.as_ref().ok_or_else(|| "the runner ends".to_owned())?;
        containers.can_run().map_err(|missing| missing.to_string())
    }

    /// Whether an engine that may run containers has not answered yet: what the host says of itself is not final then.
    pub fn awaits_engine(&self) -> bool {
        self.containers.as_ref().is_some_and(Containers::await_engine)
    }

    /// Calls when it answers, at once if it has.
    pub fn when_engine_answers(&self, call: impl FnOnce() + Send + 'static) {
        if let Some(containers) = &self.containers {
            containers.when_engine_answers(Box::new(call));
        }
    }

    /// Starts a container; `Launched` or `LaunchFailed` follows.
    pub fn launch(&self, mut launch: Box<Launch>) {
        match self.give(&mut launch) {
            Ok(gpus) => self.launch_with(launch, gpus),
            Err(failure) => self.fail(launch.container.output, &failure),
        }
    }

    /// Starts a container that has its GPUs already.
    pub(crate) fn launch_with(&self, mut launch: Box<Launch>, gpus: Given) {
        if let (Runtime::Oci, Some(apart)) = (launch.container.runtime, &self.apart) {
            return match apart {
                Ok(apart) => apart.launch(launch, gpus, &self.shared),
                Err(missing) => self.refuse(launch.container.output, missing),
            };
        }
        if let Err(failure) = self.complete(&mut launch) {
            return self.fail(launch.container.output, &failure);
        }
        if let (Runtime::Oci, Some(containers)) = (launch.container.runtime, &self.containers) {
            return containers.launch(launch, gpus);
        }
        let (number, launcher) = self.least_loaded();
        launcher.load.fetch_add(1, Ordering::Relaxed);
        launcher.order(Order::Launch(launch), launcher::own_number() != Some(number));
    }

    /// The launcher for the next container. Of several the one whose thread this is: it has just seen a container end, and
    /// goes on with the next without another thread being woken.
    fn least_loaded(&self) -> (usize, &Handle) {
        let own = launcher::own_number();
        let load = |(number, launcher): &(usize, &Handle)| {
            (launcher.load.load(Ordering::Relaxed), own != Some(*number), *number)
        };
        self.launchers.iter().enumerate().min_by_key(load).expect("there is always a launcher")
    }

    fn fail(&self, output: AttemptId, failure: &Failure) {
        (self.shared.on_event)(RunnerEvent::LaunchFailed { output, reason: failure.to_string() });
    }

    /// GPUs that nobody else has until it has ended, and the variables that say so (`CPU-1`).
    fn give(&self, launch: &mut Launch) -> Result<Given, Failure> {
        let container = &mut launch.container;
        let refused = |error: String| Failure::Gpus { error };
        let given =
            self.gpus.take(container.output, container.demand.gpus).map_err(|error| refused(error.to_string()))?;
        let variables = match container.runtime {
            Runtime::Process => given.variables_of_process().map_err(|error| refused(error.to_string()))?,
            Runtime::Oci => given.variables_of_container(),
        };
        container.environment.extend(variables);
        Ok(given)
    }

    fn refuse(&self, output: AttemptId, missing: &str) {
        let reason = format!("CannotCreateContainerError: run containers: {missing}");
        (self.shared.on_event)(RunnerEvent::LaunchFailed { output, reason });
    }

    /// Adds what only the host knows, or answers why it cannot be launched.
    fn complete(&self, launch: &mut Launch) -> Result<(), Failure> {
        if self.refuses_processes && launch.container.runtime == Runtime::Process {
            return Err(Failure::Unlimited);
        }
        self.secrets.fill(&mut launch.container).map_err(|error| Failure::Secret { error: error.to_string() })
    }

    /// Removes what the containers of an attempt have shared; all of them have ended.
    pub fn release(&self, attempt: AttemptId) {
        if let Some(containers) = &self.containers {
            containers.release(attempt);
        }
        if let Some(apart) = self.apart() {
            apart.release(attempt);
        }
    }

    /// Does not start a container that still waits for its launch; `LaunchFailed` follows. If it has begun: nothing.
    pub fn withdraw(&self, output: AttemptId) {
        if let Some(containers) = &self.containers {
            containers.withdraw(output);
        }
        if let Some(apart) = self.apart() {
            apart.withdraw(output);
        }
        self.order_all(|| Order::Withdraw(output));
    }

    /// Signals every process of a container's group. If it does not run: nothing.
    pub fn signal(&self, output: AttemptId, signal: Signal) {
        if let Some(containers) = &self.containers {
            containers.signal(output, signal);
        }
        if let Some(apart) = self.apart() {
            apart.signal(output, signal);
        }
        self.order_all(|| Order::Signal(output, signal));
    }

    /// Who has a container in hand is known to the launchers alone. Each gets this after the launch, if that went to it.
    fn order_all(&self, order: impl Fn() -> Order) {
        for launcher in &self.launchers {
            launcher.order(order(), true);
        }
    }

    fn add_launcher(&mut self, shared: &Arc<Shared>) -> Result<(), Error> {
        use rustix::event::{EventfdFlags, eventfd};
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let ordered = Arc::new(eventfd(0, flags).map_err(Error::prepare("eventfd"))?);
        let load = Arc::<AtomicUsize>::default();
        let (orders, received) = channel();
        let launcher = Launcher::new(Arc::clone(shared), (received, Arc::clone(&ordered)), Arc::clone(&load));
        let launcher = launcher.map_err(Error::prepare("epoll"))?;
        let number = self.launchers.len();
        self.launchers.push(Handle { orders, ordered, load });
        self.spawn("runner-launch", move || launcher.run(number))
    }

    fn spawn(&mut self, name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread = thread::Builder::new().name(name.into()).spawn(body);
        self.threads.push(thread.map_err(|source| Error::Prepare { what: "a thread", source })?);
        Ok(())
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.containers = None;
        self.apart = None;
        self.sweeping = None;
        for Handle { orders, ordered, .. } in self.launchers.drain(..) {
            drop(orders);
            let _woken = rustix::io::write(&ordered, &1_u64.to_ne_bytes());
        }
        for thread in self.threads.drain(..) {
            let _panicked_and_said_so = thread.join();
        }
    }
}

/// Passes events on; what has ended, or never ran, has given its GPUs back by then.
fn giving_back(
    gpus: Arc<Pool>,
    on_event: impl Fn(RunnerEvent) + Send + Sync + 'static,
) -> impl Fn(RunnerEvent) + Send + Sync + 'static {
    move |event| {
        if !matches!(event, RunnerEvent::Launched { .. }) {
            gpus.give_back(event.output());
        }
        on_event(event);
    }
}

/// The limits, if they are wanted and can be had, and what a host says about them.
fn limits(wanted: bool) -> (Option<Limits>, String) {
    if !wanted {
        return (
            None,
            "none: the memory of processes is counted as they ask, not limited; no limit was asked for".into(),
        );
    }
    match Limits::prepare() {
        Ok(limits) => {
            let enforcement =
                format!("{}: the memory of processes is limited, their processor time is not", limits.name());
            (Some(limits), enforcement)
        }
        Err(unavailable) => {
            tracing::warn!(%unavailable, "memory limits are not enforced");
            (None, format!("none: the memory of processes is counted as they ask, not limited; {unavailable}"))
        }
    }
}

/// What `/proc` shows of files and what an attempt starts in must not depend on this process's own directory.
fn canonical(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(|source| Error::CreateDirectory { path: path.to_owned(), source })
}

/// Orphans come to this process, descriptors stay in it, and it may have one for each attempt.
fn prepare_process() -> Result<(), Error> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map_err(Error::prepare("child subreaper"))?;
    sys::keep_descriptors_to_ourselves().map_err(Error::prepare("close on exec"))?;
    let limit = original_open_files();
    let raised = Rlimit { current: Some(limit.rlim_max), maximum: Some(limit.rlim_max) };
    setrlimit(Resource::Nofile, raised).map_err(Error::prepare("open files"))
}

/// The limit on open files as this process was given it.
fn original_open_files() -> libc::rlimit {
    static ORIGINAL: OnceLock<libc::rlimit> = OnceLock::new();
    *ORIGINAL.get_or_init(|| {
        let limit = getrlimit(Resource::Nofile);
        let or_all = |value: Option<u64>| value.unwrap_or(libc::RLIM_INFINITY);
        libc::rlimit { rlim_cur: or_all(limit.current), rlim_max: or_all(limit.maximum) }
    })
}

fn begin_record(data_dir: &Path, name: &str) -> Result<Live, Error> {
    let path = data_dir.join(name);
    let open_error = |source| Error::OpenRecord { path: path.clone(), source };
    let killed = leftovers::end(&live::read(&path).map_err(open_error)?, data_dir);
    if killed > 0 {
        tracing::warn!(killed, "a former agent had died; processes that it had left behind were killed");
    }
    Live::create(&path).map_err(open_error)
}

impl Account {
    fn own() -> Self {
        let uid = rustix::process::getuid().as_raw().to_string();
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let mut entries = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let entry = entries.find(|fields| fields.get(2) == Some(&uid.as_str()));
        let name = entry.and_then(|fields| Some((*fields.first()?).to_owned()));
        Self { uid, name }
    }

    pub(crate) fn is(&self, asked: &str) -> bool {
        self.uid == asked || self.name.as_deref() == Some(asked)
    }
}
