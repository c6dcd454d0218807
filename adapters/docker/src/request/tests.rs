//! What engines are told, as they are told it.

use super::*;
use serde_json::{Value, json};

fn told(wanted: Wanted) -> Value {
    serde_json::to_value(wanted.body()).unwrap()
}

#[test]
fn later_variables_win_and_empty_ones_stay() {
    let entry = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let environment = vec![entry("B", "1"), entry("A", ""), entry("B", "2")];
    assert_eq!(told(Wanted { environment, ..Wanted::default() })["Env"], json!(["A=", "B=2"]));
}

#[test]
fn what_is_not_asked_for_is_the_images() {
    let told = told(Wanted::default());
    for member in ["Entrypoint", "Cmd", "User"] {
        assert_eq!(told.get(member), None, "{member}");
    }
}

#[test]
fn limits_are_hard_and_shares_are_shares() {
    let wanted = Wanted { memory_bytes: Some(64 << 20), cpu_shares: Some(512), ..Wanted::default() };
    let host = &told(wanted)["HostConfig"];
    assert_eq!((host["Memory"].as_i64(), host["CpuShares"].as_i64()), (Some(67_108_864), Some(512)));
    assert_eq!(host.get("MemorySwap"), None);
}

#[test]
fn devices_that_the_engine_knows_are_requested_by_their_names() {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let device_requests =
        vec![DeviceRequest::Cdi(names(&["nvidia.com/gpu=1"])), DeviceRequest::Nvidia(names(&["0", "GPU-7"]))];
    let host = &told(Wanted { device_requests, groups: vec![44], ..Wanted::default() })["HostConfig"];
    let expected = json!([
        { "Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=1"] },
        { "Driver": "nvidia", "DeviceIDs": ["0", "GPU-7"], "Capabilities": [["gpu"]] },
    ]);
    assert_eq!((&host["DeviceRequests"], &host["GroupAdd"]), (&expected, &json!(["44"])));
    assert_eq!(told(Wanted::default())["HostConfig"].get("DeviceRequests"), None);
}

#[test]
fn container_gains_nothing_unless_privileged() {
    let host = |privileged| told(Wanted { privileged, ..Wanted::default() })["HostConfig"].clone();
    assert_eq!(host(false)["SecurityOpt"], json!(["no-new-privileges"]));
    assert_eq!(host(false)["CapDrop"], json!(["MKNOD"]));
    assert_eq!((host(true)["Privileged"].as_bool(), host(true).get("SecurityOpt")), (Some(true), None));
}

#[test]
fn mounts_are_of_the_host_or_of_the_engine() {
    let mount = |source, read_only| Mount { source, target: "/in".to_owned(), read_only };
    let mounts =
        vec![mount(Source::Host("/data".to_owned()), true), mount(Source::Volume("scratch".to_owned()), false)];
    let expected = json!([
        { "Target": "/in", "Source": "/data", "Type": "bind", "ReadOnly": true, "BindOptions": { "Propagation": "rprivate" } },
        { "Target": "/in", "Source": "scratch", "Type": "volume", "ReadOnly": false },
    ]);
    assert_eq!(told(Wanted { mounts, ..Wanted::default() })["HostConfig"]["Mounts"], expected);
}

#[test]
fn engine_keeps_no_output() {
    assert_eq!(told(Wanted::default())["HostConfig"]["LogConfig"]["Type"], "none");
}

#[test]
fn namespaces_are_its_own_or_the_hosts_or_anothers() {
    let modes = |namespace: Namespace| {
        let wanted =
            Wanted { network: namespace.clone(), pids: namespace.clone(), ipc: namespace, ..Wanted::default() };
        let host = told(wanted)["HostConfig"].clone();
        ["NetworkMode", "PidMode", "IpcMode"].map(|member| host[member].as_str().map(str::to_owned))
    };
    let all = |mode: &str| [(); 3].map(|()| Some(mode.to_owned()));
    assert_eq!(modes(Namespace::Host), all("host"));
    assert_eq!(modes(Namespace::Of("1f".into())), all("container:1f"));
    assert_eq!(modes(Namespace::Own), [Some("none".to_owned()), None, Some("private".to_owned())]);
}

#[test]
fn idle_container_lends_what_is_its_own_and_may_do_nothing() {
    let shown = vec![("/data/pause".to_owned(), "/pause".to_owned())];
    let told = told(Wanted { is_idle: true, shown, ..Wanted::default() });
    let host = &told["HostConfig"];
    assert_eq!((&host["IpcMode"], &host["CapDrop"]), (&json!("shareable"), &json!(["ALL"])));
    assert_eq!(host["Binds"], json!(["/data/pause:/pause:ro,z"]));
    assert_eq!((&told["StopSignal"], &told["Healthcheck"]["Test"]), (&json!("SIGKILL"), &json!(["NONE"])));
}
