//! One container that is run here, by our own launcher or an OCI runtime, from its image to its last trace.

use super::Site;
use super::asked_image::asked_image;
use super::bundle::Bundle;
use super::connect;
use super::control::{Control, Signalled};
use super::extras::{self, Means};
use super::failure::Failure;
use super::gpus;
use super::identity;
use super::life::{Container, End, processor_shares};
use super::root::Root;
use super::runtime::{First, OciRuntime};
use super::settings::Settings;
use super::spec::{self, Extras, Group, Spec};
use super::strict;
use super::user::{Accounts, User};
use crate::children;
use crate::failure::{self as process_failure, Found};
use crate::limit::{Cell, Share};
use crate::network::Network;
use crate::output;
use crate::process::{now, wait};
use longshore_agent::{Launch, Signal};
use longshore_gpus::Given;
use longshore_images::Image;
use longshore_protocol::StartContainer;
use longshore_types::{AttemptId, JobRef};
use rustix::io::Errno;
use rustix::process::{self, pidfd_send_signal};
use std::fs;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a control group whose first process is dead is looked at until it is empty, and when that is late.
const EMPTY_POLL: Duration = Duration::from_millis(2);
const EMPTY_LATE: Duration = Duration::from_secs(10);

/// A first process that is a child of ours.
#[derive(Debug)]
struct OwnChild {
    first: Arc<OwnedFd>,
    terminate: process::Signal,
}

impl Signalled for OwnChild {
    fn signal(&self, signal: Signal) {
        let signal = match signal {
            Signal::Terminate => self.terminate,
            Signal::Kill => process::Signal::KILL,
        };
        let _already_dead = pidfd_send_signal(&self.first, signal);
    }
}

pub(super) struct BuiltIn {
    site: Arc<Site>,
    control: Arc<Control>,
    attempt: AttemptId,
    job: JobRef,
    container: StartContainer,
    gpus: Given,
}

/// A container that runs. What it is made of goes away in this order.
pub(super) struct Running {
    first: First,
    bundle: Bundle,
    cell: Option<Cell>,
    _network: Option<Arc<Network>>,
    _image: Arc<Image>,
}

impl Container for BuiltIn {
    type Running = Running;

    fn output(&self) -> AttemptId {
        self.container.output
    }

    fn start(&self) -> Result<Option<Running>, Failure> {
        if self.control.is_withdrawn() {
            return Ok(None);
        }
        let settings = Settings::read(&self.container.settings)?;
        let runtime = self.runtime()?;
        let image = self.image(&settings)?;
        let _slot = self.site.slots.take();
        if !self.control.begin() {
            return Ok(None);
        }
        let network = connect::network(&self.site, (self.attempt, self.job), &self.container, &settings)?;
        let cell = self.cell(&settings)?;
        match self.start_in(&runtime, (&image, &settings), (cell.as_ref(), network.as_deref())) {
            Ok((first, bundle)) => {
                let child = OwnChild { first: Arc::clone(&first.pidfd), terminate: stop_signal(&image) };
                self.control.runs(Box::new(child));
                Ok(Some(Running { first, bundle, cell, _network: network, _image: image }))
            }
            Err(failure) => {
                // A runtime that failed may have left something of itself.
                if let Some(cell) = &cell {
                    let _it_never_ran = self.empty(cell);
                }
                self.give_back(cell);
                Err(failure)
            }
        }
    }

    fn follow(&self, running: Running) -> End {
        let status = wait(&running.first.pidfd);
        let at = now();
        self.control.is_over();
        children::forget(running.first.pid);
        let Running { bundle, cell, _network, _image, .. } = running;
        let oom_killed = cell.as_ref().is_some_and(|cell| self.empty(cell));
        drop(bundle);
        self.give_back(cell);
        End { status, oom_killed, at }
    }
}

impl BuiltIn {
    pub(super) fn new(site: Arc<Site>, control: Arc<Control>, (launch, gpus): (Box<Launch>, Given)) -> Self {
        Self { site, control, attempt: launch.attempt, job: launch.job, container: launch.container, gpus }
    }

    fn runtime(&self) -> Result<OciRuntime, Failure> {
        let edits = self.gpus.edits();
        let chosen = match edits.hook_names().as_slice() {
            [] => self.site.runtime().map_err(Failure::create("run containers")),
            hooks => self.site.runtime_with_hooks().map_err(|missing| gpus::without_hooks(hooks, &missing)),
        };
        chosen.map(|chosen| chosen.runtime)
    }

    /// Pulls it if need be; however many containers wait for it, that happens once.
    fn image(&self, settings: &Settings) -> Result<Arc<Image>, Failure> {
        let (reference, credentials) = asked_image(&self.site, &self.container, settings)?;
        let image = self.site.store.get(&reference, credentials.as_ref());
        image.map_err(|error| Failure::Pull { error: error.chain() })
    }

    /// Its control group, with what it may use; none where there are none.
    fn cell(&self, settings: &Settings) -> Result<Option<Cell>, Failure> {
        let demand = self.container.demand;
        let share = Share {
            memory_mib: demand.memory_mib,
            processors: Some(processor_shares(demand)),
            max_swap_mib: settings.linux_parameters.max_swap,
            swappiness: settings.linux_parameters.swappiness,
        };
        if self.site.strict_limits {
            strict::check(settings, self.site.limits())?;
        }
        match self.site.limits() {
            Some(limits) => limits.take(share).map(Some).map_err(Failure::create("limit its memory")),
            None => Ok(None),
        }
    }

