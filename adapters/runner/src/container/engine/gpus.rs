//! The GPUs that a container has, as its engine is asked for them. What they need is told in the engine's own terms as far as it
//! goes: then the engine has to know nothing of GPUs. Hooks are beyond that: an engine runs those of its own CDI directories.

use crate::container::failure::Failure;
use crate::container::gpus::refused;
use longshore_docker::{Device, DeviceRequest, Mount, Source, Wanted};
use longshore_gpus::{DeviceNode, Edits, Given, Gpu, Mount as Needed, Vendor};

pub(super) fn ask_for(wanted: &mut Wanted, given: &Given, by_podman: bool) -> Result<(), Failure> {
    let (requested, told): (Vec<&Gpu>, Vec<&Gpu>) = given.gpus().iter().partition(|gpu| is_requested(gpu, by_podman));
    if let Some(gpu) = requested.first().filter(|_| by_podman) {
        let hooks = gpu.edits.hook_names().join(", ");
        return Err(refused(format!(
            "the CDI specification of {gpu} has hooks ({hooks}), which Podman does not run for this API: let Longshore run \
             containers itself (--container-engine none)"
        )));
    }
    let names = |by_cdi: bool| requested.iter().filter(move |gpu| gpu.by_cdi == by_cdi);
    let requests = [
        DeviceRequest::Cdi(names(true).map(|gpu| gpu.known_as.clone()).collect()),
        DeviceRequest::Nvidia(names(false).map(|gpu| gpu.name.clone()).collect()),
    ];
    let is_empty = |request: &DeviceRequest| matches!(request, DeviceRequest::Cdi(names) | DeviceRequest::Nvidia(names) if names.is_empty());
    wanted.device_requests.extend(requests.into_iter().filter(|request| !is_empty(request)));
    told.iter().try_for_each(|gpu| tell(wanted, &gpu.edits))
}

/// Whether the engine has to know it. Docker has what NVIDIA's programs need from NVIDIA's toolkit.
fn is_requested(gpu: &Gpu, by_podman: bool) -> bool {
    !gpu.edits.hooks.is_empty() || (!by_podman && !gpu.by_cdi && gpu.vendor == Vendor::Nvidia)
}

fn tell(wanted: &mut Wanted, edits: &Edits) -> Result<(), Failure> {
    let devices = edits.devices.iter().map(device);
    let new: Vec<Device> =
        devices.filter(|one| wanted.devices.iter().all(|other| other.container != one.container)).collect();
    wanted.devices.extend(new);
    for needed in &edits.mounts {
        mount(wanted, needed)?;
    }
    wanted.groups.extend(&edits.groups);
    Ok(())
}

fn device(node: &DeviceNode) -> Device {
    let DeviceNode { host_path, path, permissions, .. } = node;
    Device { host: host_path.clone(), container: path.clone(), permissions: permissions.clone() }
}

/// A job's own mount at the same place wins.
fn mount(wanted: &mut Wanted, Needed { source, target, kind, options }: &Needed) -> Result<(), Failure> {
    if wanted.mounts.iter().any(|mount| mount.target == *target) {
        return Ok(());
    }
    match kind.as_str() {
        "bind" => {
            let read_only = options.iter().any(|option| option == "ro");
            wanted.mounts.push(Mount { source: Source::Host(source.clone()), target: target.clone(), read_only });
        }
        "tmpfs" => wanted.memory_file_systems.push((target.clone(), options.join(","))),
        other => return Err(refused(format!("an engine mounts no {other} at {target}"))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use longshore_gpus::{Hook, Pool};
    use longshore_types::AttemptId;

    fn node(path: &str) -> DeviceNode {
        let (kind, permissions) = ("c".to_owned(), "rw".to_owned());
        let (path, host_path) = (path.to_owned(), format!("/host{path}"));
        DeviceNode { path, host_path, kind, major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0, permissions }
    }

    fn edits(hooks: &[&str]) -> Edits {
        let hook =
            |when: &&str| Hook { when: (*when).into(), path: "/h".into(), args: vec![], env: vec![], timeout: None };
        let library = Needed {
            source: "/lib/x.so".into(),
            target: "/usr/lib/x.so".into(),
            kind: "bind".into(),
            options: vec!["ro".into(), "rbind".into()],
        };
        let (devices, hooks) = (vec![node("/dev/gpu")], hooks.iter().map(hook).collect());
        Edits { devices, mounts: vec![library], hooks, groups: vec![44], ..Edits::default() }
    }

    fn asked(vendor: Vendor, (by_cdi, hooks): (bool, &[&str]), by_podman: bool) -> Result<Wanted, String> {
        let gpu = Gpu { vendor, name: "0".into(), known_as: "vendor/gpu=0".into(), by_cdi, edits: edits(hooks) };
        let given = Pool::new(vec![gpu]).take(AttemptId::from_random(1), 1).unwrap();
        let mut wanted = Wanted::default();
        ask_for(&mut wanted, &given, by_podman).map(|()| wanted).map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_an_engine_can_be_told_it_need_not_know() {
        for (vendor, by_cdi, by_podman) in [
            (Vendor::Nvidia, true, true),
            (Vendor::Nvidia, true, false),
            (Vendor::Nvidia, false, true),
            (Vendor::Amd, false, false),
        ] {
            let wanted = asked(vendor, (by_cdi, &[]), by_podman).unwrap();
            let device =
                Device { host: "/host/dev/gpu".into(), container: "/dev/gpu".into(), permissions: "rw".into() };
            assert_eq!((wanted.devices, wanted.device_requests, wanted.groups), (vec![device], vec![], vec![44]));
            let source = Source::Host("/lib/x.so".into());
            assert_eq!(wanted.mounts, [Mount { source, target: "/usr/lib/x.so".into(), read_only: true }]);
        }
    }

    #[test]
    fn docker_is_asked_for_the_rest_by_name() {
        let by_cdi = asked(Vendor::Nvidia, (true, &["createContainer"]), false).unwrap();
        assert_eq!(by_cdi.device_requests, [DeviceRequest::Cdi(vec!["vendor/gpu=0".into()])]);
        assert!(by_cdi.devices.is_empty() && by_cdi.mounts.is_empty());
        let by_toolkit = asked(Vendor::Nvidia, (false, &[]), false).unwrap();
        assert_eq!(by_toolkit.device_requests, [DeviceRequest::Nvidia(vec!["0".into()])]);
    }

    #[test]
    fn podman_is_not_asked_for_what_it_would_leave_out() {
        let reason = asked(Vendor::Nvidia, (true, &["createContainer"]), true).unwrap_err();
        let start = "CannotCreateContainerError: give it its GPUs: the CDI specification of vendor/gpu=0 has hooks";
        assert!(reason.starts_with(start) && reason.len() <= 255, "{reason}");
    }
}
