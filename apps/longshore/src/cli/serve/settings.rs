//! The settings that flags, environment and configuration file share. Nothing is filled in here.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use longshore_gpus::Offer;
use serde::Deserialize;

use super::history::{Keep, keep};
use super::size::Size;
use super::webhook::Webhook;
use crate::cli::{ContainerRuntime, Engine, Network};

/// Settings as one source gives them; what it does not say is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The address to listen on [default: 127.0.0.1]
    #[arg(long, env = "LONGSHORE_LISTEN", value_name = "ADDRESS", hide_env_values = true)]
    pub(crate) listen: Option<IpAddr>,

    /// The port to listen on, 0 for any free one [default: 4566]
    #[arg(long, env = "LONGSHORE_PORT", value_name = "PORT", hide_env_values = true)]
    pub(crate) port: Option<u16>,

    /// Where everything is kept [default: longshore in the user's data home]
    #[arg(long, env = "LONGSHORE_DATA_DIR", value_name = "DIR", hide_env_values = true)]
    pub(crate) data_dir: Option<PathBuf>,

    /// The AWS region that the server plays [default: us-east-1]
    #[arg(long, env = "LONGSHORE_REGION", value_name = "REGION", hide_env_values = true)]
    pub(crate) region: Option<String>,

    /// The AWS account that the server plays, 12 digits [default: 000000000000]
    #[arg(long, env = "LONGSHORE_ACCOUNT", value_name = "ID", hide_env_values = true, value_parser = account)]
    #[serde(deserialize_with = "account_in_file")]
    pub(crate) account: Option<String>,

    /// Give jobs this S3 instead of the embedded one
    #[arg(long, env = "LONGSHORE_S3_ENDPOINT", value_name = "URL", hide_env_values = true)]
    pub(crate) s3_endpoint: Option<String>,

    /// The vCPUs that this host offers [default: all]
    #[arg(long, env = "LONGSHORE_VCPUS", value_name = "N", hide_env_values = true)]
    pub(crate) vcpus: Option<u32>,

    /// The memory that this host offers, in MiB [default: all]
    #[arg(long, env = "LONGSHORE_MEMORY", value_name = "MIB", hide_env_values = true)]
    pub(crate) memory: Option<u64>,

    /// Allow jobs with the image `host`, which run on this host without a container [default: on a loopback address]
    #[arg(long, env = "LONGSHORE_ALLOW_HOST_RUNTIME", value_name = "BOOL", hide_env_values = true,
        num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) allow_host_runtime: Option<bool>,

    /// Refuse jobs whose memory limit cannot be enforced on this host, and enforce it for processes too
    #[arg(long, env = "LONGSHORE_STRICT_LIMITS", value_name = "BOOL", hide_env_values = true,
        num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) strict_limits: Option<bool>,

    /// The network of containers whose jobs do not say: the host's, or one of their own with nothing but the endpoints of
    /// AWS that they are given [default: host]
    #[arg(long, env = "LONGSHORE_NETWORK", value_name = "MODE", hide_env_values = true)]
    pub(crate) network: Option<Network>,

    /// Who runs containers: Longshore itself (`none`), Docker or Podman (`unix:///run/podman/podman.sock`), or whoever can,
    /// Longshore first (`auto`) [default: auto]
    #[arg(long, env = "LONGSHORE_CONTAINER_ENGINE", value_name = "ADDRESS", hide_env_values = true)]
    pub(crate) container_engine: Option<Engine>,

    /// What runs containers: the agent's own launcher, crun or runc [default: the first of them that works]
    #[arg(long, env = "LONGSHORE_CONTAINER_RUNTIME", value_name = "NAME", hide_env_values = true)]
    pub(crate) container_runtime: Option<ContainerRuntime>,

    /// The GPUs that this host offers: `auto` for all, `none`, or how many at most [default: auto]
    #[arg(long, env = "LONGSHORE_GPUS", value_name = "NUMBER", hide_env_values = true)]
    pub(crate) gpus: Option<Offer>,

    /// Where CDI specifications of GPUs are looked for; may be repeated [default: /etc/cdi and /var/run/cdi]
    #[arg(long, env = "LONGSHORE_CDI_DIR", value_name = "DIR", hide_env_values = true, value_delimiter = ':')]
    pub(crate) cdi_dir: Vec<PathBuf>,

    /// A JSON file with the values of secrets, by their names or ARNs, for jobs of this host
    #[arg(long, env = "LONGSHORE_SECRETS", value_name = "FILE", hide_env_values = true)]
    pub(crate) secrets: Option<PathBuf>,

    /// How much to log: error, warn, info, debug or trace, also by module (`info,longshore_store=debug`) [default: info]
    #[arg(long, env = "LONGSHORE_LOG", value_name = "LEVEL", hide_env_values = true)]
    pub(crate) log_level: Option<String>,

    /// Enforce AWS's own quotas and refusals
    #[arg(long, env = "LONGSHORE_AWS_LIMITS", value_name = "BOOL", hide_env_values = true,
        num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) aws_limits: Option<bool>,

    /// Milliseconds for which environments and queues are CREATING, UPDATING or DELETING, 0 for never [default: 200]
    #[arg(long, env = "LONGSHORE_ENVIRONMENT_SETTLE_MS", value_name = "MS", hide_env_values = true)]
    pub(crate) environment_settle_ms: Option<u64>,
    /// Set a limit, to a number or `unlimited`; may be repeated (`longshore limits` lists them)
    #[arg(long, value_name = "NAME=VALUE", value_parser = super::limits::limit)]
    #[serde(rename = "limits", deserialize_with = "super::limits::in_file")]
    pub(crate) limit: Vec<super::limits::Set>,

    /// How long jobs are kept that have ended, with their logs: 12h, 30d or forever [default: forever; with
    /// --aws-limits 7d]
    #[arg(long, env = "LONGSHORE_RETENTION", value_name = "TIME", hide_env_values = true, value_parser = keep)]
    pub(crate) retention: Option<Keep>,

    /// How long definitions are kept that were deregistered [default: forever; with --aws-limits 180d]
    #[arg(long, env = "LONGSHORE_DEFINITION_RETENTION", value_name = "TIME", hide_env_values = true,
        value_parser = keep)]
    pub(crate) definition_retention: Option<Keep>,

    /// How long events are kept [default: 7d, never longer than jobs]
    #[arg(long, env = "LONGSHORE_EVENT_RETENTION", value_name = "TIME", hide_env_values = true, value_parser = keep)]
    pub(crate) event_retention: Option<Keep>,

    /// How many events are kept at most [default: 1000000]
    #[arg(long, env = "LONGSHORE_EVENTS_KEPT", value_name = "N", hide_env_values = true)]
    pub(crate) events_kept: Option<u64>,

    /// Send every event to this address, as a POST of JSON; may be repeated
    #[arg(long, value_name = "URL", value_parser = super::webhook::of_url)]
    pub(crate) webhook: Vec<Webhook>,

    /// Milliseconds after which a queue counts as blocked whose first job has had to wait for so long [default: 300000]
    #[arg(long, env = "LONGSHORE_QUEUE_BLOCKED_AFTER_MS", value_name = "MS", hide_env_values = true)]
    pub(crate) queue_blocked_after_ms: Option<u64>,

    /// Tell metrics and health at this address as well, to anybody, under /metrics, /healthz and /readyz: 127.0.0.1:9464
    #[arg(long, env = "LONGSHORE_METRICS_LISTEN", value_name = "ADDRESS:PORT", hide_env_values = true)]
    pub(crate) metrics_listen: Option<SocketAddr>,

    /// Refuse submissions when the disk of the data directory has less than this free: 2GiB, 512MiB, 0 for never [default: a
    /// twentieth of the disk, at most 512MiB]
    #[arg(long, env = "LONGSHORE_DISK_RESERVE", value_name = "SIZE", hide_env_values = true)]
    pub(crate) disk_reserve: Option<Size>,

    /// Keep what jobs have printed within this: beyond it the output of attempts that ended first is removed [default: no limit]
    #[arg(long, env = "LONGSHORE_OUTPUT_LIMIT", value_name = "SIZE", hide_env_values = true)]
    pub(crate) output_limit: Option<Size>,

    /// Refuse objects of the embedded S3 beyond this [default: no limit]
    #[arg(long, env = "LONGSHORE_S3_LIMIT", value_name = "SIZE", hide_env_values = true)]
    pub(crate) s3_limit: Option<Size>,

    /// Keep container images within this: beyond it those that were not used for longest are removed, if they can be pulled
    /// again [default: no limit]
    #[arg(long, env = "LONGSHORE_IMAGE_LIMIT", value_name = "SIZE", hide_env_values = true)]
    pub(crate) image_limit: Option<Size>,

    /// Copy a database that an earlier version wrote before it is brought up to date, beside it [default: true]
    #[arg(long, env = "LONGSHORE_UPGRADE_COPY", value_name = "BOOL", hide_env_values = true,
        num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) upgrade_copy: Option<bool>,
}

