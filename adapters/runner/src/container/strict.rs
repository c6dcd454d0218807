//! What this host cannot hold a container to, for operators who want limits that hold, and for the host's description.

use super::failure::Failure;
use super::settings::{Device, Settings};
use crate::failure as process_failure;
use crate::limit::Limits;

/// Refuses a container that asks for a limit which would not hold. That of ulimits is looked at where they are set.
pub(super) fn check(settings: &Settings, limits: Option<&Limits>) -> Result<(), Failure> {
    let Some(limits) = limits else { return Err(process_failure::Failure::Unlimited.into()) };
    let linux = &settings.linux_parameters;
    if let Some(device) = linux.devices.iter().find(|device| is_narrowed(device)) {
        let error = format!("permissions of the device {:?} cannot be narrowed on this host", device.host_path);
        return Err(refused(error));
    }
    if linux.swappiness.is_some() && !limits.has_swappiness() {
        return Err(refused(format!("swappiness cannot be set with {}", limits.name())));
    }
    Ok(())
}

fn refused(error: String) -> Failure {
    Failure::Create { what: "limit it as its operator wants", error }
}

/// A container can make no devices in any case, so `MKNOD` changes nothing.
fn is_narrowed(device: &Device) -> bool {
    let may = |permission: &str| device.permissions.iter().any(|given| given == permission);
    let whole = device.permissions.is_empty() || (may("READ") && may("WRITE"));
    !whole
}

/// What does not hold here, in the words of a host's description.
pub(super) fn unenforced(limits: Option<&Limits>) -> Vec<&'static str> {
    let swappiness = limits.is_some_and(Limits::has_swappiness);
    let swappiness = (!swappiness).then_some("swappiness is not applied");
    ["permissions of devices are not narrowed"].into_iter().chain(swappiness).collect()
}

/// The same as things that a container may ask for, for operators who want limits that hold.
pub(super) fn limits_that_do_not_hold(limits: Option<&Limits>) -> Vec<String> {
    let memory = limits.is_none().then_some("the memory of containers");
    let swappiness = (!limits.is_some_and(Limits::has_swappiness)).then_some("swappiness");
    let all = [memory, Some("narrower permissions of devices"), swappiness];
    all.into_iter().flatten().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed(permissions: &[&str]) -> bool {
        let permissions = permissions.iter().map(|&one| one.to_owned()).collect();
        is_narrowed(&Device { permissions, ..Device::default() })
    }

    #[test]
    fn host_without_control_groups_holds_nothing() {
        let expected = ["the memory of containers", "narrower permissions of devices", "swappiness"];
        assert_eq!(limits_that_do_not_hold(None), expected);
    }

    #[test]
    fn device_without_reading_or_writing_is_narrowed() {
        assert!(narrowed(&["READ"]) && narrowed(&["WRITE", "MKNOD"]));
        assert!(!narrowed(&[]) && !narrowed(&["READ", "WRITE"]) && !narrowed(&["MKNOD", "READ", "WRITE"]));
    }
}
