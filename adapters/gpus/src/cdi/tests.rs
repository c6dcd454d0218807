//! Specifications as the tools write them, and others.

use super::*;
use serde_json::json;

/// As `nvidia-ctk cdi generate` writes it, of a machine with two GPUs, with names by number and by UUID, shortened.
const BY_NVIDIAS_TOOL: &str = r#"---
cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
- name: "1"
  containerEdits:
    deviceNodes:
    - path: /dev/nvidia1
      hostPath: /dev/zero
- name: "0"
  containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
      hostPath: /dev/null
- name: GPU-2f3e
  containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
      hostPath: /dev/null
- name: all
  containerEdits:
    deviceNodes:
    - path: /dev/nvidia0
    - path: /dev/nvidia1
containerEdits:
  env:
  - NVIDIA_VISIBLE_DEVICES=void
  deviceNodes:
  - path: /dev/nvidiactl
    hostPath: /dev/full
  hooks:
  - hookName: createContainer
    path: /usr/bin/nvidia-cdi-hook
    args:
    - nvidia-cdi-hook
    - update-ldcache
    - --folder
    - /usr/lib/x86_64-linux-gnu
    env:
    - NVIDIA_CTK_DEBUG=false
  mounts:
  - hostPath: /usr/lib/x86_64-linux-gnu/libcuda.so.550
    containerPath: /usr/lib/x86_64-linux-gnu/libcuda.so.550
    options:
    - ro
    - nosuid
    - nodev
    - bind
"#;

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn found(directories: &[&tempfile::TempDir]) -> Vec<Gpu> {
    let paths: Vec<PathBuf> = directories.iter().map(|directory| directory.path().to_owned()).collect();
    gpus(&paths)
}

fn names(gpus: &[Gpu]) -> Vec<(&str, &str)> {
    gpus.iter().map(|gpu| (gpu.known_as.as_str(), gpu.name.as_str())).collect()
}

/// One device with what is written for it.
fn one(kind: &str, name: &str, edits: &Value) -> String {
    let devices = json!([{ "name": name, "containerEdits": edits }]);
    json!({ "cdiVersion": "0.6.0", "kind": kind, "devices": devices }).to_string()
}

fn null_at(path: &str) -> Value {
    json!({ "deviceNodes": [{ "path": path, "hostPath": "/dev/null" }] })
}

#[test]
fn every_gpu_is_found_once_with_what_all_need() {
    let gpus = found(&[&directory(&[("nvidia.yaml", BY_NVIDIAS_TOOL)])]);
    assert_eq!(names(&gpus), [("nvidia.com/gpu=0", "GPU-2f3e"), ("nvidia.com/gpu=1", "1")]);
    let Edits { env, devices, mounts, hooks, groups } = &gpus[1].edits;
    assert_eq!((env.as_slice(), groups.len()), (&["NVIDIA_VISIBLE_DEVICES=void".to_owned()][..], 0));
    let nodes: Vec<_> = devices.iter().map(|node| (node.path.as_str(), node.major, node.minor)).collect();
    assert_eq!(nodes, [("/dev/nvidiactl", 1, 7), ("/dev/nvidia1", 1, 5)]);
    assert_eq!((mounts[0].kind.as_str(), mounts[0].options.len()), ("bind", 4));
    assert_eq!((hooks[0].when.as_str(), hooks[0].args[1].as_str()), ("createContainer", "update-ldcache"));
}

#[test]
fn what_a_file_says_of_a_node_counts_before_what_the_host_says() {
    let node = json!({ "path": "/dev/kfd", "type": "c", "major": 511, "minor": 4, "fileMode": 432, "gid": 44 });
    let edits = json!({ "deviceNodes": [node], "additionalGids": [44], "mounts": [{ "hostPath": "/a", "containerPath": "/b" }] });
    let gpus = found(&[&directory(&[("amd.json", &one("amd.com/gpu", "0", &edits))])]);
    let node = &gpus[0].edits.devices[0];
    assert_eq!((node.major, node.minor, node.mode, node.gid), (511, 4, 0o660, 44));
    assert_eq!((gpus[0].vendor, gpus[0].edits.groups.as_slice()), (Vendor::Amd, &[44][..]));
    assert_eq!(gpus[0].edits.mounts[0].options, ["rbind"]);
}

#[test]
fn later_directory_counts_before_an_earlier_one() {
    let earlier = directory(&[("a.json", &one("nvidia.com/gpu", "0", &null_at("/dev/old")))]);
    let later = directory(&[("b.json", &one("nvidia.com/gpu", "0", &null_at("/dev/new")))]);
    assert_eq!(found(&[&earlier, &later])[0].edits.devices[0].path, "/dev/new");
}

#[test]
fn device_that_two_files_of_a_directory_describe_is_not_offered() {
    let file = one("nvidia.com/gpu", "0", &null_at("/dev/a"));
    assert!(found(&[&directory(&[("a.json", &file), ("b.json", &file)])]).is_empty());
}

#[test]
fn device_whose_node_is_missing_is_not_offered() {
    let file = one("nvidia.com/gpu", "0", &json!({ "deviceNodes": [{ "path": "/no/such" }] }));
    assert!(found(&[&directory(&[("a.json", &file)])]).is_empty());
}

#[test]
fn file_with_what_is_not_known_is_not_used_and_others_are() {
    let unknown = one("nvidia.com/gpu", "0", &json!({ "intelRdt": { "closID": "x" } }));
    let version = one("nvidia.com/gpu", "2", &null_at("/dev/c")).replace("0.6.0", "2.0.0");
    let files = [
        ("a.json", unknown.as_str()),
        ("b.json", "{"),
        ("c.yaml", "kind: [nvidia.com/gpu"),
        ("d.json", &version),
        ("e.json", &one("nvidia.com/gpu", "1", &null_at("/dev/b"))),
        ("f.json", &one("example.com/nic", "0", &json!({ "intelRdt": {} }))),
        ("notes.txt", "nvidia.com/gpu"),
    ];
    assert_eq!(names(&found(&[&directory(&files)])), [("nvidia.com/gpu=1", "1")]);
    let reason = read(&directory(&[("a.json", &unknown)]).path().join("a.json")).unwrap_err().to_string();
    assert!(reason.contains("unknown field `intelRdt`"), "{reason}");
}
