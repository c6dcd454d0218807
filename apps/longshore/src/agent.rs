//! What `longshore agent` does: puts the agent, the runner and the link together, and moves what they have to say to each
//! other. It decides nothing about attempts; the agent does.

mod capacity;
mod driver;
mod event_loop;
mod home;

use crate::cli::{AgentOptions, ContainerRuntime};
use crate::interrupt::Interrupt;
use anyhow::Context;
use driver::Driver;
use event_loop::{Event, EventLoop};
use home::Home;
use longshore_agent::{Agent, Identity};
use longshore_gpus::{CDI_DIRECTORIES, Gpu};
use longshore_link::{Client, ClientEvent};
use longshore_protocol::{HostDescription, Runtime};
use longshore_runner::{Config, Runner, Secrets};
use longshore_staging::Stager;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What the level of the log is set with; it goes to stderr, which the server makes a file.
const LOG_LEVEL: &str = "LONGSHORE_LOG";
const LOG_LEVEL_DEFAULT: &str = "info";

/// Runs until there is nothing left to do, or the operator wants it to end.
pub(crate) fn run(options: AgentOptions) -> anyhow::Result<()> {
    // Before there are threads or open files: the program may begin anew here.
    let guarded = longshore_runner::guard_own_program();
    init_logging();
    if let Some(open_files) = options.open_files {
        limit_open_files(open_files).context("failed to set the limit on open files")?;
    }
    longshore_runner::detach();
    let home = Home::open(&options.data_dir)?;
    let driver = Driver::new();
    let container_runtimes = container_runtimes(&options, guarded)?;
    let gpus = gpus(&options);
    let runner = start_runner(&home, (&options, container_runtimes, gpus.clone()), &driver)?;
    let staged = Arc::clone(&driver);
    let stager = Stager::start(home.data_dir.join("agent/stage"), move |told| staged.tell(Event::Stager(told)));
    let stager = stager.context("failed to prepare the directory for staged files")?;
    if options.strict_limits {
        announce_unenforced(&runner);
    }
    let description = describe(&options, &runner, &gpus);
    let identity = Identity { host: home.host, incarnation: home::random_u64()?, description };
    let limits = &identity.description.enforcement;
    tracing::info!(host = %identity.host, incarnation = identity.incarnation, limits, "agent started");
    let agent = match runner.runs_containers() {
        Ok(()) => Agent::new(event_loop::now(), identity),
        Err(missing) => Agent::new(event_loop::now(), identity).without_containers(missing),
    };
    if runner.awaits_engine() {
        let answers = Arc::clone(&driver);
        runner.when_engine_answers(move || answers.tell(Event::EngineAnswers));
    }
    shut_down_on_signal(Arc::clone(&driver))?;
    let _client = connect(options.socket.clone(), Arc::clone(&driver))?;
    let describe = Box::new(move |runner: &Runner| describe(&options, runner, &gpus));
    longshore_runner::prefer_this_thread();
    driver.run(EventLoop::new(agent, runner, stager, describe));
    tracing::info!("agent ended");
    Ok(())
}

fn init_logging() {
    let filter = tracing_subscriber::EnvFilter::builder()
        .parse_lossy(std::env::var(LOG_LEVEL).as_deref().unwrap_or(LOG_LEVEL_DEFAULT));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    // Telling of a line that could not be written would panic, on the full disk that the log is on as well.
    log.log_internal_errors(false).init();
}

/// Sets the soft limit as the server found it: it has raised its own, and jobs are not to inherit that.
fn limit_open_files(soft: u64) -> rustix::io::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(maximum.map_or(soft, |hard| soft.min(hard))), maximum })
}

/// What may run containers. Our own launcher may not if this program's file is not safe from them.
fn container_runtimes(options: &AgentOptions, guarded: std::io::Result<()>) -> anyhow::Result<Vec<String>> {
    let Err(error) = guarded else { return Ok(options.container_runtime.names()) };
    let unguarded = "this program's own file cannot be made read-only for containers, which takes root and Linux 5.12";
    if options.container_runtime == ContainerRuntime::Own {
        return Err(error).context(unguarded).context("failed to prepare the container runtime \"own\"");
    }
    tracing::info!(%error, "our own launcher runs no containers: {unguarded}");
    let own = ContainerRuntime::Own.to_string();
    Ok(options.container_runtime.names().into_iter().filter(|name| *name != own).collect())
}

