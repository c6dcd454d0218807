//! Containers run by an engine, Docker or Podman, in place of an OCI runtime: the same contract, kept by others. Images, roots,
//! control groups and first processes are the engine's; output files, settings and the order of events are ours.
//!
//! Every container and volume has labels with the agent and the attempt; the agent's is in a file of the data directory,
//! beside the engine's address, so that whoever starts there next finds and removes what a dead agent left, even if it
//! runs containers in another way by now.

mod gpus;
mod images;
mod joins;
mod keeper;
mod life;
mod pause;
mod seek;
mod wanted;

pub(super) use life::OfEngine;

use super::Site;
use super::runtime::Missing;
use crate::network::together::Together;
use crate::{Config, ContainerEngine};
use images::Images;
use keeper::Keeper;
use longshore_docker::{Address, Engine};
use longshore_types::AttemptId;
use seek::Search;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Labels of containers and volumes.
const OF_AGENT: &str = "longshore.agent";
const OF_ATTEMPT: &str = "longshore.attempt";
const DATA_DIR: &str = "longshore.data-dir";

/// The engine of a runner.
pub(super) struct ByEngine {
    sought: Sought,
    /// The agent's label.
    agent: String,
    data_dir: PathBuf,
    search: Search,
    images: Images,
    /// Whose namespaces others are in.
    keepers: Together<Keeper>,
}

/// Which engine is to run containers.
#[derive(Clone, Debug)]
enum Sought {
    /// The operator's. Containers wait until it answers.
    At(Address),
    /// Any that answers where engines usually are; until then there is nobody, for this reason.
    Any { otherwise: Missing },
}

impl ByEngine {
    /// The engine that the operator has named, or one that is found where there is no other way.
    ///
    /// It is looked for until it answers, by a thread; how long this waits for it is bounded.
    pub(super) fn choose(config: &Config, data_dir: &Path, built_in: Result<(), Missing>) -> Option<Arc<Self>> {
        let sought = match (&config.container_engine, built_in) {
            (ContainerEngine::At(address), _) => Sought::At(address.clone()),
            (ContainerEngine::IfNeeded, Err(otherwise)) => Sought::Any { otherwise },
            (ContainerEngine::Never, _) | (ContainerEngine::IfNeeded, Ok(())) => return None,
        };
        let agent = Record::read(data_dir).map_or_else(new_name, |record| record.agent);
        let images = Images::new(config.images.keychain.clone(), config.images.fresh);
        let (data_dir, search, keepers) = (data_dir.to_owned(), Search::default(), Together::default());
        let by_engine = Arc::new(Self { sought, agent, data_dir, search, images, keepers });
        seek::begin(&by_engine);
        Some(by_engine)
    }

    /// The engine, if it has answered.
    fn engine(&self) -> Result<Arc<Engine>, Missing> {
        self.search.found().map_err(|reason| match &self.sought {
            Sought::At(address) => {
                let reason = reason.unwrap_or_else(|| format!("no container engine has answered yet at {address}"));
                Missing::Engine(reason)
            }
            Sought::Any { otherwise } => otherwise.clone(),
        })
    }

    /// Asks for it once. When it answers, nothing of former agents is left there.
    fn connect(&self) -> Result<Engine, String> {
        let text = |error: longshore_docker::Error| error.to_string();
        let engine = match &self.sought {
            Sought::At(address) => Engine::connect(address).map_err(text)?,
            Sought::Any { otherwise } => Engine::find(&Address::candidates())
                .ok_or_else(|| format!("no container engine answers; {otherwise}"))?,
        };
        let address = engine.address().clone();
        tracing::info!(engine = engine.description().name, %address, "containers are run by it");
        let record = Record { address, agent: self.agent.clone() };
        record.write(&self.data_dir).map_err(|error| format!("note the engine's address: {error}"))?;
        pause::install(&self.data_dir).map_err(|error| format!("write the program of idle containers: {error}"))?;
        remove_leftovers(&engine, &self.agent).map_err(text)?;
        Ok(engine)
    }

    /// Whether containers will be run: at once, or when the engine that the operator has named answers.
    pub(super) fn check(&self) -> Result<(), Missing> {
        match self.sought {
            Sought::At(_) => Ok(()),
            Sought::Any { .. } => self.engine().map(drop),
        }
    }

    /// Whether it has not answered yet.
    pub(super) fn is_awaited(&self) -> bool {
        self.search.found().is_err()
    }

