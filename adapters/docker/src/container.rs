//! One container: made, started, signalled, followed to its end, removed.

use crate::follow::{self, Output};
use crate::memory::Watch;
use crate::{Engine, Error, Wanted};
use bollard::query_parameters::{AttachContainerOptionsBuilder, CreateContainerOptionsBuilder};
use std::fmt;
use std::io::Write;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A container of an engine. It is removed when the value goes, whatever it is doing.
pub struct Container {
    pub(crate) engine: Arc<Engine>,
    pub(crate) id: String,
    /// None until it is attached to, and when all of it has come.
    pub(crate) output: Option<Output>,
    pub(crate) watch: Option<Watch>,
    pub(crate) asked: UnboundedReceiver<String>,
    signals: Signals,
}

impl fmt::Debug for Container {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Container").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The way to signal a container that is being followed. Signals arrive in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct Signals(UnboundedSender<String>);

impl Signals {
    /// Sends a signal by its name or number, without waiting; nothing happens if the container is over.
    pub fn send(&self, signal: &str) {
        let _it_is_over = self.0.send(signal.to_owned());
    }
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The exit code; 128 and the number of the signal if one killed it.
    pub code: i32,
    /// Whether its memory limit killed something in it.
    pub oom_killed: bool,
    /// Whether SIGKILL was sent to it.
    pub was_killed: bool,
}

impl Engine {
    /// Makes a container; the image has to be there.
    pub fn create(self: &Arc<Self>, wanted: Wanted) -> Result<Container, Error> {
        let id = self.make(wanted)?;
        let (sender, asked) = unbounded_channel();
        let (engine, signals) = (Arc::clone(self), Signals(sender));
        Ok(Container { engine, id, output: None, watch: None, asked, signals })
    }

    /// Makes one that is there until it is removed, and answers its id.
    pub(crate) fn make(&self, wanted: Wanted) -> Result<String, Error> {
        let options = CreateContainerOptionsBuilder::new().name(&wanted.name).build();
        let made = self.wait(self.docker.create_container(Some(options), wanted.body())).map_err(Error::from)?;
        made.warnings.iter().for_each(|warning| tracing::debug!(id = made.id, warning, "a container was made"));
        Ok(made.id)
    }

    /// Makes an empty volume with a label; one that is there already stays as it is.
    pub fn create_volume(&self, name: &str, labels: &[(String, String)]) -> Result<(), Error> {
        let request = bollard::models::VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels.iter().cloned().collect()),
            ..Default::default()
        };
        self.wait(self.docker.create_volume(request)).map(drop).map_err(Error::from)
    }
}

impl Container {
    /// For those who may signal it.
    pub fn signals(&self) -> Signals {
        self.signals.clone()
    }

    /// Starts it. It is attached to before, so that nothing that it writes is missed.
    pub fn start(&mut self) -> Result<(), Error> {
        let engine = Arc::clone(&self.engine);
        engine.wait(async {
            self.attach().await?;
            // Podman makes the first process now and lets it go later: so its count is watched from the beginning.
            self.watch = self.find_watch().await?;
            engine.docker.start_container(&self.id, None).await?;
            if self.watch.is_none() {
                // Docker makes it only then.
                self.watch = self.find_watch().await.unwrap_or_default();
            }
            Ok(())
        })
    }

    async fn find_watch(&self) -> Result<Option<Watch>, Error> {
        let state = follow::state(&self.engine.docker, &self.id).await?;
        Ok(state.pid.filter(|pid| *pid > 0).and_then(Watch::of))
    }

    pub(crate) async fn attach(&mut self) -> Result<(), Error> {
        let options = AttachContainerOptionsBuilder::new().stream(true).stdout(true).stderr(true).build();
        let attached = self.engine.docker.attach_container(&self.id, Some(options)).await?;
        self.output = Some(attached.output);
        Ok(())
    }

    /// Waits for its end, and writes what it writes in the meantime.
    pub fn follow(&mut self, output: &mut impl Write) -> Result<End, Error> {
        let engine = Arc::clone(&self.engine);
        engine.wait(follow::follow(self, output))
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.output = None;
        if let Err(error) = self.engine.remove_container(&self.id) {
            tracing::warn!(id = self.id, %error, "a container stays with the engine until the next start");
        }
    }
}
