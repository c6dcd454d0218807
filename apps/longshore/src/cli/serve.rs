//! `longshore serve`: its settings, from flags, environment, configuration file and defaults, in that order. What
//! serving means is in `crate::serve`.

mod bounds;
mod history;
mod limits;
mod settings;
mod size;
#[cfg(test)]
mod tests;
mod webhook;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context;

pub(crate) use bounds::Bounds;
pub(crate) use history::{History, Keep};
pub(super) use settings::Settings;

use super::{ContainerRuntime, Engine, Network};
use super::{Exit, UsageError};
use longshore_gpus::Offer;
use longshore_types::Limits;
use longshore_webhook::Target;

use crate::data_home::{config_home, data_home};

/// Run the server
#[derive(Debug, clap::Args)]
#[command(after_help = "Every setting but --ready-file and --private may stand in the configuration file, under its
long name without dashes before it (`data-dir = \"/srv/longshore\"`). A flag wins over the environment, the environment
over the file.

Examples:
  longshore serve
  longshore serve --port 8080 --data-dir /srv/longshore
  longshore serve --vcpus 4 --memory 8192")]
pub(crate) struct Args {
    /// The configuration file [default: ./longshore.toml, else longshore/longshore.toml in the configuration home]
    #[arg(long, env = "LONGSHORE_CONFIG", value_name = "FILE", hide_env_values = true)]
    config: Option<PathBuf>,

    #[command(flatten)]
    settings: Settings,

    /// Write the address and process id to this file, as JSON, once the server is ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,

    /// End all jobs, and the server, when the server is asked to stop or when its standard input closes
    #[arg(long)]
    private: bool,
}

/// Everything that the server needs to know, resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServeOptions {
    pub(crate) listen: IpAddr,
    /// 0 for any free one.
    pub(crate) port: u16,
    pub(crate) data_dir: PathBuf,
    pub(crate) region: String,
    pub(crate) account: String,
    /// An outside S3 instead of the embedded one.
    pub(crate) s3_endpoint: Option<String>,
    pub(crate) ready_file: Option<PathBuf>,
    pub(crate) private: bool,
    /// What this host offers; all that it has without.
    pub(crate) vcpus: Option<u32>,
    pub(crate) memory_mib: Option<u64>,
    /// Whether jobs with the image `host` may run.
    pub(crate) allow_host_runtime: bool,
    /// Whether jobs are refused whose limits cannot be enforced here.
    pub(crate) strict_limits: bool,
    /// Where containers' network is.
    pub(crate) network: Network,
    /// Who runs containers of this host.
    pub(crate) container_engine: Engine,
    pub(crate) container_runtime: ContainerRuntime,
    /// Which GPUs this host offers.
    pub(crate) gpus: Offer,
    /// Where specifications of GPUs are; empty for the usual places.
    pub(crate) cdi_dirs: Vec<PathBuf>,
    /// The file of secrets for jobs of this host.
    pub(crate) secrets: Option<PathBuf>,
    /// A directive of tracing-subscriber.
    pub(crate) log_level: String,
    pub(crate) aws_limits: bool,
    /// How long environments and queues are seen in transition.
    pub(crate) environment_settle_ms: u64,
    /// The limits in force.
    pub(crate) limits: Limits,
    pub(crate) history: History,
    pub(crate) webhooks: Vec<Target>,
    /// After how long a queue counts as blocked whose head has to wait.
    pub(crate) queue_blocked_after_ms: u64,
    /// Where metrics and health are told apart from everything else.
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Bytes of the disk below which no new work is taken; a part of the disk without.
    pub(crate) disk_reserve: Option<u64>,
    pub(crate) bounds: Bounds,
    /// Whether a database of an earlier layout is copied before it is brought to the current one.
    pub(crate) upgrade_copy: bool,
}

pub(super) fn run(args: Args) -> anyhow::Result<Exit> {
    let options = resolve(args)?;
    crate::serve::run(options)?;
    Ok(Exit::Success)
}

fn resolve(args: Args) -> anyhow::Result<ServeOptions> {
    let found = args.config.clone().or_else(|| {
        let places = [PathBuf::from("longshore.toml"), config_home().join("longshore.toml")];
        places.into_iter().find(|path| path.is_file())
    });
    let file = found.as_deref().map(read_config).transpose()?.unwrap_or_default();
    Ok(with_defaults(args, file))
}

fn read_config(path: &Path) -> anyhow::Result<Settings> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| UsageError(format!("cannot read the configuration file {name}: {error}")))?;
    let parsed = toml::from_str(&text);
    parsed
        .map_err(|error| UsageError(format!("{name}: {}", error.to_string().trim_end())))
        .context("wrong configuration")
}

fn with_defaults(args: Args, file: Settings) -> ServeOptions {
    let Args { settings, ready_file, private, .. } = args;
    let set = settings.or(file);
    let aws_limits = set.aws_limits.unwrap_or(false);
    let kept = History::default_of(aws_limits);
    let listen = set.listen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    ServeOptions {
        listen,
        port: set.port.unwrap_or(4566),
        data_dir: set.data_dir.unwrap_or_else(data_home),
        region: set.region.unwrap_or_else(|| "us-east-1".to_owned()),
        account: set.account.unwrap_or_else(|| "000000000000".to_owned()),
        s3_endpoint: set.s3_endpoint,
        ready_file,
        private,
        vcpus: set.vcpus,
        memory_mib: set.memory,
        allow_host_runtime: set.allow_host_runtime.unwrap_or(listen.is_loopback()),
        strict_limits: set.strict_limits.unwrap_or(false),
        network: set.network.unwrap_or_default(),
        container_engine: set.container_engine.unwrap_or_default(),
        container_runtime: set.container_runtime.unwrap_or_default(),
        gpus: set.gpus.unwrap_or_default(),
        cdi_dirs: set.cdi_dir,
        secrets: set.secrets,
        log_level: set.log_level.unwrap_or_else(|| "info".to_owned()),
        environment_settle_ms: set.environment_settle_ms.unwrap_or(200),
        aws_limits,
        limits: limits::in_force(aws_limits, &set.limit),
        history: History {
            jobs: set.retention.unwrap_or(kept.jobs),
            definitions: set.definition_retention.unwrap_or(kept.definitions),
            events: set.event_retention.unwrap_or(kept.events),
            events_kept: set.events_kept.unwrap_or(kept.events_kept),
        },
        webhooks: set.webhook.into_iter().map(webhook::Webhook::target).collect(),
        queue_blocked_after_ms: set.queue_blocked_after_ms.unwrap_or(300_000),
        metrics_listen: set.metrics_listen,
        disk_reserve: set.disk_reserve.map(|size| size.0),
        bounds: Bounds {
            output: set.output_limit.map(|size| size.0),
            s3: set.s3_limit.map(|size| size.0),
            images: set.image_limit.map(|size| size.0),
        },
        upgrade_copy: set.upgrade_copy.unwrap_or(true),
    }
}
