//! What hosts run: never more than they have, nothing twice, nothing too early.

use super::lives::is_lost;
use crate::violation::{Rule, Violation, require};
use crate::world::{World, attempt_of, whole};
use longshore_agent::Launch;
use longshore_types::{AttemptId, JobRef, JobStatus, Resources};
use std::collections::BTreeSet;

impl World {
    /// A process has just been started.
    pub(crate) fn audit_launch(&mut self, host: usize, launch: &Launch) -> Result<(), Violation> {
        self.coverage.check("processes");
        let output = launch.container.output;
        self.audit.attempts.insert(launch.attempt, launch.job);
        let fresh = self.audit.launched.insert(output, (launch.attempt, launch.job)).is_none();
        require(fresh, Rule::OneAttempt, || {
            format!("attempt {} of {} runs twice", launch.attempt, self.called(launch.job))
        })?;
        self.audit_capacity(host)?;
        self.audit_rivals(host, launch)?;
        self.audit_dependencies(launch)
    }

    /// Whatever has been started may have left output, and some row of its job knows.
    pub(crate) fn audit_outputs(&mut self) -> Result<(), Violation> {
        let streams: BTreeSet<AttemptId> = self.rows.log_streams.values().map(|stream| stream.attempt).collect();
        for (output, (attempt, job)) in &self.audit.launched {
            let unnamed = !streams.contains(output) && !self.audit.is_unknown(*attempt);
            let Some(run) = self.rows.run(*job).filter(|_| unnamed) else { continue };
            self.coverage.check("outputs without streams");
            let text = || format!("no row names the output {output} of {}", self.called(*job));
            require(run.outputs().any(|named| named == *output), Rule::Outputs, text)?;
        }
        Ok(())
    }

    fn audit_capacity(&self, host: usize) -> Result<(), Violation> {
        let sim = &self.hosts[host];
        let running = sim.processes.values().filter(|process| process.runs);
        let used = running.fold(Resources::default(), |sum, process| sum.plus(process.launch.container.demand));
        let text = || format!("h{} runs {used:?} and has {:?}", host + 1, sim.capacity);
        require(sim.capacity.fits(used), Rule::Capacity, text)
    }

    /// No other attempt of the same job runs, unless one of them on a host that was given up.
    fn audit_rivals(&self, host: usize, launch: &Launch) -> Result<(), Violation> {
        let processes =
            || self.hosts.iter().enumerate().flat_map(|(on, sim)| sim.processes.values().map(move |one| (on, one)));
        let rival = |one: &Launch| {
            let same = whole(one.job) == whole(launch.job) && one.attempt != launch.attempt;
            same && (one.job == launch.job || attempt_of(one) != attempt_of(launch))
        };
        for (on, other) in processes().filter(|(_, other)| other.runs && rival(&other.launch)) {
            let given_up = [&other.launch, launch].into_iter().any(|one| self.is_given_up(one));
            let text = || {
                let (job, at) = (self.called(launch.job), host + 1);
                format!("{job} runs on h{at} while another attempt of it runs on h{}", on + 1)
            };
            require(given_up && on != host, Rule::OneAttempt, text)?;
        }
        Ok(())
    }

    /// Whether an attempt was lost with its host. Of a node that had been asked to end with its main node, that nobody
    /// heard how it ended tells.
    fn is_given_up(&self, launch: &Launch) -> bool {
        if self.audit.is_unknown(launch.attempt) {
            return true;
        }
        let Some(run) = self.rows.run(launch.job) else { return false };
        let mut ended = run.attempts.iter().filter(|attempt| attempt.id == launch.attempt);
        let unheard = ended.any(|attempt| attempt.exit_code.is_none());
        is_lost(&run, launch.attempt) || (matches!(launch.job, JobRef::Node(..)) && unheard)
    }

    /// Everything that the client had it depend on has succeeded.
    fn audit_dependencies(&mut self, launch: &Launch) -> Result<(), Violation> {
        if self.audit.is_unknown(launch.attempt) {
            return Ok(());
        }
        let Some(job) = self.rows.jobs.get(&launch.job.job()) else { return Ok(()) };
        let Some(line) =
            self.script.lines.iter().find(|line| line.verb == "submit" && line.object == job.name.as_str())
        else {
            return Ok(());
        };
        let find = |name: &String| self.client.find(name);
        let mut needed: Vec<JobRef> = line.list("after").iter().filter_map(find).collect();
        if let Some(index) = launch.job.index() {
            let partner = |target: JobRef| JobRef::Child(target.job(), index);
            needed.extend(line.list("n-to-n").iter().filter_map(find).map(partner));
            let before = line.get("sequential").and(index.checked_sub(1));
            needed.extend(before.map(|before| JobRef::Child(launch.job.job(), before)));
        }
        for target in needed {
            self.coverage.check("dependencies");
            let status = self.rows.run(target).map(|run| run.status);
            let text = || format!("{} runs, and {} is {status:?}", self.called(launch.job), self.called(target));
            require(status.is_none_or(|status| status == JobStatus::Succeeded), Rule::Dependencies, text)?;
        }
        Ok(())
    }
}
