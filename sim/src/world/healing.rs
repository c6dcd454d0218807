//! The end of a story: everything heals, there is enough of everything, and then every job has to end.

use super::{Event, World};
use crate::script::Line;
use crate::violation::{Rule, Violation, require};
use longshore_engine::Command;
use longshore_engine::command::EndJob;
use longshore_types::{JobId, JobRef, Resources};

/// What an operator does for jobs that wait for it.
const REPAIRS: &[&str] = &[
    "0s update-environment ce state=ENABLED max=256",
    "0s update-environment eks state=ENABLED max=256",
    "0s update-environment new state=ENABLED max=256",
    "0s update-queue q state=ENABLED environments=ce",
    "0s update-queue fair state=ENABLED environments=ce",
    "0s update-queue pods state=ENABLED environments=eks",
    "0s update-queue more state=ENABLED environments=ce",
    "0s create-consumable licence total=1000",
    "0s create-consumable token total=1000",
    "0s update-consumable licence quantity=1000",
    "0s update-consumable token quantity=1000",
];

impl World {
    /// No fault lasts longer, and none comes any more.
    pub(super) fn heal(&mut self) -> Result<(), Violation> {
        self.tell(|_| "--- everything heals".to_owned());
        self.healed_at = Some(self.now);
        self.disk.slow = None;
        self.disk.fails = None;
        for host in &mut self.hosts {
            host.weather = super::network::Weather::default();
            host.dead_until = 0;
        }
        self.unhang();
        self.answer_all();
        for host in 0..self.hosts.len() {
            self.start_agent(host)?;
        }
        self.start_server()?;
        self.repair();
        Ok(())
    }

    /// Has what jobs wait for, once nobody asks for anything else any more.
    pub(super) fn repair(&mut self) {
        if self.client.under_way > 0 || !self.client.open.is_empty() {
            self.after(2_000, Event::Repairs);
            return;
        }
        for text in REPAIRS {
            let script: Result<crate::script::Script, _> = text.parse();
            let line = script.ok().and_then(|script| script.lines.into_iter().next());
            line.into_iter().for_each(|line| self.say(&line));
        }
        self.end_oversized();
    }

    /// Jobs that no host could ever hold are ended by whoever submitted them.
    fn end_oversized(&mut self) {
        let room = self.hosts.first().map_or(Resources::default(), |host| host.capacity);
        let open = self.rows.jobs.values().filter(|job| !job.run.status.is_terminal());
        let oversized = open.filter(|job| job.spec.nodes().is_none() && !room.fits(job.spec.demand));
        let oversized: Vec<(JobId, String)> = oversized.map(|job| (job.id, job.name.to_string())).collect();
        for (id, name) in oversized {
            let end = EndJob { job: Some(JobRef::Job(id)), reason: "no host can hold it".into() };
            self.send(Line::new(self.now, "terminate", name), Command::TerminateJob(end));
        }
    }

    /// Whether there is nothing left to wait for.
    pub(super) fn is_over(&self) -> bool {
        let Some(server) = &self.server else { return false };
        let silent = self.client.under_way == 0 && self.client.open.is_empty() && self.disk.pending.is_none();
        silent
            && self.hosts.iter().all(|host| host.processes.is_empty())
            && self.rows.jobs.values().all(|job| job.run.status.is_terminal())
            && !server.control.engine().has_changes()
    }

    /// Who has not ended, for a story that does not.
    pub(crate) fn what_is_open(&self) -> String {
        let open = self.rows.jobs.values().filter(|job| !job.run.status.is_terminal());
        let names: Vec<String> =
            open.map(|job| format!("{} is {}", self.called(JobRef::Job(job.id)), job.run.status)).collect();
        format!("after everything had healed: {}", names.join(", "))
    }

    /// What must be true when everything is over.
    pub(super) fn look_back(&mut self) -> Result<(), Violation> {
        self.audit_everything()?;
        if !self.is_healing() {
            return Ok(());
        }
        require(self.is_over(), Rule::Liveness, || self.what_is_open())?;
        let Some(server) = &self.server else { return Ok(()) };
        let engine = server.control.engine();
        let used = |host: &longshore_engine::HostState| host.used != Resources::default() || !host.attempts.is_empty();
        let host = engine.fleet().hosts().values().find(|host| used(host));
        let text =
            || format!("{} counts as used, and nothing runs", host.map_or("", |host| &host.host.description.name));
        require(host.is_none(), Rule::Liveness, text)?;
        let environment = engine.environments().keys().find(|name| engine.fleet().environment_used_milli(name) > 0);
        let text = || format!("{environment:?} counts as used, and nothing runs");
        require(environment.is_none(), Rule::Liveness, text)?;
        let kept = self.rows.jobs.keys().find(|id| engine.job(**id).is_some());
        require(kept.is_none(), Rule::Liveness, || format!("{kept:?} has ended and is still in memory"))
    }
}
