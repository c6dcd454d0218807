//! What the server answers about its state: why jobs wait, how shares stand, who is next. Each answer is compared with the
//! world as it was when the question was asked.

use super::Audit;
use crate::violation::{Rule, Violation, require};
use crate::world::{Event, World};
use longshore_control::{Control, Input, Output, Token};
use longshore_engine::entity::{ComputeEnvironment, JobQueue, ResourceState};
use longshore_engine::{Answer, Engine, Fleet, FrontJob, Obstacle, Question, QueueSnapshot, Queued, Wait};
use longshore_types::{JobRef, JobStatus, Name, Resources, Timestamp};
use std::collections::BTreeMap;

/// Between two looks, at first and once a story has become long.
const CURIOUS_MS: (u64, u64) = (5_000, 120_000);
const LONG_MS: u64 = 600_000;

/// What is to be compared with an answer.
#[derive(Debug)]
pub(crate) enum Asked {
    /// Nothing: the script wants to see it.
    ByScript(String),
    /// Why these jobs wait.
    Waits(Vec<(JobRef, Resources)>, Box<Facts>),
    /// What the shares of a queue use, by share.
    Shares(BTreeMap<String, u64>),
    /// Who is next in a queue.
    Front { queue: Name, front: Vec<FrontJob> },
}

/// The world when a question was asked.
#[derive(Debug)]
pub(crate) struct Facts {
    statuses: BTreeMap<JobRef, JobStatus>,
    fleet: Fleet,
    environments: BTreeMap<Name, ComputeEnvironment>,
    queues: BTreeMap<Name, JobQueue>,
}

impl Audit {
    pub(crate) fn somebody_asks(&mut self, token: Token, name: String) {
        self.asked.insert(token, Asked::ByScript(name));
    }

    pub(crate) fn questions_are_lost(&mut self) {
        self.asked.clear();
    }
}

impl World {
    /// Time to look at what is too costly to look at always.
    pub(crate) fn be_curious(&mut self) -> Result<(), Violation> {
        self.after(if self.now < LONG_MS { CURIOUS_MS.0 } else { CURIOUS_MS.1 }, Event::Curious);
        if self.server.is_none() {
            return Ok(());
        }
        // A question has what fits placed first: what is compared with its answer is the state after that.
        while self.server.as_ref().is_some_and(|server| server.control.engine().wants_schedule()) {
            self.pump_server()?;
        }
        self.audit_twin()?;
        self.compare_fronts()?;
        self.ask_why()?;
        self.ask_for_shares()
    }

    fn ask_why(&mut self) -> Result<(), Violation> {
        let Some(server) = &self.server else { return Ok(()) };
        let engine = server.control.engine();
        let open = self.rows.jobs.keys().filter_map(|id| engine.job(*id));
        let waiting = open.filter(|job| job.gang.is_none() && !job.run.status.is_terminal());
        let asked: Vec<(JobRef, Resources)> = waiting
            .flat_map(|job| {
                let child = job.array.as_ref().map(|_| JobRef::Child(job.id, 0));
                child.into_iter().chain([JobRef::Job(job.id)]).map(|reference| (reference, job.spec.demand))
            })
            .collect();
        if asked.is_empty() {
            return Ok(());
        }
        let facts = Facts {
            statuses: self.rows.jobs.keys().flat_map(|id| statuses_of(engine, *id)).collect(),
            fleet: engine.fleet().clone(),
            environments: engine.environments().clone(),
            queues: engine.queues().clone(),
        };
        let token = self.client.token();
        let question = Question::Explain(asked.iter().map(|(reference, _)| *reference).collect());
        self.audit.asked.insert(token, Asked::Waits(asked, Box::new(facts)));
        self.tell_server(Input::Question { token, question })
    }

    fn ask_for_shares(&mut self) -> Result<(), Violation> {
        let Ok(queue) = "fair".parse::<Name>() else { return Ok(()) };
        let Some(server) = &self.server else { return Ok(()) };
        let engine = server.control.engine();
        let mut used: BTreeMap<String, u64> = BTreeMap::new();
        let attempts = engine.fleet().hosts().values().flat_map(|host| &host.attempts);
        for reference in attempts.filter_map(|attempt| engine.attempt(*attempt)) {
            let Some(job) = engine.job(reference.job()).filter(|job| job.queue == queue) else { continue };
            if let Some(share) = &job.share_identifier {
                *used.entry(share.to_string()).or_default() += job.demand_of(reference).vcpu_milli;
            }
        }
        let token = self.client.token();
        self.audit.asked.insert(token, Asked::Shares(used));
        self.tell_server(Input::Question { token, question: Question::Snapshot(queue) })
    }

