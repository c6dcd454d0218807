//! Processes: what the runner of a host is asked for, and what becomes of it.

use super::{Event, World};
use crate::does::Does;
use crate::violation::Violation;
use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_types::{AttemptId, JobRef};

/// Milliseconds until a process has started.
const LAUNCH_MS: (u64, u64) = (1, 60);
/// Milliseconds until a process is gone that a signal has ended.
const DEATH_MS: (u64, u64) = (1, 300);
/// Until what is told twice is told again.
const AGAIN_MS: u64 = 5_000;
/// How long what hangs goes on once everything has healed.
const HEALED_MS: u64 = 5_000;

/// A process, from the order to start it to its end.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) launch: Launch,
    pub(crate) does: Does,
    pub(crate) runs: bool,
    /// Its end is on its way.
    dying: bool,
}

/// What is wrong with those whom a host's runner needs to start something (registries of images, stores of secrets, container
/// engines), and until when.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Providers {
    /// They take so much longer.
    pub(crate) late: (u64, u64),
    /// They answer twice.
    pub(crate) twice: u64,
    /// They do not answer who asks now.
    pub(crate) never: u64,
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// As it does by itself.
    ByItself,
    /// By a signal.
    Signal(i32),
}

impl World {
    pub(super) fn begin_launch(&mut self, host: usize, launch: Launch) {
        let does = self.what_it_does(&launch);
        let (output, incarnation) = (launch.container.output, self.hosts[host].incarnation);
        self.hosts[host].processes.insert(output, Process { launch, does, runs: false, dying: false });
        let mut ms = self.random.between(LAUNCH_MS.0, LAUNCH_MS.1);
        let Providers { late: (late_until, by), never, .. } = self.hosts[host].providers;
        if never > self.now {
            self.coverage.fault("provider never");
            return;
        }
        if late_until > self.now {
            self.coverage.fault("provider late");
            ms += by;
        }
        self.after(ms, Event::Launches { host, incarnation, output });
    }

    /// Whom providers have not answered, they do.
    pub(super) fn answer_all(&mut self) {
        for host in 0..self.hosts.len() {
            self.hosts[host].providers = Providers::default();
            let incarnation = self.hosts[host].incarnation;
            let open = self.hosts[host].processes.iter().filter(|(_, process)| !process.runs);
            let open: Vec<AttemptId> = open.map(|(output, _)| *output).collect();
            for output in open {
                self.after(LAUNCH_MS.1, Event::Launches { host, incarnation, output });
            }
        }
    }

    /// What happened to a container is told, and told again if whoever says so stutters.
    fn runner_tells(&mut self, host: usize, incarnation: u64, event: RunnerEvent) -> Result<(), Violation> {
        if self.hosts[host].providers.twice > self.now {
            self.coverage.fault("provider twice");
            let ms = self.random.between(0, AGAIN_MS);
            self.after(ms, Event::RunnerSays { host, incarnation, event: event.clone() });
        }
        self.runner_says(host, incarnation, event)
    }

    /// By the job that it is a part of: containers that are not essential do their part and no more.
    fn what_it_does(&self, launch: &Launch) -> Does {
        let list = self.rows.jobs.get(&launch.job.job()).and_then(|job| self.client.does(job.name.as_str()));
        let does = Does::of(list.unwrap_or(&[]), launch.job.index(), attempt_of(launch));
        match launch.container.name.as_str() {
            "init" => Does::Ok(500),
            "beside" => Does::Hang,
            _ => does,
        }
    }

    pub(super) fn launch_happens(&mut self, host: usize, incarnation: u64, output: AttemptId) -> Result<(), Violation> {
        if self.hosts[host].agent_of(incarnation).is_none() {
            return Ok(());
        }
        let waits = |process: &&mut Process| !process.runs;
        let Some(process) = self.hosts[host].processes.get_mut(&output).filter(waits) else { return Ok(()) };
        if process.does == Does::NoStart {
            self.hosts[host].processes.remove(&output);
            self.coverage.fault("process never starts");
            let reason = "CannotStartContainerError: no such program".to_owned();
            return self.runner_tells(host, incarnation, RunnerEvent::LaunchFailed { output, reason });
        }
        process.runs = true;
        let process = process.clone();
        self.tell(|world| {
            let container = &process.launch.container.name;
            format!("{} runs on h{} ({container})", world.called(process.launch.job), host + 1)
        });
        self.audit_launch(host, &process.launch)?;
        self.plan_end(host, output, process.does);
        let at = self.clock(self.hosts[host].clock);
        self.runner_tells(host, incarnation, RunnerEvent::Launched { output, at })
    }

