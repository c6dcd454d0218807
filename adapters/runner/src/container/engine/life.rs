//! One container of an engine, from its image to its last trace.

use super::wanted::{self, Means};
use super::{ByEngine, gpus};
use crate::container::failure::Failure;
use crate::container::life::{Control, Signalled};
use crate::container::settings::Settings;
use crate::container::{Site, connect};
use crate::failure as process_failure;
use crate::output;
use crate::process::now;
use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_docker::{Container, Engine, Image, Signals, Wanted};
use longshore_gpus::Given;
use longshore_images::{Credentials, Reference};
use longshore_types::AttemptId;
use std::fs::{self, File};
use std::sync::Arc;

const KILLED: i32 = 9;
/// How engines report it.
const CODE_OF_KILLED: i32 = 137;
const SUCCESS: i32 = 0;

pub(in crate::container) struct Life {
    site: Arc<Site>,
    control: Arc<Control>,
    launch: Box<Launch>,
    gpus: Given,
}

/// A container that runs.
struct Running {
    container: Container,
    file: File,
    engine: Arc<Engine>,
    labels: Vec<(String, String)>,
}

/// The way to signal it.
#[derive(Debug)]
struct ByName {
    signals: Signals,
    /// What asks it to end.
    terminate: String,
}

impl Signalled for ByName {
    fn signal(&self, signal: Signal) {
        self.signals.send(match signal {
            Signal::Terminate => &self.terminate,
            Signal::Kill => "KILL",
        });
    }
}

impl Life {
    pub(in crate::container) fn new(
        site: Arc<Site>,
        control: Arc<Control>,
        (launch, gpus): (Box<Launch>, Given),
    ) -> Self {
        Self { site, control, launch, gpus }
    }

    pub(in crate::container) fn run(self) {
        let output = self.output();
        match self.start() {
            Ok(Some(running)) => self.follow(running),
            Ok(None) => {}
            Err(failure) => {
                self.site.running().remove(&output);
                self.site.tell(RunnerEvent::LaunchFailed { output, reason: failure.to_string() });
            }
        }
    }

    fn output(&self) -> AttemptId {
        self.launch.container.output
    }

    /// None if it was withdrawn.
    fn start(&self) -> Result<Option<Running>, Failure> {
        let Some(by_engine) = self.site.engine.as_ref().filter(|_| !self.control.is_withdrawn()) else {
            return Ok(None);
        };
        let settings = Settings::read(&self.launch.container.settings)?;
        connect::only_hosts(self.site.network, &settings)?;
        let Some(engine) = self.engine(by_engine)? else { return Ok(None) };
        let image = self.image((by_engine, &engine), &settings)?;
        let _slot = self.site.slots.take();
        if !self.control.begin() {
            return Ok(None);
        }
        if self.site.strict_limits && !engine.description().limits_memory {
            return Err(process_failure::Failure::Unlimited.into());
        }
        let labels = by_engine.labels(self.launch.attempt);
        let means = Means { image: &image, labels: &labels, name: &|what| by_engine.name(what) };
        let mut wanted = wanted::wanted(&self.launch, &settings, means)?;
        gpus::ask_for(&mut wanted, &self.gpus, engine.description().is_podman)?;
        let started = self.start_with(&engine, (wanted, &labels));
        match started {
            Ok((container, file)) => {
                let terminate = image.stop_signal.unwrap_or_else(|| "TERM".to_owned());
                self.control.runs(Box::new(ByName { signals: container.signals(), terminate }));
                Ok(Some(Running { container, file, engine, labels }))
            }
            Err(failure) => {
                self.remove_volumes(&engine, &labels);
                Err(failure)
            }
        }
    }

    /// One that the operator has named is waited for; none if the container is not wanted any more.
    fn engine(&self, by_engine: &ByEngine) -> Result<Option<Arc<Engine>>, Failure> {
        by_engine.check().map_err(Failure::create("run containers"))?;
        Ok(by_engine.search.wait(|| !self.control.is_withdrawn()))
    }

    fn image(&self, (by_engine, engine): (&ByEngine, &Engine), settings: &Settings) -> Result<Image, Failure> {
        let reference = self.launch.container.image.parse();
        let reference: Reference =
            reference.map_err(|error: longshore_images::Error| Failure::Pull { error: error.chain() })?;
        let secret = settings.repository_credentials.as_ref().map(|asked| &asked.credentials_parameter);
        let found = secret.map(|name| self.site.secrets.credentials(name)).transpose();
        let found = found.map_err(|error| process_failure::Failure::Secret { error: error.to_string() })?;
        let credentials = found.map(|(username, password)| Credentials::Password { username, password });
        by_engine.images.get(engine, &reference, credentials)
    }

    fn start_with(
        &self,
        engine: &Arc<Engine>,
        (wanted, labels): (Wanted, &[(String, String)]),
    ) -> Result<(Container, File), Failure> {
        let refused = |error: longshore_docker::Error| Failure::Refused { error: error.to_string() };
        for volume in wanted.volumes() {
            engine.create_volume(volume, labels).map_err(refused)?;
        }
        let mut container = engine.create(wanted).map_err(refused)?;
        let path = output::output_path(&self.site.shared.data_dir, self.output());
        let file = output::create(&path).map_err(Failure::create("create its output file"))?;
        match container.start() {
            Ok(()) => Ok((container, file)),
            Err(error) => {
                let _best_effort = fs::remove_file(path);
                Err(Failure::Start { error: error.to_string() })
            }
        }
    }

    /// Waits for its end, and takes all of it away before that is told.
    fn follow(&self, running: Running) {
        let output = self.output();
        self.site.shared.index.started(output);
        self.site.tell(RunnerEvent::Launched { output, at: now() });
        let Running { mut container, mut file, engine, labels } = running;
        let end = container.follow(&mut file);
        let at = now();
        self.control.is_over();
        drop(container);
        self.remove_volumes(&engine, &labels);
        self.site.shared.index.ended(output, at);
        self.site.running().remove(&output);
        let (status, oom_killed) = match end {
            Ok(end) if end.code == CODE_OF_KILLED && end.was_killed => (ExitStatus::Signal(KILLED), end.oom_killed),
            Ok(end) => (ExitStatus::Code(end.code), end.oom_killed && end.code != SUCCESS),
            Err(error) => {
                tracing::warn!(%output, %error, "the engine does not answer: a container that was killed is given up");
                (ExitStatus::Signal(KILLED), false)
            }
        };
        self.site.tell(RunnerEvent::Exited { output, status, oom_killed, at });
    }

    /// Those of an attempt with several containers go when all have ended.
    fn remove_volumes(&self, engine: &Engine, labels: &[(String, String)]) {
        let asks_for_volumes = self.launch.container.settings.0.contains_key("volumes");
        if self.launch.attempt != self.output() || !asks_for_volumes {
            return;
        }
        if let Err(error) = engine.remove_labelled(labels) {
            tracing::warn!(output = %self.output(), %error, "a container's volumes stay until the next start");
        }
    }
}
