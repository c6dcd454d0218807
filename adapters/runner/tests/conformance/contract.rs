//! What a job may ask of its container (`CPU-1` to `CPU-6`, `VOL-1`, `VOL-2`, `MC-6`), with every OCI runtime.

use crate::stage::{Runtime, Stage};
use longshore_agent::{ExitStatus, Launch};
use longshore_types::Document;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const SUCCESS: ExitStatus = ExitStatus::Code(0);

/// One test for each rule, for one OCI runtime.
macro_rules! contract {
    ($runtime:ident, $type:ty) => {
        mod $runtime {
            $crate::contract::contract! { @tests $type,
                volume_of_the_host_is_shared_and_made_if_missing
                read_only_mount_cannot_be_written
                program_may_be_on_a_volume_alone
                volume_without_a_path_begins_empty_and_goes_away
                volume_takes_the_owner_of_what_it_hides
                volume_begins_with_what_the_image_has_there
                swappiness_is_set_and_forgotten
                mount_of_an_unknown_volume_is_refused
                network_file_system_is_refused
                memory_file_systems_have_their_sizes
                read_only_root_cannot_be_written
                ulimits_are_set
                ulimit_beyond_the_hosts_is_lowered
                device_is_given_under_its_name
                missing_device_is_refused
                init_is_the_first_process_and_buries_orphans
                privileged_container_may_mount_and_sees_devices
                processors_are_shared_by_vcpus
                namespaces_of_the_host_are_shared_when_asked
            }
        }
    };
    (@tests $type:ty, $($rule:ident)*) => {
        $(#[test]
        fn $rule() {
            $crate::stage::check::<$type>(stringify!($rule), $crate::contract::$rule::<$type>);
        })*
    };
}
pub(crate) use contract;

pub(crate) fn attempt<R: Runtime>(stage: &mut Stage<R>, settings: Value, script: &str) -> Launch {
    let Value::Object(settings) = settings else { panic!("settings are an object") };
    let mut launch = stage.attempt(&["sh", "-c", script]);
    launch.container.settings = Document(settings);
    launch
}

fn run<R: Runtime>(stage: &mut Stage<R>, settings: Value, script: &str) -> (ExitStatus, String) {
    let launch = attempt(stage, settings, script);
    let attempt = stage.launch_attempt(launch);
    (stage.exit(attempt), stage.output(attempt))
}

fn refusal<R: Runtime>(stage: &mut Stage<R>, settings: Value) -> String {
    let launch = attempt(stage, settings, "true");
    stage.refusal(launch)
}

fn volume(source: Option<&Path>, target: &str, read_only: bool) -> Value {
    let host = source.map_or_else(|| json!({}), |path| json!({ "sourcePath": path }));
    json!({
        "volumes": [{ "name": "v", "host": host }],
        "mountPoints": [{ "sourceVolume": "v", "containerPath": target, "readOnly": read_only }],
    })
}

pub(crate) fn volume_of_the_host_is_shared_and_made_if_missing<R: Runtime>(stage: &mut Stage<R>) {
    let path = stage.path("made/here");
    let settings = volume(Some(&path), "/data/in", false);
    assert_eq!(run(stage, settings, "echo x > /data/in/file && ls /data/in"), (SUCCESS, "file\n".into()));
    assert_eq!(fs::read_to_string(path.join("file")).unwrap(), "x\n");
}

pub(crate) fn read_only_mount_cannot_be_written<R: Runtime>(stage: &mut Stage<R>) {
    let path = stage.path("");
    fs::write(path.join("given"), "content").unwrap();
    let (status, output) = run(stage, volume(Some(&path), "/in", true), "cat /in/given; echo; touch /in/new");
    assert!(status != SUCCESS && output.starts_with("content\n") && output.contains("Read-only"), "{output}");
}

