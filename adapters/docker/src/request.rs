//! What an engine is told of a container. Pure.

use bollard::models::{
    ContainerCreateBody, DeviceMapping, DeviceRequest as ToldRequest, HealthConfig, HostConfig, HostConfigLogConfig,
    Mount as ToldMount, MountBindOptions, MountBindOptionsPropagationEnum, MountType, ResourcesUlimits,
};
use std::collections::BTreeMap;

/// What a container is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// No other container of the engine may have it.
    pub name: String,
    /// What it is found by later.
    pub labels: Vec<(String, String)>,
    /// The image's id or name; it has to be there.
    pub image: String,
    /// Replaces the image's ENTRYPOINT unless empty.
    pub entrypoint: Vec<String>,
    /// Replaces the image's CMD unless empty.
    pub command: Vec<String>,
    /// Over the image's variables, later entries winning.
    pub environment: Vec<(String, String)>,
    /// As in the image if there is none.
    pub user: Option<String>,
    /// The hard limit; none for one that is idle.
    pub memory_bytes: Option<u64>,
    /// The limit with swap; the engine's own if there is none.
    pub memory_and_swap_bytes: Option<u64>,
    /// From 0 to 100; the engine's own if there is none.
    pub swappiness: Option<u64>,
    /// The kernel's: 1,024 for a vCPU; the engine's own if there is none.
    pub cpu_shares: Option<u64>,
    /// Devices that the engine itself knows how to give.
    pub device_requests: Vec<DeviceRequest>,
    /// Groups that its first process is in, besides the user's.
    pub groups: Vec<u32>,
    /// Of the host and of its own.
    pub mounts: Vec<Mount>,
    /// Files of whoever asks that it may read, and where.
    pub shown: Vec<(String, String)>,
    /// File systems in memory: where, and their options.
    pub memory_file_systems: Vec<(String, String)>,
    /// The size of `/dev/shm`.
    pub shared_memory_bytes: Option<u64>,
    /// Limits of each process.
    pub ulimits: Vec<Ulimit>,
    /// Devices of the host.
    pub devices: Vec<Device>,
    /// Whether an init process buries its orphans.
    pub init: bool,
    /// Whether its root cannot be written.
    pub read_only_root: bool,
    /// Whether it may do what the engine may.
    pub privileged: bool,
    /// The network that it is in; one of its own has nothing but a loopback interface.
    pub network: Namespace,
    /// The processes that it sees.
    pub pids: Namespace,
    /// With whom it shares memory, queues and semaphores.
    pub ipc: Namespace,
    /// Whether it is there for others to share what is its own, and does nothing: then it may do nothing either.
    pub is_idle: bool,
}

/// Whose namespace a container is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Namespace {
    /// Its own.
    #[default]
    Own,
    /// The host's.
    Host,
    /// That of another container, by its id. It has to run.
    Of(String),
}

/// Something that is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// What.
    pub source: Source,
    /// Where.
    pub target: String,
    /// Whether it cannot be written.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A path of the host.
    Host(String),
    /// A volume of the engine.
    Volume(String),
}

/// A limit of each process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// `nofile` and the like.
    pub name: String,
    /// -1 for none.
    pub soft: i64,
    /// -1 for none.
    pub hard: i64,
}

/// A device of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Where it is.
    pub host: String,
    /// Where the container sees it.
    pub container: String,
    /// Letters of `rwm`.
    pub permissions: String,
}

/// Devices that the engine knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceRequest {
    /// By their names in its own CDI directories: `nvidia.com/gpu=0`.
    Cdi(Vec<String>),
    /// Of NVIDIA, by their numbers or UUIDs.
    Nvidia(Vec<String>),
}

/// How much is told where the API counts signed.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// None where the engine's or the image's own is to count.
fn unless_empty<T>(values: Vec<T>) -> Option<Vec<T>> {
    (!values.is_empty()).then_some(values)
}

impl Wanted {
    /// The volumes of the engine that it mounts.
    pub fn volumes(&self) -> impl Iterator<Item = &str> {
        self.mounts.iter().filter_map(|mount| match &mount.source {
            Source::Volume(name) => Some(name.as_str()),
            Source::Host(_) => None,
        })
    }

