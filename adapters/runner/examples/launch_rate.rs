//! How many attempts a second this crate launches, beside `std::process` with the same output files, in one run.
//! `cargo run --release -p longshore-runner --example launch_rate [attempts]`

use longshore_agent::{Launch, RunnerEvent};
use longshore_protocol::{Runtime, StartContainer};
use longshore_runner::{Config, Runner};
use longshore_types::{AttemptId, JobId, JobRef, Resources};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Instant;

const DEFAULT_ATTEMPTS: u128 = 3_000;
const THREADS: u128 = 2;
/// Attempts that run at once, as an agent on a small host would have.
const IN_FLIGHT: u128 = 32;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let attempts = std::env::args().nth(1).map_or(Ok(DEFAULT_ATTEMPTS), |text| text.parse())?;
    // Kept to the end: deleting many files makes the next ones slow to create.
    let mut directories = Vec::new();
    for _round in 0..3 {
        let mut directory = || -> std::io::Result<PathBuf> {
            directories.push(tempfile::tempdir()?);
            Ok(directories.last().map(|directory| directory.path().to_owned()).unwrap_or_default())
        };
        let (first, second, third) = (directory()?, directory()?, directory()?);
        let standard = rate(attempts, || std_process(&first, attempts))?;
        let free = rate(attempts, || runner(Config::new(second), attempts))?;
        let limited = rate(attempts, || runner(Config { limit_memory: true, ..Config::new(third) }, attempts))?;
        writeln!(std::io::stdout(), "std::process {standard}, runner {free}, limiting memory {limited}")?;
    }
    Ok(())
}

/// Attempts a second, and processor time for each, which other work on the machine hardly changes.
struct Rate {
    per_second: f64,
    cpu_us: f64,
}

impl std::fmt::Display for Rate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:.0}/s ({:.0} µs)", self.per_second, self.cpu_us)
    }
}

fn rate(attempts: u128, run: impl FnOnce() -> std::io::Result<()>) -> std::io::Result<Rate> {
    let (begin, cpu_before) = (Instant::now(), cpu_us()?);
    run()?;
    let per_second = attempts as f64 / begin.elapsed().as_secs_f64();
    Ok(Rate { per_second, cpu_us: (cpu_us()? - cpu_before) / attempts as f64 })
}

/// Processor time of this process and its buried children.
fn cpu_us() -> std::io::Result<f64> {
    const TICK_US: f64 = 10_000.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(4);
    Ok(fields.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() * TICK_US)
}

/// Blocking threads, the fastest way that std offers.
fn std_process(directory: &Path, attempts: u128) -> std::io::Result<()> {
    let one = |number: u128| -> std::io::Result<()> {
        let output = File::create(directory.join(number.to_string()))?;
        let mut command = Command::new("/bin/true");
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).status().map(|_| ())
    };
    std::thread::scope(|scope| {
        let worker = |first| move || (first..attempts).step_by(THREADS as usize * 2).try_for_each(one);
        let threads: Vec<_> = (0..THREADS * 2).map(|first| scope.spawn(worker(first))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no thread panics"))
    })
}

fn runner(config: Config, attempts: u128) -> std::io::Result<()> {
    let (sender, events) = channel();
    let runner = Runner::start(config, move |event| drop(sender.send(event)));
    let runner = runner.map_err(std::io::Error::other)?;
    let mut next = IN_FLIGHT.min(attempts);
    (0..next).for_each(|number| runner.launch(start(number)));
    let mut ended = 0;
    while ended < attempts {
        match events.recv().map_err(std::io::Error::other)? {
            RunnerEvent::Launched { .. } => continue,
            RunnerEvent::LaunchFailed { reason, .. } | RunnerEvent::Undelivered { reason, .. } => {
                return Err(std::io::Error::other(reason));
            }
            RunnerEvent::Exited { .. } => ended += 1,
        }
        if next < attempts {
            runner.launch(start(next));
            next += 1;
        }
    }
    Ok(())
}

fn start(number: u128) -> Box<Launch> {
    let attempt = AttemptId::from_random(number << 120 | number);
    let container = StartContainer {
        command: vec!["/bin/true".into()],
        environment: vec![("AWS_BATCH_JOB_ID".into(), "x".into())],
        demand: Resources { vcpu_milli: 1_000, memory_mib: 64, gpus: 0 },
        ..StartContainer::only(attempt, Runtime::Process, "host")
    };
    Box::new(Launch { attempt, job: JobRef::Job(JobId::from_random(number)), address: None, container })
}
