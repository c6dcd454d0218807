//! Who a container's program runs as, and what it may do: capabilities by name, limits by name.

use super::document::{Capabilities, Process, Rlimit};
use crate::container::failure::Failure;
use crate::container::{capabilities, ulimits};
use crate::sys::step::{Step, User};
use rustix::fs::Gid;
use rustix::process::Rlimit as Limit;
use rustix::thread::{CapabilitySet, CapabilitySets};

const ROOT: u32 = 0;

/// From the agent's account and capabilities to the container's, in the order that the kernel wants.
pub(super) fn steps(process: &Process) -> Result<Vec<Step>, Failure> {
    let none = Capabilities::default();
    let asked = process.capabilities.as_ref().unwrap_or(&none);
    let held = CapabilitySets {
        effective: set(&asked.effective)?,
        permitted: set(&asked.permitted)?,
        inheritable: set(&asked.inheritable)?,
    };
    let user = User {
        uid: process.user.uid,
        gid: process.user.gid,
        groups: process.user.additional_gids.iter().map(|gid| Gid::from_raw(*gid)).collect(),
        keeps_capabilities: process.user.uid != ROOT && !held.permitted.is_empty(),
    };
    let mut steps = vec![Step::Bound(set(&asked.bounding)?), Step::User(user), Step::Hold(held)];
    let ambient = set(&asked.ambient)?;
    if !ambient.is_empty() {
        steps.push(Step::Ambient(ambient));
    }
    if process.no_new_privileges {
        steps.push(Step::NoNewPrivileges);
    }
    Ok(steps)
}

pub(super) fn limits(rlimits: &[Rlimit]) -> Result<Vec<Step>, Failure> {
    let limit = |asked: &Rlimit| {
        let resource = ulimits::resource(&asked.kind).ok_or_else(|| unknown("limit", &asked.kind))?;
        // The kernel's own word for no limit is the greatest number.
        let value = |limit: u64| Some(limit).filter(|limit| *limit != u64::MAX);
        Ok(Step::Limit(resource, Limit { current: value(asked.soft), maximum: value(asked.hard) }))
    };
    rlimits.iter().map(limit).collect()
}

fn set(names: &[String]) -> Result<CapabilitySet, Failure> {
    let one = |name: &String| {
        let number = capabilities::number(name).ok_or_else(|| unknown("capability", name))?;
        Ok(CapabilitySet::from_bits_retain(1 << number))
    };
    names.iter().map(one).collect()
}

fn unknown(kind: &str, name: &str) -> Failure {
    Failure::Create { what: "set its privileges", error: format!("no {kind} is named {name:?}") }
}
