//! Operators who want limits that hold: what this host cannot enforce is refused, with what is missing, and said beforehand.

use crate::container::Containers;
use longshore_agent::ExitStatus;
use longshore_types::Document;
use serde_json::{Value, json};
use std::path::Path;

fn check(settings: Value, expected: Option<&str>) {
    let mut stage = Containers::with(|config| config.strict_limits = true);
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    let mut launch = stage.attempt(&["true"]);
    launch.container.settings = Document(settings);
    match expected {
        Some(expected) => {
            let refused = format!("CannotCreateContainerError: limit it as its operator wants: {expected}");
            assert_eq!(stage.refusal(launch), refused);
        }
        None => {
            let attempt = stage.launch_attempt(launch);
            assert_eq!(stage.exit(attempt), ExitStatus::Code(0));
        }
    }
}

fn device(permissions: &[&str]) -> Value {
    json!({ "linuxParameters": { "devices": [{ "hostPath": "/dev/null", "permissions": permissions }] } })
}

#[test]
fn device_whose_permissions_cannot_be_narrowed_is_refused() {
    let reason = "permissions of the device \"/dev/null\" cannot be narrowed on this host";
    check(device(&["READ"]), Some(reason));
    check(device(&["READ", "WRITE"]), None);
    check(device(&[]), None);
}

/// `CPU-4`: version 2 of control groups has no swappiness.
#[test]
fn swappiness_is_refused_where_it_cannot_be_set() {
    let settable = Path::new("/sys/fs/cgroup/memory/memory.swappiness").exists();
    let settings = json!({ "linuxParameters": { "maxSwap": 0, "swappiness": 0 } });
    check(settings, if settable { None } else { Some("swappiness cannot be set with cgroup2") });
}

#[test]
fn host_says_what_does_not_hold() {
    let stage = Containers::with(|_| ());
    let description = stage.runtime.enforcement();
    assert!(description.contains("permissions of devices are not narrowed"), "{description}");
    let settable = Path::new("/sys/fs/cgroup/memory/memory.swappiness").exists();
    assert_eq!(description.contains("swappiness is not applied"), !settable, "{description}");
}
