//! A Longshore server for a benchmark, as users get it, on a data directory of its own: everything durable, output files
//! on, only as many slots as the benchmark says.

use crate::stage::{command, root};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// The pause between two looks for its readiness.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Ends with its standard input, and its agent and jobs with it.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    endpoint: String,
}

impl Server {
    /// Starts a server with one vCPU for each slot.
    pub(super) fn start(directory: &Path, slots: usize) -> Result<Self> {
        Self::start_with(directory, slots, &[])
    }

    /// The same, with further flags.
    pub(super) fn start_with(directory: &Path, slots: usize, further: &[&str]) -> Result<Self> {
        let ready = directory.join("ready.json");
        // One that was killed leaves it behind.
        if ready.exists() {
            std::fs::remove_file(&ready).context("failed to remove a former server's ready file")?;
        }
        let log = std::fs::File::create(directory.join("server.log")).context("failed to make the server's log")?;
        let (vcpus, memory) = (slots.to_string(), (slots * 1_024).to_string());
        let flags =
            ["serve", "--private", "--port", "0", "--vcpus", &vcpus, "--memory", &memory, "--log-level", "warn"];
        let mut serve = command(program(), &flags);
        serve.args(further);
        serve.arg("--data-dir").arg(directory.join("data")).arg("--ready-file").arg(&ready);
        let process = serve.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn();
        let process = process.context("failed to start the server")?;
        let mut server = Self { process, endpoint: String::new() };
        server.endpoint = server.wait_for(&ready)?;
        Ok(server)
    }

    fn wait_for(&mut self, ready: &Path) -> Result<String> {
        let begin = Instant::now();
        loop {
            if let Ok(text) = std::fs::read(ready) {
                let said: Value = serde_json::from_slice(&text).context("failed to read the server's address")?;
                return Ok(said["endpoint"].as_str().unwrap_or_default().to_owned());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended before it was ready ({status}); its log is beside {}", ready.display());
            }
            if begin.elapsed() > READY_WITHIN {
                bail!("the server was not ready within {} s", READY_WITHIN.as_secs());
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// A verb that goes on; each line that it prints is handed over at once.
    pub(super) fn follow(&self, arguments: &[&str], mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
        let mut verb = Command::new(program());
        let verb = verb.args(arguments).env("LONGSHORE_ENDPOINT", &self.endpoint).stdout(Stdio::piped());
        let mut process = verb.spawn().context("failed to start longshore")?;
        let lines = BufReader::new(process.stdout.take().context("longshore has no output")?).lines();
        for line in lines {
            each(&line.context("failed to read what longshore prints")?)?;
        }
        let status = process.wait().context("failed to wait for longshore")?;
        if !status.success() {
            bail!("longshore {} failed ({status})", arguments.join(" "));
        }
        Ok(())
    }

    /// Runs an array job to its end and returns it, as `longshore wait` describes it.
    pub(super) fn run_array(&self, children: u32, program: &[&str]) -> Result<Value> {
        let size = children.to_string();
        let submit: Vec<&str> = ["submit", "--array", &size, "--"].into_iter().chain(program.iter().copied()).collect();
        self.run_to_success(&submit)
    }

    /// Submits a job with these words, runs it to its end and returns it, as `longshore wait` describes it.
    pub(super) fn run_to_success(&self, submit: &[&str]) -> Result<Value> {
        let id = self.ask(submit)?;
        let ended = self.ask(&["wait", "--json", String::from_utf8_lossy(&id).trim()])?;
        let ended: Value = serde_json::from_slice(&ended).context("failed to read the answer of longshore wait")?;
        let job = ended["jobs"][0].clone();
        if job["status"] != "SUCCEEDED" {
            bail!("the job ended {}", job["status"]);
        }
        Ok(job)
    }

    /// Bytes of memory that are resident now.
    pub(super) fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.context("failed to read the server's memory")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|line| line.trim_end_matches("kB").trim().parse::<f64>().ok());
        Ok(kib.context("the server's status has no VmRSS")? * 1_024.0)
    }

    /// Ends it as a power cut would, but for what the kernel has been given.
    pub(super) fn kill(mut self) -> Result<()> {
        self.process.kill().context("failed to kill the server")
    }

    /// `host:port`.
    pub(super) fn authority(&self) -> &str {
        self.endpoint.trim_start_matches("http://").trim_end_matches('/')
    }

    /// A verb of the command line, which talks to this server; returns what it prints.
    pub(super) fn ask(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let mut verb = Command::new(program());
        let output = verb.args(arguments).env("LONGSHORE_ENDPOINT", &self.endpoint).stderr(Stdio::null()).output();
        let output = output.context("failed to start longshore")?;
        if !output.status.success() {
            bail!("longshore {} failed ({})", arguments.join(" "), output.status);
        }
        Ok(output.stdout)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It ends by itself; there is nobody left to tell if it does not.
        let _ = self.process.wait();
    }
}

fn program() -> std::path::PathBuf {
    root().join("target/release/longshore")
}

/// Builds the program that [`Server::start`] starts.
pub(super) fn build() -> Result<()> {
    crate::stage::run(&mut command("cargo", &["build", "--quiet", "--release", "-p", "longshore"]))
}
