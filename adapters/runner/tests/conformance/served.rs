//! `podman system service` on a socket and a store of its own, for as long as a test needs it. Tests at the same time share
//! one; with the last of them it ends, and nothing of it stays. In its place one that runs already can be tested, Docker: the
//! address of its socket is in `LONGSHORE_TEST_DOCKER`, and `docker` is on PATH.

use crate::container::recipe;
use longshore_docker::Address;
use longshore_images::testing::{Recipe, save};
use rustix::process::{Resource, getrlimit};
use std::fs;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tempfile::TempDir;

use crate::stage::wait_until;

/// The image of the suite, of this machine alone.
pub(crate) const IMAGE: &str = "localhost/longshore/busybox:1";

/// Podman's default limits for containers are above what some machines allow anybody.
fn configuration() -> String {
    let most = |resource| getrlimit(resource).maximum.unwrap_or(LIMIT_MAX).min(LIMIT_MAX);
    let (files, processes) = (most(Resource::Nofile), most(Resource::Nproc));
    format!(
        "[containers]\ndefault_ulimits = [\"nofile={files}:{files}\", \"nproc={processes}:{processes}\"]\n\
         [engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\nruntime = \"runc\"\n"
    )
}

/// Enough for any test.
const LIMIT_MAX: u64 = 4_096;

/// The address of an engine that runs already.
const DOCKER: &str = "LONGSHORE_TEST_DOCKER";

static SHARED: Mutex<Weak<Served>> = Mutex::new(Weak::new());

pub(crate) struct Served {
    address: Address,
    /// If it is Podman's.
    own: Option<Own>,
}

struct Own {
    directory: TempDir,
    service: Child,
}

impl Served {
    /// The one that runs, or a new one.
    pub(crate) fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(served) = shared.upgrade() {
            return served;
        }
        let served = Arc::new(Self::start());
        served.load(&recipe(), IMAGE);
        *shared = Arc::downgrade(&served);
        served
    }

    fn start() -> Self {
        if let Ok(address) = std::env::var(DOCKER) {
            return Self { address: address.parse().unwrap(), own: None };
        }
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("containers.conf"), configuration()).unwrap();
        let log = fs::File::create(directory.path().join("service.log")).unwrap();
        let mut service = command(directory.path());
        service.stderr(log);
        service.args(["system", "service", "--time=0"]).arg(format!("unix://{}", socket(directory.path()).display()));
        let service = service.spawn().expect("podman is installed: `cargo xtask test` does that");
        let socket = socket(directory.path());
        wait_until("podman's socket", || UnixStream::connect(&socket).is_ok());
        Self { address: socket.display().to_string().parse().unwrap(), own: Some(Own { directory, service }) }
    }

    pub(crate) fn address(&self) -> Address {
        self.address.clone()
    }

    fn command(&self) -> Command {
        match &self.own {
            Some(own) => command(own.directory.path()),
            None => {
                let mut command = Command::new("docker");
                command.args(["--host", &self.address.to_string()]).stdin(Stdio::null()).stdout(Stdio::null());
                command
            }
        }
    }

    pub(crate) fn load(&self, recipe: &Recipe, name: &str) {
        let archive = tempfile::NamedTempFile::new().unwrap();
        save(recipe, &[name], archive.path());
        let loaded = self.run(&["load", "--quiet", "--input", archive.path().to_str().unwrap()]);
        assert!(loaded.contains(name), "{loaded}");
    }

    /// What one of its commands prints. How it ended is not known: runners in this process bury what they do not know.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let mut child = self.command().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = String::new();
        child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        let _buried_by_a_runner = child.wait();
        printed
    }

    /// The containers and volumes with a label.
    pub(crate) fn labelled(&self, label: &str) -> Vec<String> {
        let filter = format!("--filter=label={label}");
        let containers = self.run(&["ps", "--all", "--quiet", &filter]);
        let volumes = self.run(&["volume", "ls", "--quiet", &filter]);
        containers.lines().chain(volumes.lines()).map(str::to_owned).collect()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let place = self.directory.path().display().to_string();
        self.service.kill().unwrap();
        let _buried_by_a_runner = self.service.wait();
        // What is left of a container that has ended ends by itself.
        wait_until("the end of podman's helpers", || !any_process_of(&place));
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let own = mounts.lines().filter_map(|line| line.split(' ').nth(1)).filter(|path| path.starts_with(&place));
        for path in own.collect::<Vec<_>>().into_iter().rev() {
            rustix::mount::unmount(path, rustix::mount::UnmountFlags::DETACH).unwrap();
        }
    }
}

fn socket(directory: &Path) -> PathBuf {
    directory.join("podman.sock")
}

/// Podman with a store of its own; in its directory, because its helpers write to where they are started.
fn command(directory: &Path) -> Command {
    let mut command = Command::new("podman");
    command.arg("--root").arg(directory.join("root")).arg("--runroot").arg(directory.join("run"));
    command.arg("--tmpdir").arg(directory.join("tmp")).arg("--storage-driver=overlay");
    command.env("CONTAINERS_CONF", directory.join("containers.conf")).current_dir(directory);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn any_process_of(place: &str) -> bool {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.into_iter().any(|one| {
        let words = fs::read(one.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&words).contains(place)
    })
}
