//! How long a job takes from its acceptance to the start of its container, on an idle server: with an image that is here, and with
//! one that a registry of this machine has.

use super::image::{self, Image};
use super::load;
use super::longshore::{Jobs, time};
use crate::bench::load::Connection;
use crate::bench::server::Server;
use crate::stage::command;
use anyhow::{Context, Result};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

/// Milliseconds of each start, in order.
#[derive(Debug)]
pub(super) struct Latency {
    pub(super) warm_ms: Vec<f64>,
    pub(super) cold_ms: Vec<f64>,
}

pub(super) fn measure(folder: &Path, image: &Image, starts: usize) -> Result<Latency> {
    let directory = folder.join("starts");
    fs::create_dir_all(&directory).with_context(|| format!("failed to make {}", directory.display()))?;
    load(&directory, image)?;
    let registry = Registry::start(&directory, starts)?;
    let server = Server::start(&directory, 1)?;
    let mut connection = Connection::open(server.authority())?;
    let mut jobs = Jobs(&mut connection);
    jobs.run(image::NAME, None)?;
    let mut started = |image: &str| -> Result<f64> {
        let job = jobs.run(image, None)?;
        Ok(time(&job, "startedAt")? - time(&job, "createdAt")?)
    };
    let warm = (0..starts).map(|_| started(image::NAME)).collect::<Result<Vec<_>>>()?;
    let cold = registry.images.iter().map(|image| started(image)).collect::<Result<Vec<_>>>()?;
    Ok(Latency { warm_ms: sorted(warm), cold_ms: sorted(cold) })
}

fn sorted(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times
}

/// Debian's registry with an image for each cold start; it ends with its standard input.
struct Registry {
    process: Child,
    images: Vec<String>,
}

impl Registry {
    fn start(directory: &Path, images: usize) -> Result<Self> {
        let folder = directory.join("registry");
        fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
        let mut script = command("python3", &["bench/containers/registry.py"]);
        script.arg(&folder).arg(images.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = script.spawn().context("failed to start the registry")?;
        let mut line = String::new();
        let stdout = process.stdout.take().context("the registry has no output")?;
        BufReader::new(stdout).read_line(&mut line).context("failed to hear from the registry")?;
        let images = serde_json::from_str(&line).context("the registry did not start")?;
        Ok(Self { process, images })
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It ends by itself; there is nobody left to tell if it does not.
        let _ = self.process.wait();
    }
}
