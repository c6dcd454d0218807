//! Containers run by an engine, Docker or Podman, in place of an OCI runtime: the same contract, kept by others. Images, roots,
//! control groups and first processes are the engine's; output files, settings and the order of events are ours.
//!
//! Every container and volume has labels with the agent and the attempt; the agent's is in a file of the data directory,
//! beside the engine's address, so that whoever starts there next finds and removes what a dead agent left, even if it
//! runs containers in another way by now.

mod gpus;
mod images;
mod life;
mod wanted;

pub(super) use life::Life;

use super::Site;
use super::runtime::Missing;
use crate::{Config, ContainerEngine};
use images::Images;
use longshore_docker::{Address, Engine};
use longshore_types::AttemptId;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Labels of containers and volumes.
const OF_AGENT: &str = "longshore.agent";
const OF_ATTEMPT: &str = "longshore.attempt";
const DATA_DIR: &str = "longshore.data-dir";

/// The engine of a runner.
pub(super) struct ByEngine {
    address: Address,
    /// The agent's label.
    agent: String,
    data_dir: PathBuf,
    /// None until it has answered once.
    engine: Mutex<Option<Arc<Engine>>>,
    images: Images,
}

impl ByEngine {
    /// The engine that the operator has named, or one that is found where there is no other way.
    pub(super) fn choose(config: &Config, data_dir: &Path, built_in: &Result<(), Missing>) -> Option<Self> {
        let address = match &config.container_engine {
            ContainerEngine::At(address) => address.clone(),
            ContainerEngine::IfNeeded if built_in.is_err() => {
                let found = find(config)?;
                tracing::info!(engine = %found.address(), "an engine runs containers: nothing else can here");
                found.address().clone()
            }
            ContainerEngine::Never | ContainerEngine::IfNeeded => return None,
        };
        let agent = Record::read(data_dir).map_or_else(new_name, |record| record.agent);
        let images = Images::new(config.images.keychain.clone(), config.images.fresh);
        Some(Self { address, agent, data_dir: data_dir.to_owned(), engine: Mutex::default(), images })
    }

    /// The engine, once it answers; then nothing of former agents is left there.
    fn engine(&self) -> Result<Arc<Engine>, Missing> {
        let mut connected = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = &*connected {
            return Ok(Arc::clone(engine));
        }
        let missing = |error: longshore_docker::Error| Missing::Engine(error.to_string());
        let engine = Engine::connect(&self.address).map_err(missing)?;
        let record = Record { address: self.address.clone(), agent: self.agent.clone() };
        record.write(&self.data_dir).map_err(|error| Missing::Engine(format!("note the engine's address: {error}")))?;
        remove_leftovers(&engine, &self.agent).map_err(missing)?;
        tracing::info!(engine = engine.description().name, address = %self.address, "containers are run by it");
        Ok(Arc::clone(connected.insert(Arc::new(engine))))
    }

    /// Whether it answers.
    pub(super) fn check(&self) -> Result<(), Missing> {
        self.engine()?.check().map_err(|error| Missing::Engine(error.to_string()))
    }

    /// How it limits containers, in the words of a host's description.
    pub(super) fn enforcement(&self) -> String {
        let Ok(engine) = self.engine() else {
            return format!("containers: by {}, which does not answer", self.address);
        };
        let description = engine.description();
        let memory = if description.limits_memory { "is limited" } else { "is not limited" };
        let processors =
            if description.shares_processors { "are shared out as they ask" } else { "are not shared out" };
        let (name, address) = (&description.name, &self.address);
        format!("containers: by {name} at {address}: their memory {memory}, processors {processors}")
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

/// An engine that may be used although nobody named it.
pub(super) fn find(config: &Config) -> Option<Engine> {
    let may_be_used = config.container_engine == ContainerEngine::IfNeeded;
    may_be_used.then(|| Engine::find(&Address::candidates())).flatten()
}

/// Removes the volumes that the containers of an attempt have shared. The caller does not wait for the engine.
pub(super) fn release(site: &Arc<Site>, attempt: AttemptId) {
    let site = Arc::clone(site);
    let release = move || {
        let Some(by_engine) = &site.engine else { return };
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

/// Ends what a former runner on a data directory left with the engine that it used.
pub(super) fn end_leftovers(data_dir: &Path) {
    let Some(Record { address, agent }) = Record::read(data_dir) else { return };
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