impl Settings {
    /// These settings, and those of `other` where these say nothing.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            port: self.port.or(other.port),
            data_dir: self.data_dir.or(other.data_dir),
            region: self.region.or(other.region),
            account: self.account.or(other.account),
            s3_endpoint: self.s3_endpoint.or(other.s3_endpoint),
            vcpus: self.vcpus.or(other.vcpus),
            memory: self.memory.or(other.memory),
            allow_host_runtime: self.allow_host_runtime.or(other.allow_host_runtime),
            strict_limits: self.strict_limits.or(other.strict_limits),
            network: self.network.or(other.network),
            container_engine: self.container_engine.or(other.container_engine),
            container_runtime: self.container_runtime.or(other.container_runtime),
            gpus: self.gpus.or(other.gpus),
            cdi_dir: if self.cdi_dir.is_empty() { other.cdi_dir } else { self.cdi_dir },
            secrets: self.secrets.or(other.secrets),
            log_level: self.log_level.or(other.log_level),
            aws_limits: self.aws_limits.or(other.aws_limits),
            environment_settle_ms: self.environment_settle_ms.or(other.environment_settle_ms),
            limit: other.limit.into_iter().chain(self.limit).collect(),
            retention: self.retention.or(other.retention),
            definition_retention: self.definition_retention.or(other.definition_retention),
            event_retention: self.event_retention.or(other.event_retention),
            events_kept: self.events_kept.or(other.events_kept),
            webhook: if self.webhook.is_empty() { other.webhook } else { self.webhook },
            queue_blocked_after_ms: self.queue_blocked_after_ms.or(other.queue_blocked_after_ms),
            metrics_listen: self.metrics_listen.or(other.metrics_listen),
            disk_reserve: self.disk_reserve.or(other.disk_reserve),
            output_limit: self.output_limit.or(other.output_limit),
            s3_limit: self.s3_limit.or(other.s3_limit),
            image_limit: self.image_limit.or(other.image_limit),
            upgrade_copy: self.upgrade_copy.or(other.upgrade_copy),
        }
    }
}

fn account(text: &str) -> Result<String, String> {
    let digits = text.len() == 12 && text.chars().all(|c| c.is_ascii_digit());
    if digits { Ok(text.to_owned()) } else { Err("an account id has 12 digits".to_owned()) }
}

fn account_in_file<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    account(&text).map(Some).map_err(serde::de::Error::custom)
}
