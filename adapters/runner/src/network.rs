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
pub(crate) mod together;

use endpoints::{Endpoint, Endpoints};
use longshore_protocol::StartContainer;
use longshore_types::{AttemptId, JobRef};
use relay::{Relay, Relayed};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use together::Together;

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
    #[error(
        "the agent may not enter the networks of containers that an engine runs, so it has to be started as root: {source}"
    )]
    Enter { source: io::Error },
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

/// The namespace of a process.
pub(crate) fn of_process(pid: i64) -> Result<OwnedFd, Error> {
    let opened = fs::File::open(format!("/proc/{pid}/ns/net"));
    opened.map(OwnedFd::from).map_err(|source| Error::Enter { source })
}

/// The networks of a runner's containers.
#[derive(Debug, Default)]
pub(crate) struct Networks {
    relay: OnceLock<Relay>,
    together: Together<Network>,
}

impl Networks {
    /// The network of a container: made for it, or there already for others that it is together with.
    pub(crate) fn of(
        &self,
        (attempt, job): (AttemptId, JobRef),
        container: &StartContainer,
    ) -> Result<Arc<Network>, Error> {
        let key = together::of_job((attempt, job), container);
        self.together.of(key, (attempt, container), || self.make(namespace::new, &container.reach))
    }

    /// The containers of an attempt have all ended.
    pub(crate) fn release(&self, attempt: AttemptId) {
        self.together.release(attempt);
    }

    /// Makes a namespace that somebody else has made, and nobody uses yet, such a network.
    pub(crate) fn inside(&self, namespace: OwnedFd, reach: &[String]) -> Result<Network, Error> {
        self.make(|| namespace::enter(namespace), reach)
    }

    /// `go` moves a thread into the namespace.
    fn make(&self, go: impl FnOnce() -> Result<OwnedFd, Error> + Send, reach: &[String]) -> Result<Network, Error> {
        let endpoints = Endpoints::of(reach)?;
        let (namespace, listeners) = namespace::listen_inside(go, &endpoints)?;
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

    /// The files that say what names mean in it, written to a directory, and what they are to hide.
    pub(crate) fn files(&self, directory: &Path) -> Result<[(PathBuf, &'static str); 2], Error> {
        let write = |name: &str, content: &str| {
            let path = directory.join(name);
            fs::write(&path, content).map(|()| path).map_err(|source| Error::Files { source })
        };
        let resolver = "# This network has no name server.\n";
        Ok([
            (write("hosts", &self.endpoints.hosts_file())?, "/etc/hosts"),
            (write("resolv.conf", resolver)?, "/etc/resolv.conf"),
        ])
    }

    /// Variables as they are in it: the task's endpoints where ECS has them (`CRD-1`, `ENV-2`).
    pub(crate) fn environment(&self, variables: Vec<String>) -> Vec<String> {
        variables.into_iter().map(|variable| self.endpoints.in_namespace(variable)).collect()
    }
}
