//! From what a job asked of its container to what the OCI runtime is told: devices are looked up, directories made, what this
//! host cannot do is refused.

use super::failure::Failure;
use super::gpus;
use super::ipc::Ipcs;
use super::root::Root;
use super::settings::Settings;
use super::spec::{Extras, SHARED_MEMORY_KIB};
use super::volumes::Place;
use super::{capabilities, devices, init, ulimits, volumes};
use longshore_gpus::Edits;
use longshore_images::is_in_user_namespace;
use longshore_types::AttemptId;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What it is made with.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) root: &'a Root,
    /// Where volumes of the attempt's own are.
    pub(super) volumes: &'a Path,
    pub(super) attempt: AttemptId,
    /// The attempt's own, for what its containers share.
    pub(super) directory: &'a Path,
    pub(super) ipcs: &'a Ipcs,
    /// The namespace of the processes of its task, made if need be.
    pub(super) pids: &'a dyn Fn() -> Result<PathBuf, Failure>,
    /// Whether the container is all of its attempt.
    pub(super) alone: bool,
    /// What the GPUs that it has need.
    pub(super) gpus: &'a Edits,
    /// Whether what cannot be enforced is refused.
    pub(super) strict: bool,
}

pub(super) fn extras(settings: &Settings, means: Means<'_>) -> Result<Extras, Failure> {
    let linux = &settings.linux_parameters;
    let raises = capabilities::own().contains(&capabilities::RAISES_LIMITS) && !is_in_user_namespace();
    let reach = ulimits::Reach { raises, strict: means.strict };
    let mounts = volumes::mounts(settings, Place { own: means.volumes, root: means.root })?;
    let mut extras = Extras {
        mounts: gpus::beside(gpus::mounts(means.gpus), mounts),
        devices: devices(settings, means.gpus)?,
        hooks: gpus::hooks(means.gpus),
        ulimits: ulimits::of(&settings.ulimits, reach)?,
        shared_memory: linux.shared_memory_size,
        read_only_root: settings.readonly_root_filesystem,
        privileged: settings.privileged,
        pids_of_host: Settings::shares_with_host(settings.pid_mode.as_ref()),
        ipc_of_host: Settings::shares_with_host(settings.ipc_mode.as_ref()),
        init: if linux.init_process_enabled { Some(init::find()?) } else { None },
        ipc: None,
        pids: if shares_with_task(settings.pid_mode.as_ref(), means) { Some((means.pids)()?) } else { None },
        network: None,
    };
    if shares_with_task(settings.ipc_mode.as_ref(), means) {
        let kib = linux.shared_memory_size.map_or(SHARED_MEMORY_KIB, |mib| mib << 10);
        means.ipcs.of(means.attempt, means.directory, kib)?.put(&mut extras);
    }
    Ok(extras)
}

/// Those that it asked for, its GPUs', and all others if it is privileged.
fn devices(settings: &Settings, gpus: &Edits) -> Result<Vec<Value>, Failure> {
    let asked = &settings.linux_parameters.devices;
    let mut given = devices::of(asked)?;
    let is_new = |one: &Value, given: &[Value]| !given.iter().any(|other| other["path"] == one["path"]);
    for one in gpus::devices(gpus) {
        if is_new(&one, &given) {
            given.push(one);
        }
    }
    if settings.privileged {
        let others = devices::all().into_iter().filter(|one| is_new(one, &given));
        let others = others.filter(|one| !asked.iter().any(|asked| one["path"] == *asked.host_path));
        let others: Vec<Value> = others.collect();
        given.extend(others);
    }
    Ok(given)
}

/// `task` means the containers of a task together (`MC-6`): of one alone, that is its own.
fn shares_with_task(mode: Option<&String>, means: Means<'_>) -> bool {
    mode.is_some_and(|mode| mode == "task") && !means.alone
}
