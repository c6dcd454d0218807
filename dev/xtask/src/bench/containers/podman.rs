//! Podman beside us, on a store of its own: `podman run` by itself, and ours with Podman as the engine.

use super::{Round, image, longshore};
use crate::stage::command;
use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, getrlimit};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Of this machine alone, so that nobody asks a registry for it.
const NAME: &str = "localhost/bench:1";
/// Podman's default limits for containers are above what some machines allow anybody.
const LIMIT_MAX: u64 = 4_096;
/// How long the service may take to be there, and what it leaves behind to be gone.
const WITHIN: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// `podman run --rm`, with what our containers have: the host's network, a memory limit, no log of its own.
pub(super) fn run(round: &Round<'_>) -> Result<f64> {
    let podman = Podman::new(round)?;
    let one = |_number: u32| {
        let options = ["--rm", "--network=host", "--memory=64m", "--log-driver=none", "--pull=never"];
        podman.ask(&[&["run"], options.as_slice(), &[NAME]].concat())
    };
    one(0)?;
    super::plain::side_by_side(round, one)
}

/// The same containers through our API.
pub(super) fn engine(round: &Round<'_>) -> Result<f64> {
    let mut podman = Podman::new(round)?;
    let socket = podman.directory.join("podman.sock");
    let address = format!("unix://{}", socket.display());
    podman.service = Some(podman.command(&["system", "service", "--time=0", &address]).spawn()?);
    wait_until("podman's socket", || socket.exists())?;
    longshore::run_with(round, &["--container-engine", &address], NAME)
}

#[derive(Debug)]
struct Podman {
    /// Sockets have short paths.
    directory: PathBuf,
    service: Option<Child>,
}

impl Podman {
    fn new(round: &Round<'_>) -> Result<Self> {
        let directory = std::env::temp_dir().join(format!("longshore-bench-podman-{}", std::process::id()));
        fs::create_dir_all(&directory).with_context(|| format!("failed to make {}", directory.display()))?;
        let podman = Self { directory, service: None };
        let most = |resource| getrlimit(resource).maximum.unwrap_or(LIMIT_MAX).min(LIMIT_MAX);
        let (files, processes) = (most(Resource::Nofile), most(Resource::Nproc));
        let configuration = format!(
            "[containers]\ndefault_ulimits = [\"nofile={files}:{files}\", \"nproc={processes}:{processes}\"]\n\
             [engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\nruntime = \"runc\"\n"
        );
        fs::write(podman.directory.join("containers.conf"), configuration)
            .context("failed to write Podman's configuration")?;
        podman.ask(&["load", "--quiet", "--input", &round.image.archive.display().to_string()])?;
        podman.ask(&["tag", image::NAME, NAME])?;
        Ok(podman)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = command("podman", &["--storage-driver=overlay"]);
        for (option, name) in [("--root", "root"), ("--runroot", "run"), ("--tmpdir", "tmp")] {
            command.arg(option).arg(self.directory.join(name));
        }
        // Its helpers write to where they are started.
        command.args(words).current_dir(&self.directory).env("CONTAINERS_CONF", self.directory.join("containers.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn ask(&self, words: &[&str]) -> Result<()> {
        let output = self.command(words).stderr(Stdio::piped()).output().context("failed to start podman")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "podman {} failed: {}", words[0], said.trim());
        Ok(())
    }
}

impl Drop for Podman {
    /// There is nobody left to tell what cannot be removed.
    fn drop(&mut self) {
        if let Some(mut service) = self.service.take() {
            let _gone = service.kill().and_then(|()| service.wait().map(drop));
        }
        let _late = wait_until("podman's helpers", || !any_process_of(&self.directory));
        for mount in mounts_below(&self.directory).iter().rev() {
            let _gone = command("umount", &["--lazy", mount]).status();
        }
        let _removed = fs::remove_dir_all(&self.directory);
    }
}

fn wait_until(what: &str, condition: impl Fn() -> bool) -> Result<()> {
    let begin = Instant::now();
    while !condition() {
        ensure!(begin.elapsed() < WITHIN, "waited in vain for {what}");
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}

fn any_process_of(directory: &Path) -> bool {
    let place = directory.display().to_string();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let words = processes.filter_map(|one| fs::read(one.path().join("cmdline")).ok());
    words.into_iter().any(|words| String::from_utf8_lossy(&words).contains(&place))
}

fn mounts_below(directory: &Path) -> Vec<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    places.filter(|place| Path::new(place).starts_with(directory)).map(str::to_owned).collect()
}