    fn start_in(
        &self,
        runtime: &OciRuntime,
        (image, settings): (&Image, &Settings),
        (cell, network): (Option<&Cell>, Option<&Network>),
    ) -> Result<(First, Bundle), Failure> {
        let bundle = Bundle::make(self.site.directory.join(self.output().to_string()), &image.layers)?;
        let root_path = bundle.path("root");
        let root = Root::open(&root_path).map_err(Failure::create("open its root"))?;
        let shares = processor_shares(self.container.demand);
        let group = cell.map(|cell| Group {
            directory: cell.directory(),
            seen_at: cell.seen_at(),
            processors: cell.processors(),
            told: runtime.makes_groups().then(|| (cell.path_in_hierarchy(), shares)),
        });
        let means = Means {
            root: &root,
            volumes: &self.site.volumes_of(self.attempt),
            attempt: self.attempt,
            directory: &self.site.directory.join(self.attempt.to_string()),
            ipcs: &self.site.ipcs,
            pids: &|| self.site.pids.of(self.attempt, &self.site.shared),
            alone: self.attempt == self.output(),
            gpus: &self.gpus.edits(),
            strict: self.site.strict_limits,
        };
        let spec = Spec { extras: extras::extras(settings, means)?, ..self.spec(image, &root, group, &root_path)? };
        check_program(&root, &spec)?;
        let spec = match network {
            Some(network) => connect::put(spec, network, &bundle)?,
            None => spec,
        };
        let path = output::output_path(&self.site.shared.data_dir, self.output());
        let file = output::create(&path).map_err(Failure::create("create its output file"))?;
        match runtime.run(&self.site.shared, &bundle, (&spec.document(), &file, cell)) {
            Ok(first) => Ok((first, bundle)),
            Err(failure) => {
                let _best_effort = fs::remove_file(path);
                Err(failure)
            }
        }
    }

    fn spec<'a>(
        &self,
        image: &Image,
        root: &Root,
        group: Option<Group<'a>>,
        root_path: &'a std::path::Path,
    ) -> Result<Spec<'a>, Failure> {
        let arguments = spec::arguments((&image.config.entrypoint, &image.config.cmd), &self.container);
        if arguments.is_empty() {
            return Err(process_failure::Failure::NoCommand { image: self.container.image.clone() }.into());
        }
        let asked = self.container.user.as_ref().unwrap_or(&image.config.user);
        let (passwd, groups) = (root.read("/etc/passwd"), root.read("/etc/group"));
        let user = User::find(asked, Accounts { passwd: &passwd, group: &groups });
        let user = user.map(|user| user.also_in(gpus::groups(&self.gpus.edits())));
        let user = user.and_then(identity::checked).map_err(|error| Failure::Start { error })?;
        let directory = Some(image.config.working_dir.clone()).filter(|directory| !directory.is_empty());
        let directory = directory.unwrap_or_else(|| "/".to_owned());
        root.make_directory(&directory).map_err(Failure::create("make its working directory"))?;
        let environment = spec::environment(&image.config, &self.container, user.home.as_deref());
        let has_nul = arguments.iter().chain(&environment).any(|text| text.contains('\0'));
        if has_nul {
            return Err(process_failure::Failure::NulByte.into());
        }
        let extras = Extras::default();
        Ok(Spec { root: root_path, arguments, environment, directory, user, group, extras })
    }

    /// Waits until nothing is left in the group, and answers whether the limit killed something.
    fn empty(&self, cell: &Cell) -> bool {
        let begin = Instant::now();
        while !cell.kill_rest() {
            if begin.elapsed() > EMPTY_LATE {
                tracing::warn!(output = %self.output(), "killed processes of the container do not go away");
                break;
            }
            std::thread::sleep(EMPTY_POLL);
        }
        cell.has_killed()
    }

    fn give_back(&self, cell: Option<Cell>) {
        if let Some((limits, cell)) = self.site.limits().zip(cell) {
            limits.give_back(cell);
        }
    }
}

/// Sees what is wrong with a program before it is started: an OCI runtime notices some of it only when it has said already that
/// the container runs.
fn check_program(root: &Root, spec: &Spec<'_>) -> Result<(), Failure> {
    let program = spec.arguments[0].clone();
    let fault = if spec::are_too_long(&spec.arguments, &spec.environment) {
        Some((Found::File, Errno::TOOBIG))
    } else {
        root.fault(&program, (spec.path_variable(), &spec.directory), &spec.extras.mounted_at())
    };
    match fault {
        Some((found, errno)) => Err(process_failure::Failure::Execute { program, found, errno }.into()),
        None => Ok(()),
    }
}

/// What asks a container to end: SIGTERM, unless its image wants something else.
fn stop_signal(image: &Image) -> process::Signal {
    let names = [
        ("HUP", process::Signal::HUP),
        ("INT", process::Signal::INT),
        ("QUIT", process::Signal::QUIT),
        ("KILL", process::Signal::KILL),
        ("USR1", process::Signal::USR1),
        ("USR2", process::Signal::USR2),
        ("WINCH", process::Signal::WINCH),
    ];
    let asked = image.config.stop_signal.as_deref().unwrap_or_default();
    let by_name = || names.iter().find(|(name, _)| asked.trim_start_matches("SIG") == *name).map(|(_, signal)| *signal);
    let by_number = asked.parse().ok().and_then(process::Signal::from_named_raw);
    by_number.or_else(by_name).unwrap_or(process::Signal::TERM)
}