    pub(crate) fn audit_answer(&mut self, token: Token, answer: &Answer) -> Result<(), Violation> {
        let Some(asked) = self.audit.asked.remove(&token) else { return Ok(()) };
        let mut answer = answer.clone();
        if let Some(planted) = self.planted {
            planted.spoil_answer(&mut answer);
        }
        match (asked, answer) {
            (Asked::ByScript(name), Answer::Waits(waits)) => {
                let why =
                    waits.into_iter().next().flatten().map_or("it does not wait".to_owned(), |wait| wait.to_string());
                let why = self.named(why);
                self.seen.push(format!("{} {name}: {why}", crate::script::duration(self.now)));
            }
            (Asked::Waits(asked, facts), Answer::Waits(waits)) => {
                for ((reference, demand), wait) in asked.into_iter().zip(waits) {
                    let Some(wait) = wait else { continue };
                    self.coverage.check("reasons");
                    let lie = lie((reference, demand), &wait, &facts);
                    require(lie.is_none(), Rule::Reasons, || {
                        format!("{} is told {wait:?}, and {}", self.called(reference), lie.unwrap_or_default())
                    })?;
                }
            }
            (Asked::Shares(used), Answer::Snapshot(Some(snapshot))) => self.audit_shares(&used, &snapshot)?,
            (Asked::Front { queue, front }, Answer::Snapshot(Some(snapshot))) => {
                self.coverage.check("fronts");
                let (shown, front) = (comparable(&queue, snapshot.front), comparable(&queue, front));
                require(shown == front, Rule::Recovery, || {
                    format!("in {queue} {shown:?} are next, and after a restart {front:?} would be")
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    fn audit_shares(&mut self, used: &BTreeMap<String, u64>, snapshot: &QueueSnapshot) -> Result<(), Violation> {
        self.coverage.check("shares");
        let Some(shares) = &snapshot.shares else { return Ok(()) };
        let shown: BTreeMap<String, u64> = shares.top.iter().filter(|(_, milli)| *milli > 0).cloned().collect();
        require(shown == *used, Rule::Shares, || format!("shares are said to use {shown:?}, and use {used:?}"))?;
        let sum = used.values().sum::<u64>();
        let text = || format!("the queue is said to use {}, and its shares use {sum}", snapshot.used_vcpu_milli);
        require(snapshot.used_vcpu_milli == sum, Rule::Shares, text)
    }

    /// Ids of jobs as the names that the script gave them.
    fn named(&self, text: String) -> String {
        let jobs = self.rows.jobs.values();
        jobs.fold(text, |text, job| text.replace(&job.id.to_string(), job.name.as_str()))
    }
}

fn statuses_of(engine: &Engine, id: longshore_types::JobId) -> Vec<(JobRef, JobStatus)> {
    let Some(job) = engine.job(id) else { return Vec::new() };
    let size = job.array.as_ref().map_or(0, |array| array.size);
    let parts = (0..size).map(|index| JobRef::Child(id, index)).chain([JobRef::Job(id)]);
    parts.filter_map(|part| Some((part, engine.run(part)?.status))).collect()
}

/// What is untrue of the reason that a job is given; `None` if nothing is.
fn lie((reference, demand): (JobRef, Resources), wait: &Wait, facts: &Facts) -> Option<String> {
    match wait {
        Wait::Dependencies { on, .. } => {
            let done = on.iter().find(|target| facts.statuses.get(target) == Some(&JobStatus::Succeeded));
            done.map(|target| format!("{target} has succeeded"))
        }
        Wait::Children { counts } => {
            let mut real = [0u32; 7];
            let of_it =
                facts.statuses.iter().filter(|(part, _)| part.job() == reference.job() && part.index().is_some());
            of_it.for_each(|(_, status)| real[*status as usize] += 1);
            (real != *counts).then(|| format!("its children are {real:?}"))
        }
        Wait::Place(queued) => lie_about_place(demand, queued, facts),
    }
}

fn lie_about_place(demand: Resources, queued: &Queued, facts: &Facts) -> Option<String> {
    let open = |name: &Name| {
        let row = facts.environments.get(name)?;
        let takes = row.state == ResourceState::Enabled && row.compute.is_some();
        Some(takes && row.status.as_str() == "VALID")
    };
    let usable = facts
        .queues
        .get(&queued.queue)
        .map(|queue| queue.environments.iter().filter(|entry| open(&entry.environment) == Some(true)).count());
    let connected = || facts.fleet.hosts().values().filter(|host| host.connected);
    match &queued.obstacle {
        Obstacle::NoEnvironment { .. } => (usable? > 0).then(|| "an environment is usable".to_owned()),
        Obstacle::NoHost => connected().next().map(|_| "a host is connected".to_owned()),
        Obstacle::Oversized(short) if short.cap_missing == 0 && short.consumables.is_empty() => {
            let idle = connected().find(|host| host.host.description.capacity.fits(demand));
            idle.map(|host| format!("{} could hold it", host.host.description.name))
        }
        Obstacle::Short(short) if short.cap_missing == 0 && short.consumables.is_empty() => {
            let room = connected().find(|host| host.free().fits(demand));
            room.map(|host| format!("{} has room for it", host.host.description.name))
        }
        Obstacle::Turn => {
            let first = queued.ahead.jobs == 0 && queued.queues_ahead.is_empty();
            first.then(|| "nobody is ahead of it".to_owned())
        }
        _ => None,
    }
}

/// The answer of a server that has nobody else to talk to: what it wants to write, it is told is written.
pub(super) fn front_of(twin: &mut Control, now: Timestamp) -> Option<Vec<FrontJob>> {
    let mut front = None;
    while let Some(output) = twin.poll() {
        match output {
            Output::Commit { number, .. } => twin.handle(now, Input::Committed { through: number }),
            Output::Answer { answer: Answer::Snapshot(snapshot), .. } => {
                front = snapshot.map(|snapshot| snapshot.front)
            }
            _ => {}
        }
    }
    front
}

/// Who is next, in order; of the queue with shares in any order: a place that is reserved there comes first, and a restart
/// reserves anew.
fn comparable(queue: &Name, mut front: Vec<FrontJob>) -> Vec<FrontJob> {
    if queue.as_str() == "fair" {
        front.sort_by_key(|next| (next.job, next.since));
    }
    front
}