    pub(crate) fn body(self) -> ContainerCreateBody {
        let variables: BTreeMap<&str, &str> =
            self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let environment = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        ContainerCreateBody {
            image: Some(self.image.clone()),
            env: Some(environment),
            user: self.user.clone(),
            labels: Some(self.labels.iter().cloned().collect()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            entrypoint: unless_empty(self.entrypoint.clone()),
            cmd: unless_empty(self.command.clone()),
            // Nothing to be asked for, and no checks of its image's.
            stop_signal: self.is_idle.then(|| "SIGKILL".to_owned()),
            healthcheck: self
                .is_idle
                .then(|| HealthConfig { test: Some(vec!["NONE".to_owned()]), ..Default::default() }),
            host_config: Some(self.host_config()),
            ..ContainerCreateBody::default()
        }
    }

    fn host_config(self) -> HostConfig {
        let config = HostConfig {
            memory: self.memory_bytes.map(signed),
            memory_swap: self.memory_and_swap_bytes.map(signed),
            memory_swappiness: self.swappiness.map(signed),
            cpu_shares: self.cpu_shares.map(signed),
            // The engine keeps no copy of what comes to us.
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            network_mode: mode(self.network, Some("none")),
            pid_mode: mode(self.pids, None),
            ipc_mode: mode(self.ipc, Some(if self.is_idle { "shareable" } else { "private" })),
            init: Some(self.init),
            readonly_rootfs: Some(self.read_only_root),
            privileged: Some(self.privileged),
            shm_size: self.shared_memory_bytes.map(signed),
            tmpfs: (!self.memory_file_systems.is_empty()).then(|| self.memory_file_systems.into_iter().collect()),
            binds: unless_empty(self.shown.into_iter().map(shown).collect()),
            mounts: unless_empty(self.mounts.into_iter().map(mount).collect()),
            ulimits: unless_empty(self.ulimits.into_iter().map(ulimit).collect()),
            devices: unless_empty(self.devices.into_iter().map(device).collect()),
            device_requests: unless_empty(self.device_requests.into_iter().map(request).collect()),
            group_add: unless_empty(self.groups.iter().map(u32::to_string).collect()),
            ..HostConfig::default()
        };
        if self.privileged {
            return config;
        }
        // As without an engine: programs gain nothing by setuid bits, and make no devices.
        let dropped = if self.is_idle { "ALL" } else { "MKNOD" };
        HostConfig {
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            cap_drop: Some(vec![dropped.to_owned()]),
            ..config
        }
    }
}

/// None where there is no word for its own.
fn mode(namespace: Namespace, own: Option<&str>) -> Option<String> {
    match namespace {
        Namespace::Own => own.map(str::to_owned),
        Namespace::Host => Some("host".to_owned()),
        Namespace::Of(id) => Some(format!("container:{id}")),
    }
}

/// Where SELinux decides who reads what, the file is labelled so that containers may (`z`).
fn shown((path, target): (String, String)) -> String {
    format!("{path}:{target}:ro,z")
}

fn mount(mount: Mount) -> ToldMount {
    let Mount { source, target, read_only } = mount;
    let bind = MountBindOptions {
        propagation: Some(MountBindOptionsPropagationEnum::RPRIVATE),
        ..MountBindOptions::default()
    };
    let (kind, source, bind_options) = match source {
        Source::Host(path) => (MountType::BIND, path, Some(bind)),
        Source::Volume(name) => (MountType::VOLUME, name, None),
    };
    ToldMount {
        target: Some(target),
        source: Some(source),
        typ: Some(kind),
        read_only: Some(read_only),
        bind_options,
        ..ToldMount::default()
    }
}

fn ulimit(ulimit: Ulimit) -> ResourcesUlimits {
    ResourcesUlimits { name: Some(ulimit.name), soft: Some(ulimit.soft), hard: Some(ulimit.hard) }
}

fn device(device: Device) -> DeviceMapping {
    DeviceMapping {
        path_on_host: Some(device.host),
        path_in_container: Some(device.container),
        cgroup_permissions: Some(device.permissions),
    }
}

fn request(request: DeviceRequest) -> ToldRequest {
    let (driver, ids, capabilities) = match request {
        DeviceRequest::Cdi(names) => ("cdi", names, None),
        DeviceRequest::Nvidia(names) => ("nvidia", names, Some(vec![vec!["gpu".to_owned()]])),
    };
    ToldRequest { driver: Some(driver.to_owned()), device_ids: Some(ids), capabilities, ..ToldRequest::default() }
}

#[cfg(test)]
mod tests;