    /// Calls when it answers, at once if it has.
    pub(super) fn when_it_answers(&self, call: Box<dyn FnOnce() + Send>) {
        self.search.when_found(call);
    }

    /// How it limits containers, in the words of a host's description.
    pub(super) fn enforcement(&self) -> String {
        let engine = match self.engine() {
            Ok(engine) => engine,
            Err(reason) => return format!("containers: wait for their engine: {reason}"),
        };
        let description = engine.description();
        let memory = if description.limits_memory { "is limited" } else { "is not limited" };
        let processors =
            if description.shares_processors { "are shared out as they ask" } else { "are not shared out" };
        let (name, address) = (&description.name, engine.address());
        format!("containers: by {name} at {address}: their memory {memory}, processors {processors}")
    }

    /// What it cannot hold containers to.
    pub(super) fn unenforced(&self) -> Vec<String> {
        let limits_memory = self.engine().is_ok_and(|engine| engine.description().limits_memory);
        if limits_memory { Vec::new() } else { vec!["the memory of containers".to_owned()] }
    }

    /// A name that nobody else's container or volume has, whoever else uses the engine.
    fn name(&self, what: &str) -> String {
        let agent = self.agent.split('-').next().unwrap_or_default();
        format!("longshore-{agent}-{what}")
    }

    /// What is found again later.
    fn labels(&self, attempt: AttemptId) -> Vec<(String, String)> {
        let label = |name: &str, value: String| (name.to_owned(), value);
        vec![
            label(OF_AGENT, self.agent.clone()),
            label(OF_ATTEMPT, attempt.to_string()),
            label(DATA_DIR, self.data_dir.display().to_string()),
        ]
    }
}

/// Removes the volumes and namespaces that the containers of an attempt have shared. The caller does not wait for the engine.
pub(super) fn release(site: &Arc<Site>, attempt: AttemptId) {
    let site = Arc::clone(site);
    let release = move || {
        let Some(by_engine) = &site.engine else { return };
        by_engine.keepers.release(attempt);
        let removed = by_engine
            .engine()
            .map_err(|missing| missing.to_string())
            .and_then(|engine| engine.remove_labelled(&by_engine.labels(attempt)).map_err(|error| error.to_string()));
        if let Err(error) = removed {
            tracing::warn!(%attempt, %error, "an attempt's volumes stay with the engine until the next start");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("release".into()).spawn(release) {
        tracing::warn!(%attempt, %error, "an attempt's volumes stay with the engine until the next start");
    }
}

/// Ends what a former runner on a data directory left with the engine that it used. If it is to be used again, that is done
/// when it answers.
pub(super) fn end_leftovers(data_dir: &Path, engine: &ContainerEngine) {
    let Some(Record { address, agent }) = Record::read(data_dir) else { return };
    if matches!(engine, ContainerEngine::At(used) if *used == address) {
        return;
    }
    let ended = Engine::connect(&address).and_then(|engine| remove_leftovers(&engine, &agent));
    if let Err(error) = ended {
        tracing::warn!(%error, "if a former agent has left containers with the engine, they stay until it answers");
    }
}

fn remove_leftovers(engine: &Engine, agent: &str) -> Result<(), longshore_docker::Error> {
    let containers = engine.remove_labelled(&[(OF_AGENT.to_owned(), agent.to_owned())])?;
    if containers > 0 {
        tracing::warn!(containers, "a former agent had died; containers that it had left with the engine were removed");
    }
    Ok(())
}

/// What the next agent has to know: `agent/engine`, the engine's address and the agent's label, a line each.
struct Record {
    address: Address,
    agent: String,
}

impl Record {
    fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("agent/engine")
    }

    fn read(data_dir: &Path) -> Option<Self> {
        let text = fs::read_to_string(Self::path(data_dir)).ok()?;
        let (address, agent) = text.split_once('\n')?;
        Some(Self { address: address.parse().ok()?, agent: agent.trim().to_owned() })
    }

    fn write(&self, data_dir: &Path) -> io::Result<()> {
        fs::write(Self::path(data_dir), format!("{}\n{}\n", self.address, self.agent))
    }
}

/// A name that no other agent has, whatever shares an engine.
fn new_name() -> String {
    fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("agent")).unwrap();
        assert!(Record::read(directory.path()).is_none());
        let address: Address = "unix:///run/x.sock".parse().unwrap();
        Record { address: address.clone(), agent: new_name() }.write(directory.path()).unwrap();
        let read = Record::read(directory.path()).unwrap();
        assert_eq!((read.address, read.agent.len()), (address, 36));
    }
}
