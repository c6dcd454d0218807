//! Volumes and file systems in memory as a container mounts them (`VOL-1`, `VOL-2`, `CPU-5`). Makes the directories; mounting is
//! the OCI runtime's.

use super::copy;
use super::failure::Failure;
use super::root::Root;
use super::settings::{MountPoint, Settings, Tmpfs, Volume};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Containers of one attempt may begin at once, and volumes are filled once.
static COPYING: Mutex<()> = Mutex::new(());

/// Docker's for a file system in memory.
const TMPFS: [&str; 3] = ["nosuid", "noexec", "nodev"];

/// Where volumes of the attempt's own are made, and the root that they are mounted in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) own: &'a Path,
    pub(super) root: &'a Root,
}

/// All mounts that were asked for, those nearer to the root first.
pub(super) fn mounts(settings: &Settings, place: Place<'_>) -> Result<Vec<Value>, Failure> {
    let points = settings.mount_points.iter().map(|point| (&point.container_path, mount(settings, point, place)));
    let memory = settings.linux_parameters.tmpfs.iter().map(|one| (&one.container_path, tmpfs(one)));
    let mut mounts: Vec<_> = points.chain(memory).collect();
    mounts.sort_by_key(|(path, _)| Path::new(path).components().count());
    mounts.into_iter().map(|(_, mount)| mount).collect()
}

pub(super) fn refused(error: String) -> Failure {
    Failure::Create { what: "mount its volumes", error }
}

pub(super) fn check_target(path: &str) -> Result<(), Failure> {
    let problem = match path {
        "/" => "destination can't be '/'",
        _ if !path.starts_with('/') => "mount path must be absolute",
        _ => return Ok(()),
    };
    Err(refused(format!("invalid mount path: {path:?}: {problem}")))
}

fn mount(settings: &Settings, point: &MountPoint, place: Place<'_>) -> Result<Value, Failure> {
    let volume = volume_of(settings, point)?;
    let source = source(volume, &point.container_path, place)?;
    let access = if point.read_only { "ro" } else { "rw" };
    Ok(json!({
        "destination": point.container_path,
        "type": "bind",
        "source": source,
        "options": ["rbind", "rprivate", access],
    }))
}

/// The volume that is mounted somewhere.
pub(super) fn volume_of<'a>(settings: &'a Settings, point: &MountPoint) -> Result<&'a Volume, Failure> {
    check_target(&point.container_path)?;
    let volume = settings.volumes.iter().find(|volume| volume.name == point.source_volume);
    volume.ok_or_else(|| refused(format!("no volume is named {:?}", point.source_volume)))
}

/// The directory or file of the host that a volume is, made if it is not there; none if it is the attempt's own.
pub(super) fn of_host(volume: &Volume) -> Result<Option<PathBuf>, Failure> {
    if volume.efs_volume_configuration.is_some() || volume.s3files_volume_configuration.is_some() {
        let error =
            format!("volume {:?}: this host has no network file systems: give it a host.sourcePath", volume.name);
        return Err(refused(error));
    }
    match volume.host.source_path.as_ref().filter(|path| !path.is_empty()) {
        Some(path) if !path.starts_with('/') => Err(refused(format!("sourcePath {path:?} is not absolute"))),
        Some(path) => {
            let path = PathBuf::from(path);
            let made = if path.exists() { Ok(()) } else { fs::create_dir_all(&path) };
            made.map_err(|error| because(&path, &error)).map(|()| Some(path))
        }
        None => Ok(None),
    }
}

fn because(path: &Path, error: &io::Error) -> Failure {
    refused(format!("{}: {error}", path.display()))
}

fn source(volume: &Volume, target: &str, place: Place<'_>) -> Result<PathBuf, Failure> {
    match of_host(volume)? {
        Some(path) => Ok(path),
        None => {
            let mut parts = Path::new(&volume.name).components();
            let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else {
                return Err(refused(format!("{:?} cannot be the name of a volume", volume.name)));
            };
            let path = place.own.join(name);
            own(&path, target, place.root).map_err(|error| because(&path, &error)).map(|()| path)
        }
    }
}

/// A directory with what the image has where it is mounted, owner and mode too, as a volume of Docker's begins. It is there
/// already if another container of the attempt has mounted it; then it is left as it is, unless it is empty.
fn own(path: &Path, target: &str, root: &Root) -> io::Result<()> {
    let _one_after_the_other = COPYING.lock().unwrap_or_else(PoisonError::into_inner);
    fs::create_dir_all(path)?;
    match root.directory(target) {
        Some(hidden) if fs::read_dir(path)?.next().is_none() => {
            copy::directory(Path::new(&format!("/proc/self/fd/{}", hidden.as_raw_fd())), path)
        }
        _ => Ok(()),
    }
}

fn tmpfs(asked: &Tmpfs) -> Result<Value, Failure> {
    check_target(&asked.container_path)?;
    let asked_for = |option: &str| asked.mount_options.iter().any(|other| other == option);
    // Runtimes do not agree on what `noexec` and `exec` together mean.
    let usual = TMPFS.iter().filter(|option| !asked_for(option.trim_start_matches("no")));
    let own = asked.mount_options.iter().filter(|option| *option != "defaults").cloned();
    let size = format!("size={}m", asked.size);
    let options: Vec<String> = usual.map(|option| (*option).to_owned()).chain(own).chain([size]).collect();
    Ok(json!({ "destination": asked.container_path, "type": "tmpfs", "source": "tmpfs", "options": options }))
}