/// By its path, and by PATH; and a volume does not hide what is wrong with a program.
pub(crate) fn program_may_be_on_a_volume_alone<R: Runtime>(stage: &mut Stage<R>) {
    let tools = stage.path("tools");
    fs::create_dir(&tools).unwrap();
    fs::write(tools.join("tool"), "#!/bin/sh\necho of the volume\n").unwrap();
    fs::set_permissions(tools.join("tool"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = |words: &[&str]| {
        let mut launch = attempt(stage, volume(Some(&tools), "/tools", true), "");
        launch.container.command = words.iter().map(|&word| word.to_owned()).collect();
        launch.container.environment = vec![("PATH".into(), "/bin:/tools".into())];
        launch
    };
    let (by_path, by_name, missing) = (command(&["/tools/tool"]), command(&["tool"]), command(&["/tools/none"]));
    for launch in [by_path, by_name] {
        let attempt = stage.launch_attempt(launch);
        assert_eq!((stage.exit(attempt), stage.output(attempt)), (SUCCESS, "of the volume\n".into()));
    }
    let refusal = stage.refusal(missing);
    assert!(refusal.starts_with("CannotStartContainerError: ") && refusal.contains("/tools/none"), "{refusal}");
}

pub(crate) fn volume_without_a_path_begins_empty_and_goes_away<R: Runtime>(stage: &mut Stage<R>) {
    let script = "ls -A /scratch; echo x > /scratch/file && cat /scratch/file";
    for _ in 0..2 {
        assert_eq!(run(stage, volume(None, "/scratch", false), script), (SUCCESS, "x\n".into()));
    }
    assert_eq!(fs::read_dir(stage.path("containers")).unwrap().count(), 0);
}

pub(crate) fn volume_takes_the_owner_of_what_it_hides<R: Runtime>(stage: &mut Stage<R>) {
    let mut launch = attempt(stage, volume(None, "/tmp", false), "echo x > /tmp/file && stat -c %a /tmp");
    launch.container.user = Some("worker".into());
    let attempt = stage.launch_attempt(launch);
    assert_eq!((stage.exit(attempt), stage.output(attempt)), (SUCCESS, "1777\n".into()));
}

/// As Docker fills an empty volume (`VOL-1`), for the first container that mounts it.
pub(crate) fn volume_begins_with_what_the_image_has_there<R: Runtime>(stage: &mut Stage<R>) {
    let script = "cat /etc/group | head -n 1; ls /etc; echo x >> /etc/group; stat -c %U /etc/group";
    let expected = "root:x:0:\ngroup\npasswd\nroot\n";
    for _ in 0..2 {
        let (status, output) = run(stage, volume(None, "/etc", false), script);
        assert_eq!((status, output.as_str()), (SUCCESS, expected));
    }
    let host = stage.path("empty");
    let settings = volume(Some(&host), "/bin/scratch", false);
    assert_eq!(run(stage, settings, "ls -A /bin/scratch").1, "", "a path of the host is what it is");
}

/// `CPU-4`: the group is used again by others.
pub(crate) fn swappiness_is_set_and_forgotten<R: Runtime>(stage: &mut Stage<R>) {
    let own = fs::read_to_string("/sys/fs/cgroup/memory/memory.swappiness").unwrap_or_default();
    let script = "cat /sys/fs/cgroup/memory/memory.swappiness 2>/dev/null";
    let asked = json!({ "linuxParameters": { "maxSwap": 64, "swappiness": 7 } });
    let (asked, next) = (run(stage, asked, script).1, run(stage, json!({}), script).1);
    // Version 2 has no such file, and nothing to set.
    let expected = if own.is_empty() { ["", ""] } else { ["7\n", own.as_str()] };
    assert_eq!([asked.as_str(), next.as_str()], expected);
}

pub(crate) fn mount_of_an_unknown_volume_is_refused<R: Runtime>(stage: &mut Stage<R>) {
    let settings = json!({ "mountPoints": [{ "sourceVolume": "none", "containerPath": "/x" }] });
    let expected = r#"CannotCreateContainerError: mount its volumes: no volume is named "none""#;
    assert_eq!(refusal(stage, settings), expected);
    let relative = volume(None, "x", false);
    assert!(refusal(stage, relative).ends_with(r#"invalid mount path: "x": mount path must be absolute"#));
}

pub(crate) fn network_file_system_is_refused<R: Runtime>(stage: &mut Stage<R>) {
    let settings = json!({
        "volumes": [{ "name": "v", "efsVolumeConfiguration": { "fileSystemId": "fs-1" } }],
        "mountPoints": [{ "sourceVolume": "v", "containerPath": "/x" }],
    });
    assert!(refusal(stage, settings).contains("this host has no network file systems"));
}

pub(crate) fn memory_file_systems_have_their_sizes<R: Runtime>(stage: &mut Stage<R>) {
    let tmpfs = json!({ "containerPath": "/scratch", "size": 3, "mountOptions": ["exec", "mode=1777"] });
    let settings = json!({ "linuxParameters": { "sharedMemorySize": 5, "tmpfs": [tmpfs] } });
    let script = "grep -E ' (/scratch|/dev/shm) ' /proc/mounts; cp /bin/busybox /scratch/true && /scratch/true";
    let (status, output) = run(stage, settings, script);
    let has = |text: &str| assert!(output.contains(text), "{text} is not in {output}");
    assert_eq!(status, SUCCESS, "{output}");
    has("size=3072k");
    has("size=5120k");
}

pub(crate) fn read_only_root_cannot_be_written<R: Runtime>(stage: &mut Stage<R>) {
    let settings = json!({
        "readonlyRootFilesystem": true,
        "linuxParameters": { "tmpfs": [{ "containerPath": "/scratch", "size": 1 }] },
    });
    let (status, output) = run(stage, settings, "touch /new || touch /scratch/new && echo scratch");
    let has = |text| output.contains(text);
    assert!(status == SUCCESS && has("Read-only") && has("scratch\n"), "{output}");
}

pub(crate) fn ulimits_are_set<R: Runtime>(stage: &mut Stage<R>) {
    let settings = json!({ "ulimits": [
        { "name": "nofile", "softLimit": 100, "hardLimit": 200 },
        { "name": "core", "softLimit": 0, "hardLimit": 0 },
    ] });
    assert_eq!(run(stage, settings, "ulimit -n; ulimit -Hn; ulimit -c"), (SUCCESS, "100\n200\n0\n".into()));
}

pub(crate) fn ulimit_beyond_the_hosts_is_lowered<R: Runtime>(stage: &mut Stage<R>) {
    // The kernel's own most for open files, which nobody can exceed.
    let most: u64 = fs::read_to_string("/proc/sys/fs/nr_open").unwrap().trim().parse().unwrap();
    let settings = json!({ "ulimits": [{ "name": "nofile", "softLimit": 50, "hardLimit": most }] });
    let (status, output) = run(stage, settings, "ulimit -n; ulimit -Hn");
    let hard: u64 = output.lines().nth(1).unwrap().parse().unwrap();
    assert!(status == SUCCESS && output.starts_with("50\n") && hard <= most, "{output}");
}

pub(crate) fn device_is_given_under_its_name<R: Runtime>(stage: &mut Stage<R>) {
    let device = json!({ "hostPath": "/dev/null", "containerPath": "/dev/nothing", "permissions": ["READ", "WRITE"] });
    let settings = json!({ "linuxParameters": { "devices": [device] } });
    assert_eq!(run(stage, settings, "test -c /dev/nothing && echo x > /dev/nothing && echo given").1, "given\n");
}

pub(crate) fn missing_device_is_refused<R: Runtime>(stage: &mut Stage<R>) {
    let settings = json!({ "linuxParameters": { "devices": [{ "hostPath": "/dev/no-such" }] } });
    let expected = "CannotCreateContainerError: give it its devices: error gathering device information while adding \
                    custom device \"/dev/no-such\": ";
    let reason = refusal(stage, settings);
    assert!(reason.starts_with(expected), "{reason}");
}

pub(crate) fn init_is_the_first_process_and_buries_orphans<R: Runtime>(stage: &mut Stage<R>) {
    let settings = json!({ "linuxParameters": { "initProcessEnabled": true } });
    let script =
        "cat /proc/1/comm; (sleep 0.01 &); sleep 0.2; grep -c '(sleep) Z' /proc/[0-9]*/stat | grep -c ':1$'; exit 7";
    let (status, output) = run(stage, settings, script);
    assert_eq!((status, output.as_str()), (ExitStatus::Code(7), "docker-init\n0\n"));
}

pub(crate) fn privileged_container_may_mount_and_sees_devices<R: Runtime>(stage: &mut Stage<R>) {
    let script =
        "mount -t tmpfs none /tmp && grep CapEff /proc/self/status && grep Seccomp: /proc/self/status && ls /dev";
    let (status, output) = run(stage, json!({ "privileged": true }), script);
    let own = fs::read_to_string("/proc/self/status").unwrap();
    let own = own.lines().find(|line| line.starts_with("CapEff:")).unwrap();
    assert!(status == SUCCESS && output.contains(own) && output.contains("Seccomp:\t0"), "{status:?}: {output}");
    let devices = fs::read_dir("/dev").unwrap().flatten().map(|entry| entry.file_name());
    let kernel_log = devices.into_iter().any(|name| name == "kmsg");
    assert!(!kernel_log || output.contains("kmsg"), "{output}");
}

pub(crate) fn processors_are_shared_by_vcpus<R: Runtime>(stage: &mut Stage<R>) {
    let script = "cat /sys/fs/cgroup/cpu/cpu.shares 2>/dev/null || cat /sys/fs/cgroup/cpu.weight";
    for (vcpu_milli, expected) in [(2_000, ["2048\n", "79\n"]), (500, ["512\n", "20\n"])] {
        let mut launch = attempt(stage, json!({}), script);
        launch.container.demand.vcpu_milli = vcpu_milli;
        let attempt = stage.launch_attempt(launch);
        assert_eq!(stage.exit(attempt), SUCCESS);
        let output = stage.output(attempt);
        assert!(expected.contains(&output.as_str()), "{output}");
    }
}

pub(crate) fn namespaces_of_the_host_are_shared_when_asked<R: Runtime>(stage: &mut Stage<R>) {
    let own = |kind: &str| fs::read_link(format!("/proc/self/ns/{kind}")).unwrap().display().to_string();
    let script = "readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc";
    let host = json!({ "pidMode": "host", "ipcMode": "host" });
    assert_eq!(run(stage, host, script).1, format!("{}\n{}\n", own("pid"), own("ipc")));
    let (_, output) = run(stage, json!({ "pidMode": "task", "ipcMode": "none" }), script);
    assert!(!output.contains(&own("pid")) && !output.contains(&own("ipc")), "{output}");
}
