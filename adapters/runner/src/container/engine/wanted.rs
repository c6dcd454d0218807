//! From what a job asked of its container to what the engine is told. Makes directories of the host that are to be mounted.

use crate::container::devices;
use crate::container::failure::Failure;
use crate::container::life::processor_shares;
use crate::container::settings::{Device as AskedDevice, Settings, Tmpfs};
use crate::container::spec;
use crate::container::volumes;
use crate::failure::{self as process_failure, Found};
use longshore_agent::Launch;
use longshore_docker::{Device, Image, Mount, Namespace, Source, Ulimit, Wanted};
use rustix::io::Errno;

/// Docker takes no less (`CPU-2` allows 4 MiB); ECS's agent rounds up to it.
const MEMORY_MIN: u64 = 6 << 20;
/// The kernel's least.
const SHARES_MIN: u64 = 2;

/// What it is made with.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) image: &'a Image,
    pub(super) labels: &'a [(String, String)],
    /// Names of its own for the engine.
    pub(super) name: &'a dyn Fn(&str) -> String,
}

pub(super) fn wanted(launch: &Launch, settings: &Settings, means: Means<'_>) -> Result<Wanted, Failure> {
    let (container, linux) = (&launch.container, &settings.linux_parameters);
    check(launch, means.image)?;
    let _they_are_there = devices::of(&linux.devices)?;
    let demand = container.demand;
    let memory_bytes = (demand.memory_mib << 20).max(MEMORY_MIN);
    Ok(Wanted {
        name: (means.name)(&container.output.to_string()),
        labels: means.labels.to_vec(),
        image: means.image.id.clone(),
        entrypoint: container.entrypoint.clone(),
        command: container.command.clone(),
        environment: container.environment.clone(),
        user: container.user.clone(),
        memory_bytes: Some(memory_bytes),
        memory_and_swap_bytes: linux.max_swap.map(|swap_mib| memory_bytes + (swap_mib << 20)),
        swappiness: linux.swappiness,
        cpu_shares: Some(processor_shares(demand).max(SHARES_MIN)),
        mounts: mounts(launch, settings, means)?,
        memory_file_systems: linux.tmpfs.iter().map(memory_file_system).collect::<Result<_, _>>()?,
        shared_memory_bytes: linux.shared_memory_size.map(|mib| mib << 20),
        ulimits: settings.ulimits.iter().map(ulimit).collect(),
        devices: linux.devices.iter().map(device).collect(),
        init: linux.init_process_enabled,
        read_only_root: settings.readonly_root_filesystem,
        privileged: settings.privileged,
        network: Namespace::Host,
        pids: namespace(settings.pid_mode.as_ref()),
        ipc: namespace(settings.ipc_mode.as_ref()),
        ..Wanted::default()
    })
}

/// What is refused without asking the engine, in the words that containers of our own are refused in.
fn check(launch: &Launch, image: &Image) -> Result<(), Failure> {
    let container = &launch.container;
    let arguments = spec::arguments((&image.entrypoint, &image.command), container);
    let Some(program) = arguments.first().cloned() else {
        return Err(process_failure::Failure::NoCommand { image: container.image.clone() }.into());
    };
    let variables: Vec<String> = container.environment.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if arguments.iter().chain(&variables).any(|text| text.contains('\0')) {
        return Err(process_failure::Failure::NulByte.into());
    }
    if spec::are_too_long(&arguments, &variables) {
        let (found, errno) = (Found::File, Errno::TOOBIG);
        return Err(process_failure::Failure::Execute { program, found, errno }.into());
    }
    Ok(())
}

/// What is not the host's is its own, unless it is together with others: that is for `joins`.
fn namespace(mode: Option<&String>) -> Namespace {
    if Settings::shares_with_host(mode) { Namespace::Host } else { Namespace::Own }
}

/// The volumes of the host, and those of the attempt's own, which are the engine's.
fn mounts(launch: &Launch, settings: &Settings, means: Means<'_>) -> Result<Vec<Mount>, Failure> {
    let one = |point: &crate::container::settings::MountPoint| {
        let volume = volumes::volume_of(settings, point)?;
        let source = match volumes::of_host(volume)? {
            Some(path) => Source::Host(path.display().to_string()),
            None => Source::Volume((means.name)(&format!("{}-{}", launch.attempt, volume.name))),
        };
        Ok(Mount { source, target: point.container_path.clone(), read_only: point.read_only })
    };
    settings.mount_points.iter().map(one).collect()
}

fn memory_file_system(asked: &Tmpfs) -> Result<(String, String), Failure> {
    volumes::check_target(&asked.container_path)?;
    let own = asked.mount_options.iter().filter(|option| *option != "defaults").cloned();
    let options: Vec<String> = own.chain([format!("size={}m", asked.size)]).collect();
    Ok((asked.container_path.clone(), options.join(",")))
}

fn ulimit(asked: &crate::container::settings::Ulimit) -> Ulimit {
    Ulimit { name: asked.name.clone(), soft: asked.soft_limit, hard: asked.hard_limit }
}

/// Without permissions it has all (`CPU-5`).
fn device(asked: &AskedDevice) -> Device {
    const LETTERS: [(&str, char); 3] = [("READ", 'r'), ("WRITE", 'w'), ("MKNOD", 'm')];
    let container = asked.container_path.as_ref().filter(|path| !path.is_empty()).unwrap_or(&asked.host_path);
    let has = |name: &str| asked.permissions.is_empty() || asked.permissions.iter().any(|other| other == name);
    let permissions = LETTERS.iter().filter(|(name, _)| has(name)).map(|(_, letter)| letter).collect();
    Device { host: asked.host_path.clone(), container: container.clone(), permissions }
}

#[cfg(test)]
mod tests;
