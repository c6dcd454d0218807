//! The container runtime: attempts in OCI containers, made from images of the store and run by our own launcher, `crun` or `runc`. One
//! thread follows each container from its image to its last trace; nothing here decides when to start or stop one.
//!
//! - **Root.** An overlay over the image's layers, in `containers/<output>/`. It is mounted in a mount namespace of our
//!   threads' own, so that no mount outlives this process, however it dies.
//! - **Process.** The OCI runtime starts the first process and leaves; the process becomes our child, because this
//!   process is a subreaper, and we wait for it. Its output file is its stdout and stderr: nothing is between.
//! - **Limits.** The container lives in a control group of the pool that processes use. What it may do otherwise is in
//!   the `spec` module.

mod asked_image;
mod built_in;
mod bundle;
mod capabilities;
mod connect;
mod control;
mod copy;
mod devices;
mod engine;
mod extras;
mod failure;
mod gpus;
mod identity;
mod init;
mod ipc;
mod leftovers;
mod life;
mod own;
mod pids;
mod root;
mod runtime;
mod settings;
mod slots;
mod spec;
mod strict;
mod ulimits;
mod user;
mod volumes;

use crate::launcher::Shared;
use crate::limit::{Limits, Unavailable};
use crate::network::{NetworkMode, Networks};
use crate::secrets::Secrets;
use crate::{Config, ContainerEngine, Error, sys};
use built_in::BuiltIn;
use control::Control;
use engine::{ByEngine, OfEngine};
use ipc::Ipcs;
use life::live;
use longshore_agent::{Launch, RunnerEvent, Signal};
use longshore_gpus::Given;
use longshore_images::Store;
use longshore_types::AttemptId;
use runtime::{Candidate, Chosen, Missing, OciRuntime};
use slots::Slots;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// Each container's thread does little and nests nothing deep; unpacking is the most.
const STACK_BYTES: usize = 512 << 10;
/// Containers that are being set up at once: an OCI runtime keeps a processor busy for most of its time.
const STARTING_AT_ONCE: usize = 4;

/// What all containers share.
pub(crate) struct Site {
    pub(crate) shared: Arc<Shared>,
    pub(crate) store: Store,
    /// Names of programs, the preferred first.
    oci_runtimes: Vec<String>,
    pub(crate) secrets: Secrets,
    /// Whether what cannot be enforced is refused.
    pub(crate) strict_limits: bool,
    /// Where containers' network is, unless their jobs say.
    pub(crate) network: NetworkMode,
    /// Those that are not the host's.
    pub(crate) networks: Networks,
    /// If an engine runs containers.
    engine: Option<Arc<ByEngine>>,
    /// What containers of a task share.
    ipcs: Ipcs,
    pids: pids::Tasks,
    /// Found at the first container.
    runtime: Mutex<Option<Chosen>>,
    /// The same, for the first container that needs hooks to be run.
    runs_hooks: Mutex<Option<Chosen>>,
    /// Their own if processes have none: a container's memory is a hard limit (`CPU-1`).
    own_limits: Option<Result<Limits, Unavailable>>,
    pub(crate) slots: Slots,
    /// Where each container has a directory.
    pub(crate) directory: PathBuf,
    running: Mutex<BTreeMap<AttemptId, Arc<Control>>>,
}

impl Site {
    pub(crate) fn limits(&self) -> Option<&Limits> {
        let own = || self.own_limits.as_ref()?.as_ref().ok();
        self.shared.limits.as_ref().or_else(own)
    }

    /// Why there are no limits, to be added to that.
    fn why_not(&self) -> String {
        match &self.own_limits {
            Some(Err(unavailable)) => format!("; {unavailable}"),
            _ => String::new(),
        }
    }

    /// Where an attempt's own volumes are: with its only container, or beside the several that it has.
    fn volumes_of(&self, attempt: AttemptId) -> PathBuf {
        self.directory.join(attempt.to_string()).join("volumes")
    }

    /// The OCI runtime. One that is missing is looked for again with the next container.
    fn runtime(&self) -> Result<Chosen, Missing> {
        self.chosen(&self.runtime, OciRuntime::candidates(&self.oci_runtimes))
    }

    /// The OCI runtime, one that runs hooks: our own launcher does not.
    fn runtime_with_hooks(&self) -> Result<Chosen, Missing> {
        self.chosen(&self.runs_hooks, OciRuntime::programs(&self.oci_runtimes))
    }

