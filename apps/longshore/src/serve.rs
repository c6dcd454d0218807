//! `longshore serve`: composes the rings into a server. This module and those below it start, connect and stop things;
//! they decide nothing about jobs.
//!
//! ```text
//!   clients ──HTTP──▶ front ──commands──▶ control loop ──commits──▶ store
//!                       └────reads────────────────────────────────────▲
//!   agent process ◀──unix socket──▶ link ──▶ control loop
//! ```

mod agent_process;
mod bootstrap;
mod bound;
mod commander;
mod control_loop;
mod data_dir;
mod disk;
mod http;
mod job_environment;
mod kept;
mod open_files;
mod outputs;
mod ready;
mod recovery;
mod retention;
mod shutdown;
mod watch;
mod webhooks;

use crate::cli::ServeOptions;
use anyhow::Context;
use commander::LoopHandle;
use control_loop::{ControlLoop, Event};
use data_dir::DataDir;
use longshore_engine::Config;
use longshore_http::{EventsService, Server};
use longshore_link::Listener;
use longshore_types::Timestamp;
use open_files::OpenFiles;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use watch::{Tally, Watch};

/// How often environments' `desiredvCpus` are counted while jobs come and go.
const SCALING_PERIOD_MS: u64 = 1_000;
/// Work that hosts are given ahead: longer than a commit takes on a busy machine, and no delay that anybody would notice.
const AHEAD_MS: u64 = 50;

/// Serves until it is asked to stop.
pub(crate) fn run(options: ServeOptions) -> anyhow::Result<()> {
    init_logging(&options.log_level)?;
    let open_files = OpenFiles::raise()?;
    http::check_exposure(&options)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("failed to start threads")?;
    let address = SocketAddr::new(options.listen, options.port);
    let server = runtime.block_on(Server::bind(address))?;
    let data_dir = DataDir::open(&options.data_dir)?;
    let metrics = watch::metrics()?;
    let counted = Arc::clone(&metrics);
    let store = recovery::open(&data_dir, options.upgrade_copy)?;
    let store = store.observed_by(move |rows, took| counted.happened.commit(rows as u64, took));
    let reader = store.reader();

    let config = engine_config(&options, server.local_addr());
    let (control, recovery) = recovery::restore(&store, config, data_dir.was_left())?;
    let (events, inbox) = std::sync::mpsc::channel();
    let link = listen(&data_dir, &events)?;
    let committed = events.clone();
    let (told, commits) = tokio::sync::watch::channel(0);
    let writer = store.writer(move |result| {
        told.send_replace(*result.as_ref().unwrap_or(&0));
        drop(committed.send(Event::Committed(result)));
    })?;
    let upkeep = writer.upkeep();
    let (outputs, told) = outputs::outputs();
    let _keeping = outputs::start(&options, &data_dir, (&reader, upkeep.clone()), told)?;
    let control_loop =
        ControlLoop::start(control, writer, link, (inbox, Tally::new(Arc::clone(&metrics), outputs.clone())))?;
    let handle = LoopHandle::new(events);

    runtime.block_on(bootstrap::run(&handle, &options))?;
    let agent = agent_process::keep(&data_dir, (&options, &open_files), handle.clone())?;
    let _webhooks = webhooks::start(&options, &data_dir, &reader)?;
    let _retention =
        retention::start(&options, &data_dir, (&reader, upkeep, outputs.clone()), (&handle, runtime.handle()))?;
    let (stop_waiting, stopping) = tokio::sync::watch::channel(false);
    let stopping_ops = stopping.clone();
    let followed = EventsService { reader: reader.clone(), commits, stopping };
    let objects = http::objects(&options, &data_dir)?;
    let usage = objects.as_ref().map(longshore_s3::Backend::usage);
    let (disk, _looking) = disk::start(&options, &data_dir, (outputs, usage))?;
    recovery.tell(&handle, &metrics, runtime.handle());
    let watch = Arc::new(Watch::new(metrics, handle.clone(), reader.clone(), disk));
    let services = http::services(&options, &data_dir, (&handle, watch.clone()), (reader, followed, objects))?;
    let told = told_apart(&options, &runtime, watch, stopping_ops)?;
    let local_addr = server.local_addr();
    ready::announce(&options, local_addr)?;
    let stop = shutdown::Stop::listen(&options)?;
    let failed = control_loop.failed();
    let connections = open_files.connections(options.limits.open_connections);
    runtime.block_on(server.run(services, connections, async move {
        tokio::select! {
            () = stop.requested() => {}
            () = failed.wait() => {}
        }
        stop_waiting.send_replace(true);
    }));

    if let Some(told) = told {
        // It has ended with the rest.
        let _ = runtime.block_on(told);
    }
    tracing::info!("stopping; running jobs {}", if options.private { "are ended" } else { "go on" });
    agent.stop(options.private);
    control_loop.stop(&handle)?;
    data_dir.leave();
    Ok(())
}

/// Metrics and health on a port of their own, if there is to be one, until `stopping` becomes true.
fn told_apart(
    options: &ServeOptions,
    runtime: &Runtime,
    watch: Arc<Watch>,
    mut stopping: tokio::sync::watch::Receiver<bool>,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(address) = options.metrics_listen else { return Ok(None) };
    let server = runtime.block_on(Server::bind(address))?;
    tracing::info!(address = %server.local_addr(), "metrics and health are told on a port of their own");
    let stopped = async move { drop(stopping.wait_for(|stop| *stop).await) };
    Ok(Some(runtime.spawn(server.run_ops(watch, stopped))))
}

/// Talk goes to stderr; `RUST_LOG` overrides `--log-level`.
fn init_logging(level: &str) -> anyhow::Result<()> {
    use std::io::IsTerminal;
    let directives = std::env::var("RUST_LOG").unwrap_or_else(|_| format!("{level},s3s=off,hyper=warn"));
    let filter = tracing_subscriber::EnvFilter::try_new(&directives)
        .with_context(|| format!("not a log level: {directives:?}; use error, warn, info, debug or trace"))?;
    let ansi = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi);
    // Telling of a line that could not be written would panic.
    log.log_internal_errors(false).init();
    Ok(())
}

fn engine_config(options: &ServeOptions, address: SocketAddr) -> Config {
    Config {
        ahead_ms: AHEAD_MS,
        limits: options.limits.clone(),
        cancel_pending_late: options.aws_limits,
        strict_fifo: options.aws_limits,
        job_environment: job_environment::variables(options, address),
        task_endpoint: Some(job_environment::endpoint(address)),
        allow_host_runtime: options.allow_host_runtime,
        environment_settle_ms: options.environment_settle_ms,
        blocked_after_ms: options.queue_blocked_after_ms,
        strict_transitions: options.aws_limits,
        scaling_period_ms: SCALING_PERIOD_MS,
        service_job_kept_ms: service_jobs_kept_ms(options),
        ..Config::default()
    }
}

/// As long as other jobs; they are held in memory, so not for ever.
fn service_jobs_kept_ms(options: &ServeOptions) -> u64 {
    let kept = options.history.jobs.0.map(|kept| u64::try_from(kept.as_millis()).unwrap_or(u64::MAX));
    kept.unwrap_or(Config::default().service_job_kept_ms)
}

fn listen(data_dir: &DataDir, events: &Sender<Event>) -> anyhow::Result<Listener> {
    let events = events.clone();
    Ok(Listener::bind(&data_dir.socket(), move |event| drop(events.send(Event::Link(event))))?)
}

/// The time of day, as the control plane counts it.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
