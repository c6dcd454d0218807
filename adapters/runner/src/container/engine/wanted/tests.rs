//! What jobs ask for, as the engine is told.

use super::*;
use longshore_protocol::{Runtime, StartContainer};
use longshore_types::{AttemptId, Document, JobId, JobRef, Resources};
use serde_json::{Value, json};

fn of(settings: Value, demand: Resources) -> Result<Wanted, String> {
    let Value::Object(document) = settings else { panic!("settings are an object") };
    let settings = Settings::read(&Document(document)).unwrap();
    let attempt = AttemptId::from_random(1);
    let container =
        StartContainer { command: vec!["true".into()], demand, ..StartContainer::only(attempt, Runtime::Oci, "x") };
    let launch = Launch { attempt, job: JobRef::Job(JobId::from_random(1)), address: None, container };
    let image = Image { id: "sha256:1".into(), ..Image::default() };
    wanted(&launch, &settings, Means { image: &image, labels: &[], name: &|what| format!("agent-{what}") })
        .map_err(|failure| failure.to_string())
}

fn demand(vcpu_milli: u64, memory_mib: u64) -> Resources {
    Resources { vcpu_milli, memory_mib, gpus: 0 }
}

#[test]
fn demand_becomes_shares_and_a_limit() {
    let wanted = of(json!({ "linuxParameters": { "maxSwap": 32 } }), demand(500, 64)).unwrap();
    assert_eq!((wanted.cpu_shares, wanted.memory_bytes), (Some(512), Some(64 << 20)));
    assert_eq!(wanted.memory_and_swap_bytes, Some(96 << 20));
    assert_eq!(of(json!({}), demand(500, 4)).unwrap().memory_bytes, Some(6 << 20), "CPU-2: Docker's least");
}

#[test]
fn permissions_of_devices_are_narrowed() {
    let device = |permissions: Value| {
        let device = json!({ "hostPath": "/dev/null", "permissions": permissions });
        let wanted = of(json!({ "linuxParameters": { "devices": [device] } }), demand(1, 1)).unwrap();
        (wanted.devices[0].container.clone(), wanted.devices[0].permissions.clone())
    };
    assert_eq!(device(json!(["READ"])), ("/dev/null".into(), "r".into()));
    assert_eq!(device(json!([])), ("/dev/null".into(), "rwm".into()));
}

#[test]
fn volume_without_a_path_is_the_engines_and_the_attempts() {
    let settings = json!({
        "volumes": [{ "name": "v" }],
        "mountPoints": [{ "sourceVolume": "v", "containerPath": "/scratch", "readOnly": true }],
    });
    let wanted = of(settings, demand(1, 1)).unwrap();
    let source = Source::Volume(format!("agent-{}-v", AttemptId::from_random(1)));
    assert_eq!(wanted.mounts, [Mount { source, target: "/scratch".into(), read_only: true }]);
}

#[test]
fn file_system_in_memory_has_its_size_and_options() {
    let tmpfs = json!({ "containerPath": "/scratch", "size": 3, "mountOptions": ["defaults", "exec"] });
    let wanted = of(json!({ "linuxParameters": { "tmpfs": [tmpfs] } }), demand(1, 1)).unwrap();
    assert_eq!(wanted.memory_file_systems, [("/scratch".to_owned(), "exec,size=3m".to_owned())]);
}

#[test]
fn what_no_engine_is_asked_for_is_refused() {
    let settings = json!({
        "volumes": [{ "name": "v", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }],
        "mountPoints": [{ "sourceVolume": "v", "containerPath": "/x" }],
    });
    assert!(of(settings, demand(1, 1)).unwrap_err().contains("no network file systems"));
}