    fn chosen(
        &self,
        known: &Mutex<Option<Chosen>>,
        candidates: Result<Vec<Candidate>, Missing>,
    ) -> Result<Chosen, Missing> {
        let mut chosen = known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chosen) = &*chosen {
            return Ok(chosen.clone());
        }
        let found = OciRuntime::choose(&candidates?, &self.shared, &self.directory)?;
        Ok(chosen.insert(found).clone())
    }

    /// Whether an OCI runtime has put containers into groups of every hierarchy.
    fn has_made_groups(&self) -> bool {
        let makes_groups = |known: &Mutex<Option<Chosen>>| {
            let chosen = known.lock().unwrap_or_else(PoisonError::into_inner);
            chosen.as_ref().is_some_and(|chosen| chosen.runtime.makes_groups())
        };
        makes_groups(&self.runtime) || makes_groups(&self.runs_hooks)
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<AttemptId, Arc<Control>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tell(&self, event: RunnerEvent) {
        (self.shared.on_event)(event);
    }
}

/// All containers of a runner. Dropping it kills them.
pub(crate) struct Containers {
    site: Arc<Site>,
    /// None once dropped.
    launches: Option<Sender<(Box<Launch>, Given)>>,
    nursery: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Containers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Containers").field("running", &self.site.running().len()).finish_non_exhaustive()
    }
}

impl Containers {
    /// Ends what a former runner left behind on a data directory.
    pub(crate) fn end_leftovers(data_dir: &Path) -> Result<(), Error> {
        let path = data_dir.join("containers");
        leftovers::end(&path).map_err(|source| Error::CreateDirectory { path, source })
    }

    /// Ends what a former runner on a data directory left with an engine, whoever runs containers now.
    pub(crate) fn end_leftovers_of_engine(data_dir: &Path, engine: &ContainerEngine) {
        engine::end_leftovers(data_dir, engine);
    }

    /// Waits for launches. `not_apart` says why a user namespace does not run them, if it was to.
    pub(crate) fn start(shared: Arc<Shared>, config: Config, not_apart: Option<String>) -> Result<Self, Error> {
        let directory = shared.data_dir.join("containers");
        let built_in = match not_apart {
            Some(reason) => Err(Missing::Apart(reason)),
            None => OciRuntime::candidates(&config.oci_runtimes).map(drop),
        };
        let engine = ByEngine::choose(&config, &shared.data_dir, built_in);
        let store =
            Store::open(&shared.data_dir.join("images"), config.images).map_err(|source| Error::Images { source })?;
        let site = Arc::new(Site {
            oci_runtimes: config.oci_runtimes,
            secrets: config.secrets,
            strict_limits: config.strict_limits,
            network: config.network,
            networks: Networks::default(),
            engine,
            ipcs: Ipcs::default(),
            pids: pids::Tasks::default(),
            runtime: Mutex::default(),
            runs_hooks: Mutex::default(),
            // Before anything runs: version 2 wants nothing else in the group that these groups are made in.
            own_limits: shared.limits.is_none().then(Limits::prepare),
            shared,
            store,
            slots: Slots::new(STARTING_AT_ONCE),
            directory,
            running: Mutex::default(),
        });
        let (launches, received) = channel();
        let nursery = Arc::clone(&site);
        let nursery = thread::Builder::new().name("containers".into()).spawn(move || raise(&nursery, &received));
        let nursery = nursery.map_err(|source| Error::Prepare { what: "a thread", source })?;
        Ok(Self { site, launches: Some(launches), nursery: Some(nursery) })
    }

    pub(crate) fn launch(&self, launch: Box<Launch>, gpus: Given) {
        self.site.running().insert(launch.container.output, Arc::default());
        let sent = self.launches.as_ref().map(|launches| launches.send((launch, gpus)));
        debug_assert!(sent.is_some_and(|sent| sent.is_ok()), "the nursery lives as long as this");
    }

    pub(crate) fn withdraw(&self, output: AttemptId) {
        let control = self.site.running().get(&output).map(Arc::clone);
        if control.is_some_and(|control| control.withdraw()) {
            self.site.running().remove(&output);
            let reason = crate::failure::Failure::Withdrawn.to_string();
            self.site.tell(RunnerEvent::LaunchFailed { output, reason });
        }
    }

