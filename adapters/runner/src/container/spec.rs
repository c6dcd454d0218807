//! What an OCI runtime is told of a container: the image's settings with the job's over them (`ENV-3`, `ENV-4`), and how far it is
//! kept apart. Pure.
//!
//! What containers may do is what Docker's may by default, less what no job has needed yet: no new privileges (programs
//! with setuid bits run as whoever calls them) and no CAP_MKNOD, since there need not be a device control group here. The
//! network is the host's, unless the operator gives containers one of their own. A privileged container may do what the
//! agent may.

use super::user::User;
use super::{capabilities, identity, init};
use longshore_images::{ImageConfig, is_in_user_namespace};
use longshore_protocol::StartContainer;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The kernel's limits for one argument or variable (MAX_ARG_STRLEN), and, with the usual limit on stacks, for all of them,
/// each of which takes a pointer and a terminator besides; a page is left to spare.
const TEXT_MAX: usize = 128 << 10;
const ALL_MAX: usize = (2 << 20) - (4 << 10);
const TEXT_COST: usize = 9;

/// Docker's.
const MASKED: [&str; 11] = [
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
];
const READ_ONLY: [&str; 5] = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// Terminals are of the group `tty`, where there is one.
const TERMINALS: u32 = 5;
const PTS: [&str; 6] = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"];

/// Docker's size of `/dev/shm`.
pub(super) const SHARED_MEMORY_KIB: u64 = 64 << 10;
const CONTROL_GROUPS: &str = "/sys/fs/cgroup";

/// Files of the host that a container on its network needs.
const FROM_HOST: [&str; 3] = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];

/// Docker's default profile for these capabilities: system calls that are missing here do not exist for a container, those that
/// it denies are not permitted.
const SECCOMP: &str = include_str!("seccomp.json");

/// A container's control group, as it sees it and as its OCI runtime is told.
#[derive(Clone, Debug)]
pub(super) struct Group<'a> {
    /// Where it is on the host, and where programs look for it.
    pub(super) directory: &'a Path,
    pub(super) seen_at: &'static str,
    /// Where in the processors' hierarchy it is, if that is another one.
    pub(super) processors: Option<&'a Path>,
    /// For an OCI runtime that insists on putting the container there itself: where, and its shares of the processors.
    pub(super) told: Option<(String, u64)>,
}

/// What not every container has: asked for by the job, or decided by the operator.
#[derive(Clone, Debug, Default)]
pub(super) struct Extras {
    /// After the usual ones.
    pub(super) mounts: Vec<Value>,
    pub(super) devices: Vec<Value>,
    /// By when they are run.
    pub(super) hooks: Map<String, Value>,
    pub(super) ulimits: Vec<Value>,
    /// MiB of `/dev/shm`.
    pub(super) shared_memory: Option<u64>,
    pub(super) read_only_root: bool,
    /// With all that the agent itself may do.
    pub(super) privileged: bool,
    pub(super) pids_of_host: bool,
    pub(super) ipc_of_host: bool,
    /// The program that is to be its first process.
    pub(super) init: Option<PathBuf>,
    /// The namespace of queues and semaphores that it shares with others; its own or the host's if there is none.
    pub(super) ipc: Option<PathBuf>,
    /// The namespace of processes that it shares with others; its own or the host's if there is none.
    pub(super) pids: Option<PathBuf>,
    /// The network namespace to be in; the host's if there is none.
    pub(super) network: Option<PathBuf>,
}

impl Extras {
    /// Where the container sees something else than its image.
    pub(super) fn mounted_at(&self) -> Vec<&Path> {
        self.mounts.iter().filter_map(|mount| mount["destination"].as_str().map(Path::new)).collect()
    }
}

/// All that makes a container.
#[derive(Clone, Debug)]
pub(super) struct Spec<'a> {
    pub(super) root: &'a Path,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<String>,
    pub(super) directory: String,
    pub(super) user: User,
    pub(super) group: Option<Group<'a>>,
    pub(super) extras: Extras,
}

