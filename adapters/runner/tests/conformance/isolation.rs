//! What keeps a container apart: what a program finds in one that our own launcher made is what it finds in one of `crun`'s and
//! of `runc`'s with the same settings. Each test holds for every runtime by itself, and the runtimes are compared.

use crate::container::{ByOwn, ByRunc, Containers};
use crate::stage::{Runtime, Stage};
use longshore_agent::ExitStatus;
use longshore_types::Document;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Settings of containers that are compared.
fn settings() -> Vec<Value> {
    vec![
        json!({}),
        json!({ "readonlyRootFilesystem": true, "linuxParameters": { "tmpfs": [{ "containerPath": "/t", "size": 1 }] } }),
        json!({ "privileged": true }),
        json!({ "ipcMode": "host", "linuxParameters": { "sharedMemorySize": 8, "initProcessEnabled": true } }),
        json!({ "volumes": [{ "name": "v" }], "mountPoints": [{ "sourceVolume": "v", "containerPath": "/v/w" }],
                "ulimits": [{ "name": "nofile", "softLimit": 100, "hardLimit": 200 }] }),
    ]
}

const USERS: [&str; 2] = ["0", "worker"];

fn output<R: Runtime>(settings: &Value, user: &str, script: &str) -> String {
    let mut stage = Stage::<R>::new();
    let mut launch = stage.attempt(&["sh", "-c", script]);
    let Value::Object(members) = settings.clone() else { panic!("settings are an object") };
    launch.container.settings = Document(members);
    launch.container.user = Some(user.into());
    let attempt = stage.launch_attempt(launch);
    let status = stage.exit(attempt);
    let output = stage.output(attempt);
    assert_eq!(status, ExitStatus::Code(0), "{output}");
    output
}

/// What a script prints is the same in containers of all runtimes; `normal` drops what may differ.
fn compare(script: &str, normal: impl Fn(&str) -> Vec<String>) {
    for settings in settings() {
        for user in USERS {
            let own = normal(&output::<ByOwn>(&settings, user, script));
            let crun = normal(&output::<Containers>(&settings, user, script));
            let runc = normal(&output::<ByRunc>(&settings, user, script));
            assert!(
                own == crun || own == runc,
                "{settings} as {user}\nown: {own:#?}\ncrun: {crun:#?}\nrunc: {runc:#?}"
            );
            assert!(!own.is_empty());
        }
    }
}

fn lines(output: &str) -> Vec<String> {
    output.lines().map(str::to_owned).collect()
}

#[test]
fn credentials_and_filters_are_the_same() {
    let fields = "Umask|Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Seccomp_filters|SigBlk|SigIgn|NSpid|NSsid|NSpgid";
    compare(&format!("exec grep -E '^({fields}):' /proc/self/status"), lines);
}

#[test]
fn limits_are_the_same() {
    compare("exec cat /proc/self/limits", lines);
}

#[test]
fn devices_are_the_same() {
    // The console is made by some runtimes for a terminal that there is not.
    let differs = |line: &String| !line.ends_with(" /dev/console") && !line.contains("/dev/core");
    let script = "for file in $(find /dev | sort); do stat -c '%A %u %g %t:%T %n' $file; done";
    compare(script, |output| {
        // A runtime may give the container's own null device to its user, as its standard input.
        lines(output).into_iter().filter(differs).filter(|line| !line.ends_with("/dev/null")).collect()
    });
}

