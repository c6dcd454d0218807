//! How many containers a second this crate runs, by each runtime that it has, beside plain `crun run` and `runc run` of the same
//! root with as many at once, in one run; and the processor time of each, which tells more on a busy machine.
//! `cargo run --release -p longshore-runner --example container_rate [containers]`; needs root.

use longshore_agent::{Launch, RunnerEvent};
use longshore_images::testing::{busybox, save};
use longshore_images::{Config as Images, Store};
use longshore_protocol::{Runtime, StartContainer};
use longshore_runner::{Config, Runner};
use longshore_types::{AttemptId, JobId, JobRef, Resources};
use serde_json::{Value, json};
use std::fs;
use std::io::{Error, Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Instant;

const DEFAULT_CONTAINERS: u128 = 300;
/// Containers at once.
const IN_FLIGHT: u128 = 4;
const IMAGE: &str = "busybox:1";
const ROUNDS: u128 = 3;

fn main() -> Result<()> {
    let containers = std::env::args().nth(1).map_or(Ok(DEFAULT_CONTAINERS), |text| text.parse());
    let containers = containers.map_err(Error::other)?;
    let directory = tempfile::tempdir()?;
    let root = load(directory.path())?;
    for round in 0..ROUNDS {
        for program in ["crun", "runc"] {
            measure(&format!("{program} run"), containers, || plain(program, &root, directory.path(), containers))?;
        }
        for (place, name) in (0_u128..).zip(["own", "crun", "runc"]) {
            let first = (round * ROUNDS + place + 1) << 32;
            measure(&format!("runner by {name}"), containers, || ours(name, directory.path(), (first, containers)))?;
        }
    }
    Ok(())
}

/// Runs the containers and says how fast that was, and what it cost this process and its children.
fn measure(name: &str, containers: u128, run: impl FnOnce() -> Result<()>) -> Result<()> {
    let (begin, before) = (Instant::now(), processor_seconds());
    run()?;
    let each = |seconds: f64| seconds * 1e3 / containers as f64;
    let (rate, cost) = (containers as f64 / begin.elapsed().as_secs_f64(), each(processor_seconds() - before));
    writeln!(std::io::stdout(), "{name:<15} {rate:>6.0}/s {cost:>6.2} ms of processor time each")
}

/// Of this process and of all children that it has waited for: fields 14 to 17 of its `stat`, in hundredths.
fn processor_seconds() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(11).take(4).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// Loads the image and answers the directory with its system.
fn load(data_dir: &Path) -> Result<PathBuf> {
    let archive = data_dir.join("image.tar");
    save(&busybox(), &[IMAGE], &archive);
    let store = Store::open(&data_dir.join("images"), Images::default()).map_err(Error::other)?;
    store.load(&archive, None).map_err(Error::other)?;
    let image = store.cached(&IMAGE.parse().map_err(Error::other)?).ok_or_else(|| Error::other("no image"))?;
    Ok(image.layers[0].clone())
}

/// The runtime by itself, with the specification that it writes by itself.
fn plain(program: &str, root: &Path, directory: &Path, containers: u128) -> Result<()> {
    let bundle = directory.join(format!("bundle-{program}"));
    fs::create_dir_all(&bundle)?;
    if !bundle.join("config.json").exists() {
        Command::new(program).arg("spec").current_dir(&bundle).status()?;
        let mut document: Value = serde_json::from_slice(&fs::read(bundle.join("config.json"))?)?;
        document["process"]["terminal"] = json!(false);
        document["process"]["args"] = json!(["true"]);
        document["root"] = json!({ "path": root, "readonly": true });
        fs::write(bundle.join("config.json"), document.to_string())?;
    }
    let one = |number: u128| -> Result<()> {
        let mut command = Command::new(program);
        command.args(["run", "--bundle"]).arg(&bundle).arg(format!("longshore-rate-{program}-{number}"));
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(Error::other(format!("{program} run failed"))) }
    };
    std::thread::scope(|scope| {
        let worker = |first| move || (first..containers).step_by(IN_FLIGHT as usize).try_for_each(one);
        let threads: Vec<_> = (0..IN_FLIGHT).map(|first| scope.spawn(worker(first))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no thread panics"))
    })
}

fn ours(program: &str, data_dir: &Path, (first, containers): (u128, u128)) -> Result<()> {
    let (sender, events) = channel();
    let config = Config { oci_runtimes: vec![program.to_owned()], ..Config::new(data_dir.to_owned()) };
    let runner = Runner::start(config, move |event| drop(sender.send(event))).map_err(Error::other)?;
    let number = |count: u128| first + count;
    (0..IN_FLIGHT.min(containers)).for_each(|count| runner.launch(start(number(count))));
    let (mut launched, mut ended) = (IN_FLIGHT.min(containers), 0);
    while ended < containers {
        match events.recv().map_err(Error::other)? {
            RunnerEvent::Launched { .. } => {}
            RunnerEvent::LaunchFailed { reason, .. } | RunnerEvent::Undelivered { reason, .. } => {
                return Err(Error::other(reason));
            }
            RunnerEvent::Exited { .. } => {
                ended += 1;
                if launched < containers {
                    runner.launch(start(number(launched)));
                    launched += 1;
                }
            }
        }
    }
    Ok(())
}

fn start(number: u128) -> Box<Launch> {
    // The first digits name the directory of the output.
    let attempt = AttemptId::from_random(number.rotate_right(32));
    let container = StartContainer {
        command: vec!["true".into()],
        demand: Resources { vcpu_milli: 1_000, memory_mib: 64, gpus: 0 },
        ..StartContainer::only(attempt, Runtime::Oci, IMAGE)
    };
    Box::new(Launch { attempt, job: JobRef::Job(JobId::from_random(number)), address: None, container })
}
