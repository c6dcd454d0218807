//! Networks of containers' own: a namespace with nothing in it but a loopback interface, on which this process answers for
//! the endpoints that the operator named, and passes what comes there on to where they really are. No interface, route or
//! rule of the host is touched, so this needs no program of the host's and leaves nothing behind: a namespace goes away
//! with its last process and the last socket in it, which are this process's and the containers'.
//!
//! What a job wrote into its own variables never decides what it reaches.

mod endpoints;
mod interface;
mod namespace;
mod relay;

use endpoints::{Endpoint, Endpoints};
use longshore_protocol::StartContainer;
use longshore_types::{AttemptId, JobId, JobRef};
use relay::{Relay, Relayed};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// Where a container's network is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkMode {
    /// The host's, as on AWS Batch.
    #[default]
    Host,
    /// One of its own, shared with the containers of its task and the nodes of its job.
    Isolated,
}

/// Why a container has no network of its own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("this host cannot make network namespaces: {source}")]
    Namespace { source: io::Error },
    #[error("nothing can listen for {url} in it: {source}")]
    Listen { url: String, source: io::Error },
    #[error("{url} is no address of an endpoint")]
    Url { url: String },
    #[error("nothing can pass its connections on: {source}")]
    Relay { source: io::Error },
    #[error("its network files cannot be written: {source}")]
    Files { source: io::Error },
}

/// One namespace. Its connections end with it.
#[derive(Debug)]
pub(crate) struct Network {
    namespace: OwnedFd,
    endpoints: Endpoints,
    _relayed: Relayed,
}

/// The namespaces of a runner that more than one container is in.
#[derive(Debug, Default)]
pub(crate) struct Networks {
    relay: OnceLock<Relay>,
    shared: Mutex<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    by_key: BTreeMap<Key, Weak<Network>>,
    /// Kept between the containers of a task, until its attempt is released.
    kept: BTreeMap<AttemptId, Arc<Network>>,
}

/// Whose a shared network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Task(AttemptId),
    /// Of all nodes of a job: each has an address of its own in it (`MNP-4`).
    Nodes(JobId),
}

impl Networks {
    /// The network of a container: made for it, or there already for others that it is together with.
    pub(crate) fn of(
        &self,
        (attempt, job): (AttemptId, JobRef),
        container: &StartContainer,
    ) -> Result<Arc<Network>, Error> {
        let reach = &container.reach;
        let is_of_task = attempt != container.output;
        let key = match job {
            JobRef::Node(job, _) => Key::Nodes(job),
            _ if is_of_task => Key::Task(attempt),
            _ => return self.make(reach).map(Arc::new),
        };
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.by_key.retain(|_, network| network.strong_count() > 0);
        let network = match shared.by_key.get(&key).and_then(Weak::upgrade) {
            Some(network) => network,
            None => Arc::new(self.make(reach)?),
        };
        shared.by_key.insert(key, Arc::downgrade(&network));
        if is_of_task {
            shared.kept.insert(attempt, Arc::clone(&network));
        }
        Ok(network)
    }

    /// The containers of an attempt have all ended.
    pub(crate) fn release(&self, attempt: AttemptId) {
        let kept = self.shared.lock().unwrap_or_else(PoisonError::into_inner).kept.remove(&attempt);
        drop(kept);
    }

    fn make(&self, reach: &[String]) -> Result<Network, Error> {
        let endpoints = Endpoints::of(reach)?;
        let (namespace, listeners) = namespace::make(&endpoints)?;
        let relay = match self.relay.get() {
            Some(relay) => relay,
            None => {
                let started = Relay::start().map_err(|source| Error::Relay { source })?;
                self.relay.get_or_init(|| started)
            }
        };
        let relayed = relay.pass_on(listeners).map_err(|source| Error::Relay { source })?;
        Ok(Network { namespace, endpoints, _relayed: relayed })
    }
}

impl Network {
    /// The namespace as another process of this user can open it, for as long as the value lives.
    pub(crate) fn path(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", std::process::id(), self.namespace.as_raw_fd()).into()
    }

    /// The files that say what names mean in it, written to a directory, and mounted over those of the host.
    pub(crate) fn files(&self, directory: &Path) -> Result<Vec<Value>, Error> {
        let write = |name: &str, content: &str| {
            let path = directory.join(name);
            fs::write(&path, content).map(|()| path).map_err(|source| Error::Files { source })
        };
        let mount = |path: PathBuf, target: &str| json!({ "destination": target, "type": "bind", "source": path, "options": ["bind", "ro", "nosuid", "nodev"] });
        let resolver = "# This network has no name server.\n";
        Ok(vec![
            mount(write("hosts", &self.endpoints.hosts_file())?, "/etc/hosts"),
            mount(write("resolv.conf", resolver)?, "/etc/resolv.conf"),
        ])
    }

    /// Variables as they are in it: the task's endpoints where ECS has them (`CRD-1`, `ENV-2`).
    pub(crate) fn environment(&self, variables: Vec<String>) -> Vec<String> {
        variables.into_iter().map(|variable| self.endpoints.in_namespace(variable)).collect()
    }
}
