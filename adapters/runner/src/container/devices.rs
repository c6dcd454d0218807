//! Devices of the host that a container gets: those that it asked for (`CPU-5`), and all of them when it is privileged. A device
//! control group is not to be had everywhere, so a device is given whole: its `permissions` are not narrowed (see `strict`).

use super::failure::Failure;
use super::settings::Device;
use rustix::fs::{FileType, Stat, major, minor};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Made anew in every container, or mounted there.
const OWN: [&str; 16] = [
    "console", "core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout",
    "tty", "urandom", "zero",
];
/// How deep directories of devices are searched.
const DEPTH: usize = 8;

/// The devices that were asked for, as `linux.devices` has them.
pub(super) fn of(asked: &[Device]) -> Result<Vec<Value>, Failure> {
    let mut devices = Vec::new();
    for device in asked {
        let target = device.container_path.as_ref().filter(|path| !path.is_empty()).unwrap_or(&device.host_path);
        let (source, before) = (Path::new(&device.host_path), devices.len());
        collect(source, Path::new(target), DEPTH, &mut devices).map_err(|error| refused(source, &error.to_string()))?;
        if devices.len() == before {
            return Err(refused(source, "not a device node"));
        }
    }
    Ok(devices)
}

/// Docker's words.
fn refused(path: &Path, error: &str) -> Failure {
    let error = format!("error gathering device information while adding custom device {:?}: {error}", path.display());
    Failure::Create { what: "give it its devices", error }
}

/// Every device of the host.
pub(super) fn all() -> Vec<Value> {
    let mut devices = Vec::new();
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    for entry in entries.filter(|entry| !OWN.iter().any(|own| entry.file_name() == *own)) {
        // What has just gone is no device of the host's any more.
        let _gone = collect(&entry.path(), &entry.path(), DEPTH, &mut devices);
    }
    devices
}

fn collect(source: &Path, target: &Path, depth: usize, devices: &mut Vec<Value>) -> io::Result<()> {
    let stat = rustix::fs::stat(source)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::CharacterDevice => devices.push(device(target, "c", &stat)),
        FileType::BlockDevice => devices.push(device(target, "b", &stat)),
        FileType::Directory if depth > 0 => {
            for name in names(source)? {
                collect(&source.join(&name), &target.join(&name), depth - 1, devices)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// What a directory holds that is no link: a link is another name of something that is there.
fn names(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?.collect::<Result<Vec<_>, _>>()?;
    let plain = entries.into_iter().filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
    Ok(plain.map(|entry| PathBuf::from(entry.file_name())).collect())
}

fn device(path: &Path, kind: &str, stat: &Stat) -> Value {
    json!({
        "path": path,
        "type": kind,
        "major": major(stat.st_rdev),
        "minor": minor(stat.st_rdev),
        "fileMode": stat.st_mode & 0o7777,
        "uid": stat.st_uid,
        "gid": stat.st_gid,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_path(host: &str, container: Option<&str>) -> Result<Vec<Value>, String> {
        let asked =
            Device { host_path: host.into(), container_path: container.map(str::to_owned), ..Device::default() };
        of(&[asked]).map_err(|failure| failure.to_string())
    }

    #[test]
    fn device_keeps_its_numbers_under_another_name() {
        let devices = of_path("/dev/null", Some("/dev/nothing")).unwrap();
        assert_eq!(devices.len(), 1);
        let device = &devices[0];
        assert_eq!((device["path"].as_str(), device["type"].as_str()), (Some("/dev/nothing"), Some("c")));
        assert_eq!((device["major"].as_u64(), device["minor"].as_u64()), (Some(1), Some(3)));
    }

    #[test]
    fn what_is_no_device_is_refused() {
        assert!(of_path("/no/such", None).unwrap_err().contains("custom device \"/no/such\": No such file"));
        assert!(of_path("/etc/passwd", None).unwrap_err().ends_with("not a device node"));
    }
}