/// The same is mounted, and not less is forbidden there than in either of the others: those forget some of it when they make a
/// root read-only, or a path in it.
#[test]
fn mounts_are_the_same_and_forbid_as_much() {
    let script = "exec cat /proc/self/mountinfo";
    for settings in settings() {
        let own = mounts(&output::<ByOwn>(&settings, "0", script));
        for other in [output::<Containers>(&settings, "0", script), output::<ByRunc>(&settings, "0", script)] {
            let other = mounts(&other);
            assert_eq!(own.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{settings}");
            for (mount, forbidden) in &own {
                assert!(other[mount].is_subset(forbidden), "{settings}: {mount}: {forbidden:?}, {:?}", other[mount]);
            }
        }
    }
}

/// The end of a container does not wait until the kernel has written out what it, and the rest of the host, wrote.
#[test]
fn own_layer_is_never_written_out() {
    let script = "grep '^[^ ]* / overlay ' /proc/self/mounts";
    compare(script, |output| {
        output.split([',', '=', ' ']).filter(|word| *word == "volatile").map(str::to_owned).collect()
    });
}

/// What is forbidden in each mount, by its place and kind: `id parent device root place attributes … - kind source options`.
fn mounts(output: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mount = |line: &str| {
        let (before, after) = line.split_once(" - ").unwrap();
        let fields: Vec<&str> = before.split(' ').collect();
        // A file is hidden by the null device, of the container or of the host.
        let kind = if fields[3] == "/null" { "null" } else { after.split(' ').next().unwrap() };
        let forbids = |attribute: &&str| ["ro", "nosuid", "nodev", "noexec"].contains(attribute);
        // There is nothing to be executed in what hides a path, and writing to the null device is no harm.
        let forbidden = fields[5].split(',').filter(forbids).filter(|_| kind != "null");
        (format!("{} {kind}", fields[4]), forbidden.map(str::to_owned).collect())
    };
    output.lines().map(mount).collect()
}

#[test]
fn hidden_and_frozen_paths_are_the_same() {
    let script = "for path in $(find /proc -maxdepth 1 -not -path '/proc/[0-9]*' | sort) /proc/sys/kernel/hostname /sys/firmware; do \
                  test -w $path && w=w || w=-; test -d $path && s=$(ls $path 2>&1 | wc -l) || s=$(head -c 1 $path 2>&1 | wc -c); \
                  case $path in /proc|/proc/self|/proc/thread-self) ;; *) echo $path $w $s;; esac; done";
    compare(script, lines);
}

#[test]
fn namespaces_are_parted_the_same() {
    let own = |kind: &str| std::fs::read_link(format!("/proc/self/ns/{kind}")).unwrap().display().to_string();
    let kinds = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];
    let script: String = kinds.map(|kind| format!("readlink /proc/self/ns/{kind};")).concat();
    compare(&script, |output| {
        let inside = output.lines().zip(kinds);
        inside.map(|(namespace, kind)| format!("{kind} shared: {}", namespace == own(kind))).collect()
    });
}

#[test]
fn descriptors_and_surroundings_are_the_same() {
    compare("ls /proc/self/fd | wc -l; tty; pwd; ps; cat /proc/self/cgroup | wc -l; env | sort; hostname", lines);
}

/// What a profile forbids is answered with the same error by each runtime.
#[test]
fn forbidden_system_calls_are_refused() {
    let probes = [
        ("mount", "mount -t tmpfs none /tmp"),
        ("umount", "umount /proc"),
        ("unshare", "unshare -m true"),
        ("users", "unshare -U true"),
        ("namespaces", "nsenter -t 1 -m true"),
        ("pivot", "pivot_root / /tmp"),
        ("mknod", "mknod /disk b 254 0"),
        ("chroot of another", "chroot /proc/1/root true && echo allowed"),
        ("hostname", "hostname other"),
        ("clock", "date -s 2000-01-01"),
        ("swap", "swapon /etc/passwd"),
        ("kernel log", "dmesg -c > /dev/null"),
        ("sysrq", "echo h > /proc/sysrq-trigger"),
        ("kernel settings", "echo 1 > /proc/sys/kernel/sysrq"),
        ("reboot", "reboot -f -n"),
    ];
    let script: String = probes
        .iter()
        .map(|(name, probe)| format!("({probe}) > /tmp/out 2>&1; echo {name}: $? $(cat /tmp/out);"))
        .collect();
    for user in USERS {
        let by_probe = |output: &str| -> BTreeMap<String, String> {
            let pairs = output.lines().filter_map(|line| line.split_once(": "));
            pairs.map(|(name, result)| (name.to_owned(), result.to_owned())).collect()
        };
        let own = by_probe(&output::<ByOwn>(&json!({}), user, &script));
        assert_eq!(own, by_probe(&output::<Containers>(&json!({}), user, &script)), "crun, as {user}");
        assert_eq!(own.len(), probes.len());
        for name in ["mount", "unshare", "users", "mknod", "hostname", "sysrq", "kernel settings"] {
            assert!(!own[name].starts_with("0"), "{name}: {}", own[name]);
        }
    }
}
