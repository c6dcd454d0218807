//! A container that has namespaces for others to be in, and does nothing: a network of its own, or what the containers of a task
//! share (`MC-6`). Its image is that of the first of them, which is there in any case; its program is ours.

use super::pause;
use crate::container::failure::Failure;
use crate::network::{self, Network, Networks};
use longshore_docker::{Engine, Idle, Namespace, Wanted};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// What makes it all.
pub(super) const MAKE_NETWORK: &str = "make its network";
const MAKE_SHARED: &str = "make what its task shares";

/// How long its first process may take until it runs the program, and how often it is looked at.
const BEGUN: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(2);

/// What it is made of. It goes in this order.
#[derive(Debug)]
pub(super) struct Keeper {
    network: Option<Kept>,
    idle: Idle,
}

/// Its network, and the files that say what names mean there.
#[derive(Debug)]
struct Kept {
    network: Network,
    directory: PathBuf,
    files: Vec<(String, String)>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _removed_by_the_next_start = fs::remove_dir_all(&self.directory);
    }
}

/// What it is made with.
pub(super) struct Means<'a> {
    pub(super) engine: &'a Arc<Engine>,
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
    /// The id of an image that is there.
    pub(super) image: &'a str,
    pub(super) data_dir: &'a Path,
    /// The size of `/dev/shm`, if not the engine's own.
    pub(super) shared_memory_bytes: Option<u64>,
}

/// What its network is made with.
pub(super) struct NetworkMeans<'a> {
    pub(super) networks: &'a Networks,
    pub(super) reach: &'a [String],
    /// Of its own, for its files.
    pub(super) directory: PathBuf,
}

impl Keeper {
    pub(super) fn make(means: Means<'_>, network: Option<NetworkMeans<'_>>) -> Result<Self, Failure> {
        let what = if network.is_some() { MAKE_NETWORK } else { MAKE_SHARED };
        if !pause::is_known() {
            let error = "an engine's containers share nothing on this kind of processor".to_owned();
            return Err(Failure::Create { what, error });
        }
        let name = means.name.clone();
        let idle = means.engine.idle(wanted(&means)).map_err(Failure::create(what))?;
        let network = network.map(|network| Kept::make(network, (idle.first(), &name))).transpose()?;
        Ok(Self { network, idle })
    }

    /// What the engine calls it.
    pub(super) fn id(&self) -> &str {
        self.idle.id()
    }

    /// Puts a container into its network.
    pub(super) fn connect(&self, wanted: &mut Wanted) {
        let Some(Kept { network, files, .. }) = &self.network else { return };
        wanted.network = Namespace::Of(self.id().to_owned());
        wanted.shown.extend(files.iter().cloned());
        let variables = std::mem::take(&mut wanted.environment);
        let variables =
            network.environment(variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect());
        let parted =
            |variable: String| variable.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        wanted.environment = variables.into_iter().filter_map(parted).collect();
    }
}

fn wanted(means: &Means<'_>) -> Wanted {
    Wanted {
        name: means.name.clone(),
        labels: means.labels.clone(),
        image: means.image.to_owned(),
        entrypoint: vec![pause::SEEN_AT.to_owned()],
        // It is known by its name.
        command: vec![means.name.clone()],
        // Whatever its image says, no device is for it.
        environment: vec![("NVIDIA_VISIBLE_DEVICES".to_owned(), "void".to_owned())],
        user: Some("0:0".to_owned()),
        shown: vec![(pause::path(means.data_dir).display().to_string(), pause::SEEN_AT.to_owned())],
        shared_memory_bytes: means.shared_memory_bytes,
        read_only_root: true,
        ..Wanted::default()
    }
}

impl Kept {
    fn make(means: NetworkMeans<'_>, (first, name): (Option<i64>, &str)) -> Result<Self, Failure> {
        let NetworkMeans { networks, reach, directory } = means;
        let pid = first.filter(|pid| is_here(*pid, name)).ok_or_else(|| Failure::Create {
            what: MAKE_NETWORK,
            error: "the engine's containers are not among the processes that this agent sees".to_owned(),
        })?;
        let namespace = network::of_process(pid).map_err(Failure::create(MAKE_NETWORK))?;
        let network = networks.inside(namespace, reach).map_err(Failure::create(MAKE_NETWORK))?;
        fs::create_dir_all(&directory).map_err(Failure::create(MAKE_NETWORK))?;
        let mut kept = Self { network, directory, files: Vec::new() };
        let files = kept.network.files(&kept.directory).map_err(Failure::create(MAKE_NETWORK))?;
        kept.files = files.map(|(path, target)| (path.display().to_string(), target.to_owned())).into();
        Ok(kept)
    }
}

/// Whether the engine means the same by the number of a process as this process does: its last argument is the name of its
/// container as soon as it runs its program.
fn is_here(pid: i64, name: &str) -> bool {
    let begin = Instant::now();
    while let Ok(arguments) = fs::read(format!("/proc/{pid}/cmdline")) {
        if arguments.strip_suffix(b"\0").is_some_and(|words| words.ends_with(name.as_bytes())) {
            return true;
        }
        if begin.elapsed() > BEGUN {
            break;
        }
        thread::sleep(LOOK);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_of_another_name_is_not_taken_for_the_containers() {
        let own = i64::from(std::process::id());
        let arguments = fs::read("/proc/self/cmdline").unwrap();
        let last = arguments.split(|byte| *byte == 0).rfind(|word| !word.is_empty()).unwrap();
        assert!(is_here(own, std::str::from_utf8(last).unwrap()));
        assert!(!is_here(i64::from(i32::MAX), "longshore"), "there is no such process");
    }
}