    /// Removes the volumes and the network of an attempt whose containers have all ended.
    pub(crate) fn release(&self, attempt: AttemptId) {
        if self.site.engine.is_some() {
            return engine::release(&self.site, attempt);
        }
        self.site.networks.release(attempt);
        self.site.ipcs.release(attempt);
        self.site.pids.release(attempt);
        let directory = self.site.directory.join(attempt.to_string());
        match std::fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(directory = %directory.display(), %error, "an attempt's volumes stay until the next start");
            }
            _ => {}
        }
    }

    pub(crate) fn signal(&self, output: AttemptId, signal: Signal) {
        let control = self.site.running().get(&output).map(Arc::clone);
        if let Some(control) = control {
            control.signal(signal);
        }
    }

    /// How containers are limited, and what does not hold, in the words of a host's description.
    pub(crate) fn enforcement(&self) -> String {
        if let Some(engine) = &self.site.engine {
            return engine.enforcement();
        }
        let limits = self.site.limits();
        let limited = match limits {
            None => {
                format!("containers: none: their memory is counted as they ask, not limited{}", self.site.why_not())
            }
            Some(limits) if limits.shares_processors() => {
                format!("containers: {}: their memory is limited, processors are shared out as they ask", limits.name())
            }
            Some(limits) => {
                format!("containers: {}: their memory is limited, their processor time is not", limits.name())
            }
        };
        // One that does not work is said by the jobs that it cannot run.
        let run_by = self.site.runtime().map_or_else(|_| String::new(), |chosen| format!(", {}", chosen.description()));
        format!("{limited}{run_by}; {}", strict::unenforced(limits).join(", "))
    }

    /// Whether an engine that may run them has not answered yet.
    pub(crate) fn await_engine(&self) -> bool {
        self.site.engine.as_ref().is_some_and(|engine| engine.is_awaited())
    }

    /// Calls when it answers.
    pub(crate) fn when_engine_answers(&self, call: Box<dyn FnOnce() + Send>) {
        if let Some(engine) = &self.site.engine {
            engine.when_it_answers(call);
        }
    }

    /// What they cannot be held to.
    pub(crate) fn unenforced(&self) -> Vec<String> {
        match &self.site.engine {
            Some(engine) => engine.unenforced(),
            None => strict::limits_that_do_not_hold(self.site.limits()),
        }
    }

    /// Whether a program is here that could run containers, or an engine, and if not, why.
    pub(crate) fn can_run(&self) -> Result<(), Missing> {
        if let Some(engine) = &self.site.engine {
            return engine.check();
        }
        OciRuntime::candidates(&self.site.oci_runtimes).map(drop)
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        self.launches = None;
        for control in self.site.running().values() {
            control.abandon();
        }
        if let Some(nursery) = self.nursery.take() {
            let _panicked_and_said_so = nursery.join();
        }
        if self.site.engine.is_some() {
            return;
        }
        if let Some(limits) = self.site.limits().filter(|_| self.site.has_made_groups()) {
            limits.remove_elsewhere();
        }
    }
}

/// Starts a thread for each container, in a mount namespace apart, and waits for all of them in the end.
fn raise(site: &Arc<Site>, launches: &Receiver<(Box<Launch>, Given)>) {
    sys::block_signals();
    if let Err(errno) = sys::leave_mount_namespace() {
        tracing::warn!(%errno, "containers are mounted where all the host sees them");
    }
    let mut threads: Vec<(JoinHandle<()>, Arc<Control>)> = Vec::new();
    while let Ok((launch, gpus)) = launches.recv() {
        threads.retain(|(thread, _)| !thread.is_finished());
        let (output, here) = (launch.container.output, Arc::clone(site));
        let control = site.running().get(&output).map(Arc::clone);
        let Some(control) = control else { continue };
        let builder = thread::Builder::new().name("container".into()).stack_size(STACK_BYTES);
        let own = Arc::clone(&control);
        let whole_life = move || match here.engine {
            Some(_) => live(&here, &OfEngine::new(Arc::clone(&here), own, (launch, gpus))),
            None => live(&here, &BuiltIn::new(Arc::clone(&here), own, (launch, gpus))),
        };
        match builder.spawn(whole_life) {
            Ok(thread) => threads.push((thread, control)),
            Err(error) => {
                site.running().remove(&output);
                let reason = failure::Failure::Create { what: "start a thread", error: error.to_string() }.to_string();
                site.tell(RunnerEvent::LaunchFailed { output, reason });
            }
        }
    }
    // One that waits for its image has nothing to clean up, and may wait for long.
    for (thread, _) in threads.into_iter().filter(|(_, control)| !control.is_withdrawn()) {
        let _panicked_and_said_so = thread.join();
    }
}
