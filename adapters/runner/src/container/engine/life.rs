//! One container of an engine, from its image to its last trace.

use super::joins::{Asks, Joins};
use super::wanted::{self, Means};
use super::{ByEngine, gpus};
use crate::container::Site;
use crate::container::asked_image::asked_image;
use crate::container::control::{Control, Signalled};
use crate::container::failure::Failure;
use crate::container::life::{Container, End};
use crate::container::settings::Settings;
use crate::failure as process_failure;
use crate::output;
use crate::process::now;
use longshore_agent::{ExitStatus, Launch, Signal};
use longshore_docker::{self as docker, Engine, Image, Signals, Wanted};
use longshore_gpus::Given;
use longshore_types::AttemptId;
use std::fs::{self, File};
use std::sync::Arc;

const KILLED: i32 = 9;
/// How engines report it.
const CODE_OF_KILLED: i32 = 137;

pub(in crate::container) struct OfEngine {
    site: Arc<Site>,
    control: Arc<Control>,
    launch: Box<Launch>,
    gpus: Given,
}

/// A container that runs.
pub(in crate::container) struct Running {
    container: docker::Container,
    file: File,
    engine: Arc<Engine>,
    labels: Vec<(String, String)>,
    joins: Joins,
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

impl Container for OfEngine {
    type Running = Running;

    fn output(&self) -> AttemptId {
        self.launch.container.output
    }

    fn start(&self) -> Result<Option<Running>, Failure> {
        let Some(by_engine) = self.site.engine.as_ref().filter(|_| !self.control.is_withdrawn()) else {
            return Ok(None);
        };
        let settings = Settings::read(&self.launch.container.settings)?;
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
        let joins = self.joins((by_engine, &engine), &image, &settings)?;
        joins.put(&mut wanted);
        let started = self.start_with(&engine, (wanted, &labels));
        match started {
            Ok((container, file)) => {
                let terminate = image.stop_signal.unwrap_or_else(|| "TERM".to_owned());
                self.control.runs(Box::new(ByName { signals: container.signals(), terminate }));
                Ok(Some(Running { container, file, engine, labels, joins }))
            }
            Err(failure) => {
                self.remove_volumes(&engine, &labels);
                Err(failure)
            }
        }
    }

    fn follow(&self, running: Running) -> End {
        let Running { mut container, mut file, engine, labels, joins } = running;
        let end = container.follow(&mut file);
        let at = now();
        self.control.is_over();
        drop(container);
        drop(joins);
        self.remove_volumes(&engine, &labels);
        let (status, oom_killed) = match end {
            Ok(end) if end.code == CODE_OF_KILLED && end.was_killed => (ExitStatus::Signal(KILLED), end.oom_killed),
            Ok(end) => (ExitStatus::Code(end.code), end.oom_killed),
            Err(error) => {
                let output = self.output();
                tracing::warn!(%output, %error, "the engine does not answer: a container that was killed is given up");
                (ExitStatus::Signal(KILLED), false)
            }
        };
        End { status, oom_killed, at }
    }
}

impl OfEngine {
    pub(in crate::container) fn new(
        site: Arc<Site>,
        control: Arc<Control>,
        (launch, gpus): (Box<Launch>, Given),
    ) -> Self {
        Self { site, control, launch, gpus }
    }

    /// One that the operator has named is waited for; none if the container is not wanted any more.
    fn engine(&self, by_engine: &ByEngine) -> Result<Option<Arc<Engine>>, Failure> {
        by_engine.check().map_err(Failure::create("run containers"))?;
        Ok(by_engine.search.wait(|| !self.control.is_withdrawn()))
    }

    fn image(&self, (by_engine, engine): (&ByEngine, &Engine), settings: &Settings) -> Result<Image, Failure> {
        let (reference, credentials) = asked_image(&self.site, &self.launch.container, settings)?;
        by_engine.images.get(engine, &reference, credentials)
    }

    fn joins(
        &self,
        (by_engine, engine): (&ByEngine, &Arc<Engine>),
        image: &Image,
        settings: &Settings,
    ) -> Result<Joins, Failure> {
        let (site, launch) = (&*self.site, &*self.launch);
        Joins::find(Asks { site, by_engine, engine, image, launch, settings })
    }

    fn start_with(
        &self,
        engine: &Arc<Engine>,
        (wanted, labels): (Wanted, &[(String, String)]),
    ) -> Result<(docker::Container, File), Failure> {
        let refused = |error: docker::Error| Failure::Refused { error: error.to_string() };
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
