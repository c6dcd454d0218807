//! [`Engine`]: the connection to one engine, and what that is.

use crate::{Address, Error};
use bollard::{API_DEFAULT_VERSION, Docker};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::mpsc::channel;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// How long an answer may take to begin. Making a container from a large image is the slowest.
const ANSWER_SECONDS: u64 = 300;
/// How long an engine may take to say who it is: Podman starts several programs to find out.
const GREETING: Duration = Duration::from_secs(30);
/// How long one that answers waits for another that counts before it.
const PREFERENCE: Duration = Duration::from_secs(2);

/// What an engine says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// `Podman 4.3.1`, `Docker 28.0.1`.
    pub name: String,
    /// Whether it is Podman, which takes no device requests from this API.
    pub is_podman: bool,
    /// Whether it can limit memory.
    pub limits_memory: bool,
    /// Whether it can share out processors.
    pub shares_processors: bool,
}

/// A Docker-compatible engine of this machine.
#[derive(Debug)]
pub struct Engine {
    pub(crate) docker: Docker,
    runtime: Option<Runtime>,
    address: Address,
    description: Description,
}

impl Engine {
    /// Asks who is there. Connections are made for each request, so an engine may restart at any time.
    pub fn connect(address: &Address) -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("engine").enable_all().build();
        let runtime = runtime.map_err(Error::Thread)?;
        let unreachable = |reason: String| Error::Unreachable { address: address.to_string(), reason };
        let path = address.path().to_string_lossy();
        let greeting = async {
            let docker = Docker::connect_with_unix(&path, ANSWER_SECONDS, API_DEFAULT_VERSION)?;
            let docker = docker.with_request_modifier(url_safe_credentials);
            let description = describe(&docker).await?;
            Ok((docker, description))
        };
        let greeted = runtime.block_on(async { tokio::time::timeout(GREETING, greeting).await });
        let greeted = greeted.map_err(|_| unreachable("it does not answer in time".to_owned()))?;
        let (docker, description) = greeted.map_err(|error: Error| unreachable(error.to_string()))?;
        Ok(Self { docker, runtime: Some(runtime), address: address.clone(), description })
    }

    /// The first of several that answers. All are asked at once: one that says nothing holds nobody up for long.
    pub fn find(candidates: &[Address]) -> Option<Self> {
        let (sender, answers) = channel();
        let there = candidates.iter().filter(|address| address.path().exists()).cloned().enumerate();
        let mut silent: BTreeSet<usize> = BTreeSet::new();
        for (place, address) in there {
            let sender = sender.clone();
            let ask = move || drop(sender.send((place, Self::connect(&address).ok())));
            if std::thread::Builder::new().name("engine-asked".into()).spawn(ask).is_ok() {
                silent.insert(place);
            }
        }
        drop(sender);
        let mut best: Option<(usize, Self)> = None;
        loop {
            let is_settled = |(place, _): &(usize, Self)| silent.first().is_none_or(|other| other > place);
            if best.as_ref().map_or(silent.is_empty(), is_settled) {
                return best.map(|(_, engine)| engine);
            }
            let patience = if best.is_some() { PREFERENCE } else { GREETING * 2 };
            let Ok((place, answer)) = answers.recv_timeout(patience) else { return best.map(|(_, engine)| engine) };
            silent.remove(&place);
            let is_better = best.as_ref().is_none_or(|(other, _)| place < *other);
            best = answer.filter(|_| is_better).map(|engine| (place, engine)).or(best);
        }
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// What it is.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Whether it answers now.
    pub fn check(&self) -> Result<(), Error> {
        let ping = self.wait(async { tokio::time::timeout(GREETING, self.docker.ping()).await });
        let unreachable = |reason| Error::Unreachable { address: self.address.to_string(), reason };
        match ping {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(unreachable(Error::from(error).to_string())),
            Err(_) => Err(unreachable("it does not answer in time".to_owned())),
        }
    }

    /// Waits on the caller's thread.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("taken only by drop").block_on(future)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn describe(docker: &Docker) -> Result<Description, Error> {
    let (version, info) = tokio::try_join!(docker.version(), docker.info())?;
    let number = version.version.unwrap_or_default();
    let is_podman = version.components.unwrap_or_default().iter().any(|component| component.name.starts_with("Podman"));
    Ok(Description {
        is_podman,
        name: format!("{} {number}", if is_podman { "Podman" } else { "Docker" }),
        limits_memory: info.memory_limit.unwrap_or(false),
        shares_processors: info.cpu_shares.unwrap_or(false),
    })
}

/// Engines read credentials in the alphabet for URLs; the library writes them in the other one.
fn url_safe_credentials(mut request: bollard::BollardRequest) -> bollard::BollardRequest {
    const HEADER: &str = "x-registry-auth";
    let safe = request.headers().get(HEADER).and_then(|value| value.to_str().ok()).map(url_safe);
    if let Some(value) = safe.and_then(|text| text.parse().ok()) {
        request.headers_mut().insert(HEADER, value);
    }
    request
}

fn url_safe(base64: &str) -> String {
    base64.replace('+', "-").replace('/', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_that_is_not_there_says_where_it_was_looked_for() {
        let address: Address = "unix:///no/such.sock".parse().unwrap();
        let error = Engine::connect(&address).unwrap_err().to_string();
        assert!(error.starts_with("no container engine answers at unix:///no/such.sock: "), "{error}");
        assert!(Engine::find(&[address]).is_none());
    }

    #[test]
    fn socket_where_nobody_is_any_more_is_no_engine() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("engine.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let address: Address = path.to_str().unwrap().parse().unwrap();
        assert!(Engine::find(&[address.clone(), address]).is_none());
    }

    #[test]
    fn credentials_are_in_the_alphabet_for_urls() {
        assert_eq!(url_safe("a+b/c="), "a-b_c=");
    }
}
