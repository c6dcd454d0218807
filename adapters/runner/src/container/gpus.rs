//! What the GPUs that a container has become in what its OCI runtime is told. Which they are was decided before.

use super::failure::Failure;
use super::runtime::Missing;
use longshore_gpus::{DeviceNode, Edits, Hook, Mount};
use longshore_images::is_in_user_namespace;
use serde_json::{Map, Value, json};
use std::path::Path;

const WHAT: &str = "give it its GPUs";

/// Why it does not get them.
pub(super) fn refused(error: String) -> Failure {
    Failure::Create { what: WHAT, error }
}

/// Nobody here would run what they need to have run.
pub(super) fn without_hooks(hooks: &[&str], missing: &Missing) -> Failure {
    refused(format!("their CDI specification has hooks ({}): {missing}", hooks.join(", ")))
}

/// As `linux.devices` has them. In a user namespace nobody makes devices: see [`mounts`].
pub(super) fn devices(edits: &Edits) -> Vec<Value> {
    if is_in_user_namespace() {
        return Vec::new();
    }
    let device = |node: &DeviceNode| {
        json!({
            "path": node.path, "type": node.kind, "major": node.major, "minor": node.minor,
            "fileMode": node.mode, "uid": node.uid, "gid": node.gid,
        })
    };
    edits.devices.iter().map(device).collect()
}

/// What is mounted for them.
pub(super) fn mounts(edits: &Edits) -> Vec<Value> {
    let mount = |Mount { source, target, kind, options }: &Mount| json!({ "destination": target, "type": kind, "source": source, "options": options });
    let node = |node: &DeviceNode| {
        let options = ["bind", "rw", "nosuid", "noexec"];
        json!({ "destination": node.path, "type": "bind", "source": node.host_path, "options": options })
    };
    let nodes = edits.devices.iter().filter(|_| is_in_user_namespace()).map(node);
    edits.mounts.iter().map(mount).chain(nodes).collect()
}

/// Mounts of GPUs beside those of the job, which win at the same place; those nearer to the root first.
pub(super) fn beside(gpus: Vec<Value>, jobs: Vec<Value>) -> Vec<Value> {
    if gpus.is_empty() {
        return jobs;
    }
    let depth = |mount: &Value| mount["destination"].as_str().map_or(0, |path| Path::new(path).components().count());
    let mut mounts: Vec<Value> = gpus.into_iter().chain(jobs).collect();
    mounts.sort_by_key(depth);
    mounts
}

/// Groups besides the user's own. In a user namespace the host's have no number.
pub(super) fn groups(edits: &Edits) -> &[u32] {
    if is_in_user_namespace() { &[] } else { &edits.groups }
}

/// As the document has them.
pub(super) fn hooks(edits: &Edits) -> Map<String, Value> {
    let mut hooks = Map::new();
    for Hook { when, path, args, env, timeout } in &edits.hooks {
        let mut hook = json!({ "path": path, "args": args, "env": env });
        if let Some(timeout) = timeout {
            hook["timeout"] = json!(timeout);
        }
        let those = hooks.entry(when.as_str()).or_insert_with(|| json!([]));
        those.as_array_mut().expect("made as one").push(hook);
    }
    hooks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(when: &str, path: &str) -> Hook {
        Hook { when: when.into(), path: path.into(), args: vec!["x".into()], env: vec![], timeout: Some(3) }
    }

    #[test]
    fn hooks_are_in_order_by_when_they_run() {
        let edits = Edits {
            hooks: vec![hook("createContainer", "/a"), hook("startContainer", "/b"), hook("createContainer", "/c")],
            ..Edits::default()
        };
        let told = Value::Object(hooks(&edits));
        assert_eq!(told["createContainer"][1]["path"], "/c");
        assert_eq!(told["startContainer"], json!([{ "path": "/b", "args": ["x"], "env": [], "timeout": 3 }]));
    }

    #[test]
    fn mounts_of_gpus_and_jobs_are_in_one_order() {
        let at = |path: &str, source: &str| json!({ "destination": path, "source": source });
        let gpus = vec![at("/usr/lib/x.so", "gpu"), at("/etc", "gpu")];
        let mounts = beside(gpus, vec![at("/usr", "job"), at("/etc", "job")]);
        let expected = [at("/etc", "gpu"), at("/usr", "job"), at("/etc", "job"), at("/usr/lib/x.so", "gpu")];
        assert_eq!(mounts, expected);
    }
}