fn start_runner(
    home: &Home,
    (options, oci_runtimes, gpus): (&AgentOptions, Vec<String>, Vec<Gpu>),
    driver: &Arc<Driver<EventLoop>>,
) -> anyhow::Result<Runner> {
    let config = Config {
        limit_memory: options.limit_memory,
        strict_limits: options.strict_limits,
        network: options.network.into(),
        apart: std::env::current_exe().ok(),
        container_engine: options.container_engine.0.clone(),
        oci_runtimes,
        gpus,
        secrets: Secrets { file: options.secrets.clone() },
        images: longshore_images::Config { limit_bytes: options.image_limit, ..longshore_images::Config::default() },
        ..Config::new(home.data_dir.clone())
    };
    let driver = Arc::clone(driver);
    Runner::start(config, move |event| driver.tell(Event::Runner(event))).context("failed to start the runner")
}

fn connect(socket: PathBuf, driver: Arc<Driver<EventLoop>>) -> anyhow::Result<Client> {
    let tell = move |event| {
        if matches!(event, ClientEvent::Connected(_)) {
            // The link's own thread, which from now on brings orders.
            longshore_runner::prefer_this_thread();
        }
        driver.tell(Event::Link(event));
    };
    Client::start(socket, tell).context("failed to start the link to the server")
}

/// Those that jobs may use, which the log names.
fn gpus(options: &AgentOptions) -> Vec<Gpu> {
    let usual = || CDI_DIRECTORIES.map(PathBuf::from).to_vec();
    let directories = if options.cdi_dirs.is_empty() { usual() } else { options.cdi_dirs.clone() };
    let gpus = longshore_gpus::find(options.gpus, &directories);
    tracing::info!(offered = gpus.len(), gpus = named(&gpus), "GPUs");
    gpus
}

/// An operator who wants limits that hold is told at once which do not, and not only by the first job that asks.
fn announce_unenforced(runner: &Runner) {
    let unenforced = runner.unenforced();
    match unenforced.as_slice() {
        [] => tracing::info!("limits are strict, and all of them hold here"),
        limits => {
            tracing::warn!(limits = limits.join(", "), "limits are strict: jobs that ask for these are refused here")
        }
    }
}

fn named(gpus: &[Gpu]) -> String {
    gpus.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn describe(options: &AgentOptions, runner: &Runner, gpus: &[Gpu]) -> HostDescription {
    let mut capacity = capacity::of_machine();
    capacity.gpus = gpus.len() as u64;
    if let Some(vcpus) = options.vcpus {
        capacity.vcpu_milli = u64::from(vcpus) * capacity::MILLI;
    }
    if let Some(memory_mib) = options.memory_mib {
        capacity.memory_mib = memory_mib;
    }
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    let containers = runner.runs_containers();
    let mut enforcement = match &containers {
        Ok(()) => runner.enforcement(),
        Err(missing) => format!("{}; {missing}", runner.enforcement()),
    };
    if !gpus.is_empty() {
        enforcement = format!("{enforcement}; GPUs: {}", named(gpus));
    }
    let runtimes = [Some(Runtime::Process), containers.ok().map(|()| Runtime::Oci)].into_iter().flatten().collect();
    HostDescription { name, capacity, runtimes, enforcement }
}

/// The first signal that asks this program to end lets the agent end its attempts first; further ones change nothing.
fn shut_down_on_signal(driver: Arc<Driver<EventLoop>>) -> anyhow::Result<()> {
    const LONG: Duration = Duration::from_secs(3_600);
    let interrupt = Interrupt::install().context("failed to take over signals")?;
    let wait = move || {
        while interrupt.pause(LONG).is_ok() {}
        driver.tell(Event::Shutdown);
    };
    std::thread::Builder::new().name("agent-signals".to_owned()).spawn(wait).context("failed to start a thread")?;
    Ok(())
}