/// The image's entry point, then the job's command or else the image's own. An entry point of the job's own takes the
/// place of both (`ENV-4`).
pub(super) fn arguments(image: (&[String], &[String]), container: &StartContainer) -> Vec<String> {
    let (entrypoint, own) = match container.entrypoint.as_slice() {
        [] => image,
        given => (given, &[][..]),
    };
    let command = if container.command.is_empty() { own } else { &container.command };
    entrypoint.iter().chain(command).cloned().collect()
}

/// Whether the kernel would refuse so long arguments and variables.
pub(super) fn are_too_long(arguments: &[String], variables: &[String]) -> bool {
    let texts = || arguments.iter().chain(variables);
    texts().any(|text| text.len() >= TEXT_MAX) || texts().map(|text| text.len() + TEXT_COST).sum::<usize>() > ALL_MAX
}

/// The image's variables, the job's over them (`ENV-3`), and what every container has.
pub(super) fn environment(image: &ImageConfig, container: &StartContainer, home: Option<&str>) -> Vec<String> {
    let home = home.filter(|home| !home.is_empty()).unwrap_or("/");
    let always = [("PATH", DEFAULT_PATH), ("HOME", home)];
    let of_image = image.env.iter().filter_map(|entry| entry.split_once('='));
    let of_job = container.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let variables: BTreeMap<&str, &str> = always.into_iter().chain(of_image).chain(of_job).collect();
    variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

impl Spec<'_> {
    /// The value of PATH.
    pub(super) fn path_variable(&self) -> &str {
        self.environment.iter().find_map(|entry| entry.strip_prefix("PATH=")).unwrap_or(DEFAULT_PATH)
    }

    /// The document.
    pub(super) fn document(&self) -> Value {
        let mut document = json!({
            "ociVersion": "1.0.2",
            "root": { "path": self.root, "readonly": self.extras.read_only_root },
            "process": self.process(),
            "mounts": self.mounts(),
            "linux": self.linux(),
        });
        if !self.extras.hooks.is_empty() {
            document["hooks"] = Value::Object(self.extras.hooks.clone());
        }
        document
    }

    fn linux(&self) -> Value {
        let mut linux = json!({ "namespaces": self.namespaces(), "devices": self.extras.devices });
        if !self.extras.privileged {
            linux["seccomp"] = serde_json::from_str(SECCOMP).expect("the profile is JSON");
            linux["maskedPaths"] = json!(MASKED);
            linux["readonlyPaths"] = json!(READ_ONLY);
        }
        if let Some((told, shares)) = self.group.as_ref().and_then(|group| group.told.as_ref()) {
            linux["cgroupsPath"] = json!(told);
            linux["resources"] = json!({ "cpu": { "shares": shares }, "devices": self.allowed_devices() });
        }
        linux
    }

    /// Where the OCI runtime has a device control group, it knows only those that every container has.
    fn allowed_devices(&self) -> Vec<Value> {
        if self.extras.privileged {
            return vec![json!({ "allow": true, "access": "rwm" })];
        }
        let allowed = |device: &Value| {
            let (kind, major, minor) = (&device["type"], &device["major"], &device["minor"]);
            json!({ "allow": true, "type": kind, "major": major, "minor": minor, "access": "rw" })
        };
        self.extras.devices.iter().map(allowed).collect()
    }

    fn namespaces(&self) -> Vec<Value> {
        let wanted = [
            ("mount", true),
            ("uts", true),
            ("pid", !self.extras.pids_of_host && self.extras.pids.is_none()),
            ("ipc", !self.extras.ipc_of_host && self.extras.ipc.is_none()),
            ("cgroup", self.group.is_some() && !self.extras.privileged),
        ];
        let own = wanted.into_iter().filter(|(_, wanted)| *wanted).map(|(kind, _)| json!({ "type": kind }));
        let shared =
            [("network", &self.extras.network), ("ipc", &self.extras.ipc), ("pid", &self.extras.pids)].into_iter();
        let shared = shared.filter_map(|(kind, path)| path.as_ref().map(|path| json!({ "type": kind, "path": path })));
        own.chain(shared).collect()
    }

    fn process(&self) -> Value {
        let may = capabilities::own();
        let bounding: Vec<&str> = if self.extras.privileged {
            may
        } else {
            capabilities::USUAL.into_iter().filter(|one| may.contains(one)).collect()
        };
        // The kernel takes the capabilities of all but root away in any case; those that bound set-uid programs stay.
        let held: &[&str] = if self.user.uid == 0 { &bounding } else { &[] };
        let arguments = match self.extras.init {
            Some(_) => init::over(self.arguments.clone()),
            None => self.arguments.clone(),
        };
        json!({
            "terminal": false,
            "user": { "uid": self.user.uid, "gid": self.user.gid, "additionalGids": self.user.groups },
            "args": arguments,
            "env": self.environment,
            "cwd": self.directory,
            "capabilities": { "bounding": bounding, "permitted": held, "effective": held },
            "rlimits": self.extras.ulimits,
            "noNewPrivileges": !self.extras.privileged,
        })
    }

    fn mounts(&self) -> Vec<Value> {
        let access = if self.extras.privileged { "rw" } else { "ro" };
        let shared_memory = format!("size={}k", self.extras.shared_memory.map_or(SHARED_MEMORY_KIB, |mib| mib << 10));
        let mut mounts = vec![
            file_system("/proc", "proc", &["nosuid", "noexec", "nodev"]),
            file_system("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
            file_system(
                "/dev/pts",
                "devpts",
                if identity::has_group(TERMINALS) { &PTS } else { &PTS[..PTS.len() - 1] },
            ),
            file_system("/dev/mqueue", "mqueue", &["nosuid", "noexec", "nodev"]),
            self.mount_sys(access),
        ];
        mounts.push(match self.extras.ipc_of_host {
            true => {
                json!({ "destination": "/dev/shm", "type": "bind", "source": "/dev/shm", "options": ["rbind", "rw"] })
            }
            false => file_system("/dev/shm", "tmpfs", &["nosuid", "noexec", "nodev", "mode=1777", &shared_memory]),
        });
        self.mount_group(&mut mounts);
        let there = FROM_HOST.iter().map(Path::new).filter(|path| path.exists());
        mounts.extend(there.map(|path| bind(path, &path.to_string_lossy())));
        mounts.extend(self.extras.init.iter().map(|program| bind(program, init::SEEN_AT)));
        mounts.extend(self.extras.mounts.iter().cloned());
        mounts
    }

    /// In a user namespace that has not made its network, what the host shows of it is shown.
    fn mount_sys(&self, access: &str) -> Value {
        match is_in_user_namespace() && self.extras.network.is_none() {
            true => json!({
                "destination": "/sys", "type": "bind", "source": "/sys",
                "options": ["rbind", "nosuid", "noexec", "nodev", "ro"],
            }),
            false => file_system("/sys", "sysfs", &["nosuid", "noexec", "nodev", access]),
        }
    }

    /// Lets programs find their limits.
    fn mount_group(&self, mounts: &mut Vec<Value>) {
        let Some(group) = &self.group else { return };
        if group.seen_at != CONTROL_GROUPS {
            mounts.push(file_system(CONTROL_GROUPS, "tmpfs", &["nosuid", "noexec", "nodev", "mode=755", "size=64k"]));
        }
        mounts.push(bind(group.directory, group.seen_at));
        mounts.extend(group.processors.map(|directory| bind(directory, "/sys/fs/cgroup/cpu")));
    }
}

fn file_system(destination: &str, kind: &str, options: &[&str]) -> Value {
    json!({ "destination": destination, "type": kind, "source": kind, "options": options })
}

/// Shows something of the host, for reading.
fn bind(source: &Path, destination: &str) -> Value {
    json!({ "destination": destination, "type": "bind", "source": source, "options": ["bind", "ro", "nosuid", "nodev"] })
}

#[cfg(test)]
mod tests;
