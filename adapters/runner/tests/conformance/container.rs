//! The container runtime in the suite.

use crate::inside::Contained;
use crate::stage::{Runtime, SECRETS, Script, Stage};
use longshore_agent::{Launch, RunnerEvent, Signal};
use longshore_images::Store;
use longshore_images::testing::{Layer, Recipe, busybox, save};
use longshore_protocol::Runtime as Kind;
use longshore_runner::{Config, Runner, Secrets, output_path};
use longshore_types::AttemptId;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

const IMAGE: &str = "longshore.test/busybox:1";

pub(crate) struct Containers(Runner);

impl Containers {
    /// With settings that differ from the usual ones.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Stage<Self> {
        Stage::with(|data_dir, events| Self(start(data_dir, events, change)))
    }

    pub(crate) fn enforcement(&self) -> String {
        self.0.enforcement()
    }
}

/// As [`Containers`], with the other program.
pub(crate) struct ByRunc(Runner);

/// As [`Containers`], with no program at all.
pub(crate) struct ByOwn(Runner);

/// The image of the suite.
pub(crate) fn recipe() -> Recipe {
    let scripts = Script::ALL.iter().fold(Layer::new().directory("scripts", 0o755), |layer, script| {
        let (text, mode) = script.content();
        layer.file(&format!("scripts/{}", script.name()), mode, text.as_bytes())
    });
    let mut recipe = busybox();
    recipe.layers.push(scripts.finish());
    recipe
}

fn start(data_dir: &Path, events: Sender<RunnerEvent>, change: impl FnOnce(&mut Config)) -> Runner {
    load(data_dir, &recipe(), IMAGE);
    let secrets = Secrets { file: Some(data_dir.join(SECRETS)) };
    let mut config = Config { inherited: Vec::new(), secrets, ..Config::new(data_dir.to_owned()) };
    change(&mut config);
    Runner::start(config, move |event| drop(events.send(event))).unwrap()
}

macro_rules! container_runtime {
    ($type:ty, $change:expr) => {
        impl Runtime for $type {
            const KIND: Kind = Kind::Oci;
            const IMAGE: &'static str = IMAGE;
            const OWN_VARIABLES: &'static [&'static str] = &["HOME="];

            fn start(data_dir: &Path, events: Sender<RunnerEvent>) -> Self {
                Self(start(data_dir, events, $change))
            }

            fn launch(&self, launch: Box<Launch>) {
                self.0.launch(launch);
            }

            fn withdraw(&self, output: AttemptId) {
                self.0.withdraw(output);
            }

            fn signal(&self, output: AttemptId, signal: Signal) {
                self.0.signal(output, signal);
            }

            fn release(&self, attempt: AttemptId) {
                self.0.release(attempt);
            }

            fn output_path(data_dir: &Path, output: AttemptId) -> PathBuf {
                output_path(data_dir, output)
            }

            fn script(_data_dir: &Path, script: Script) -> String {
                format!("/scripts/{}", script.name())
            }
        }

        impl Contained for $type {
            fn load(data_dir: &Path, recipe: &Recipe, name: &str) {
                load(data_dir, recipe, name);
            }

            fn traces(data_dir: &Path) -> Vec<String> {
                traces(data_dir)
            }
        }
    };
}

container_runtime!(Containers, |config: &mut Config| config.oci_runtimes = vec!["crun".into()]);
container_runtime!(ByOwn, |config: &mut Config| config.oci_runtimes = vec!["own".into()]);
container_runtime!(ByRunc, |config: &mut Config| config.oci_runtimes = vec!["runc".into()]);

fn load(data_dir: &Path, recipe: &Recipe, name: &str) {
    let archive = data_dir.join("image.tar");
    save(recipe, &[name], &archive);
    let store = Store::open(&data_dir.join("images"), longshore_images::Config::default()).unwrap();
    store.load(&archive, None).unwrap();
}

/// What `/proc/self/mountinfo` of any process, `containers/` and the control groups show of a stage.
fn traces(stage_path: &Path) -> Vec<String> {
    let directories = fs::read_dir(stage_path.join("containers")).into_iter().flatten().flatten();
    let directories = directories.map(|entry| entry.path().display().to_string());
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path().join("mountinfo"));
    let place = stage_path.display().to_string();
    let mounts = processes.filter_map(|path| fs::read_to_string(path).ok().filter(|text| text.contains(&place)));
    directories.chain(mounts).collect()
}