    fn plan_end(&mut self, host: usize, output: AttemptId, does: Does) {
        let ms = match does {
            Does::Ok(ms) | Does::Fail(ms) | Does::Oom(ms) => ms,
            Does::Hang | Does::Deaf if self.is_healing() => HEALED_MS,
            Does::Hang | Does::Deaf | Does::NoStart => return,
        };
        self.after(ms, Event::ProcessEnds { host, output, how: How::ByItself });
    }

    /// What hangs comes to its end.
    pub(super) fn unhang(&mut self) {
        for host in 0..self.hosts.len() {
            let hanging = self.hosts[host].processes.iter().filter(|(_, process)| process.runs);
            let hanging: Vec<(AttemptId, Does)> = hanging.map(|(output, process)| (*output, process.does)).collect();
            for (output, does) in hanging.into_iter().filter(|(_, does)| matches!(does, Does::Hang | Does::Deaf)) {
                self.plan_end(host, output, does);
            }
        }
    }

    pub(super) fn withdraw(&mut self, host: usize, output: AttemptId) {
        let waits = self.hosts[host].processes.get(&output).is_some_and(|process| !process.runs);
        if waits {
            self.hosts[host].processes.remove(&output);
            let incarnation = self.hosts[host].incarnation;
            let event = RunnerEvent::LaunchFailed { output, reason: "withdrawn".into() };
            self.after(1, Event::RunnerSays { host, incarnation, event });
        }
    }

    pub(super) fn signal(&mut self, host: usize, output: AttemptId, signal: Signal) {
        let Some(process) = self.hosts[host].processes.get_mut(&output).filter(|process| process.runs) else { return };
        if process.does == Does::Deaf && signal == Signal::Terminate {
            self.coverage.fault("process ignores SIGTERM");
            return;
        }
        if process.dying {
            return;
        }
        process.dying = true;
        if process.does == Does::Hang && process.launch.container.essential {
            self.coverage.fault("process hangs");
        }
        let number = if signal == Signal::Kill { 9 } else { 15 };
        let ms = self.random.between(DEATH_MS.0, DEATH_MS.1);
        self.after(ms, Event::ProcessEnds { host, output, how: How::Signal(number) });
    }

    pub(super) fn process_ends(&mut self, host: usize, output: AttemptId, how: How) -> Result<(), Violation> {
        let running = self.hosts[host].processes.get(&output).is_some_and(|process| process.runs);
        let Some(process) = self.hosts[host].processes.remove(&output).filter(|_| running) else { return Ok(()) };
        let (status, oom_killed) = match (how, process.does) {
            (How::Signal(number), _) => (ExitStatus::Signal(number), false),
            (How::ByItself, Does::Fail(_)) => (ExitStatus::Code(1), false),
            (How::ByItself, Does::Oom(_)) => (ExitStatus::Signal(9), true),
            (How::ByItself, _) => (ExitStatus::Code(0), false),
        };
        match process.does {
            Does::Ok(..=1) => self.coverage.fault("process ends at once"),
            Does::Fail(_) if how == How::ByItself => self.coverage.fault("process fails"),
            Does::Oom(_) if oom_killed => self.coverage.fault("process out of memory"),
            _ => {}
        }
        self.tell(|world| {
            let (job, code) = (world.called(process.launch.job), status.exit_code());
            format!("{job} ends on h{} ({}) with {code}", host + 1, process.launch.container.name)
        });
        let at = self.clock(self.hosts[host].clock);
        let event = RunnerEvent::Exited { output, status, oom_killed, at };
        let incarnation = self.hosts[host].incarnation;
        self.runner_tells(host, incarnation, event)
    }
}

/// The number of the attempt within its job, from 1.
pub(crate) fn attempt_of(launch: &Launch) -> usize {
    let mut variables = launch.container.environment.iter();
    let number = variables.find(|(name, _)| name == "AWS_BATCH_JOB_ATTEMPT").map(|(_, number)| number);
    number.and_then(|number| number.parse().ok()).unwrap_or(1)
}

/// What it is an attempt of, nodes taken as one: no two attempts of it may run at once.
pub(crate) fn whole(reference: JobRef) -> JobRef {
    match reference {
        JobRef::Node(id, _) => JobRef::Job(id),
        other => other,
    }
}
