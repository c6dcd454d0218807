//! What a script wants to see, and messages in words.

use super::World;
use crate::script::{Line, duration};
use crate::violation::Violation;
use longshore_control::Input;
use longshore_engine::Question;
use longshore_protocol::{AgentMessage, AttemptEvent, ControlMessage};
use longshore_types::{AttemptId, JobRef};

impl World {
    pub(super) fn look(&mut self, line: &Line) -> Result<(), Violation> {
        let Some(reference) = self.client.find(&line.object) else {
            self.seen.push(format!("{} {}: nobody was promised it", duration(self.now), line.object));
            return Ok(());
        };
        if line.verb == "status" {
            let status = self.rows.run(reference).map_or("forgotten", |run| run.status.as_str());
            self.seen.push(format!("{} {} is {status}", duration(self.now), line.object));
            return Ok(());
        }
        let token = self.client.token();
        self.audit.somebody_asks(token, line.object.clone());
        self.tell_server(Input::Question { token, question: Question::Explain(vec![reference]) })
    }

    /// What an attempt is one of.
    fn whose(&self, attempt: AttemptId) -> String {
        let engine = self.server.as_ref().map(|server| server.control.engine());
        let reference = engine.and_then(|engine| engine.attempt(attempt));
        let launched = || {
            let processes = self.hosts.iter().flat_map(|host| host.processes.values());
            processes.map(|process| &process.launch).find(|launch| launch.attempt == attempt).map(|launch| launch.job)
        };
        reference.or_else(launched).map_or_else(|| attempt.to_string(), |reference| self.called(reference))
    }

    pub(super) fn message_in_words(&self, message: &AgentMessage) -> String {
        match message {
            AgentMessage::Hello(hello) => {
                let held: Vec<String> = hello.held.iter().map(|attempt| self.whose(*attempt)).collect();
                format!("hello, incarnation {} holds [{}]", hello.incarnation, held.join(", "))
            }
            AgentMessage::Report(report) => {
                let whose = self.whose(report.event.attempt());
                let what = match &report.event {
                    AttemptEvent::Started { .. } => "has started".to_owned(),
                    AttemptEvent::ContainerStarted { .. } => "has started a container".to_owned(),
                    AttemptEvent::Ended { end, .. } => format!("has ended: {:?} {:?}", end.cause, end.exit_code),
                };
                format!("report {}: {whose} {what}", report.number)
            }
        }
    }

    pub(super) fn order_in_words(&self, message: &ControlMessage) -> String {
        match message {
            ControlMessage::Welcome { .. } => "welcome".to_owned(),
            ControlMessage::Start(start) => format!("start {} (attempt {})", self.called(start.job), start.epoch),
            ControlMessage::Stop { attempt, .. } => format!("stop {}", self.whose(*attempt)),
            ControlMessage::Ack { through } => format!("reports up to {through} are kept"),
            ControlMessage::Shutdown { .. } => "shut down".to_owned(),
        }
    }

    /// How every job of the script ended, or where it is.
    pub(crate) fn outcomes(&self) -> Vec<String> {
        let mut jobs: Vec<_> = self.rows.jobs.values().collect();
        jobs.sort_by_key(|job| job.seq);
        let parts = |job: &longshore_engine::entity::Job| {
            let children = job.array.as_ref().map_or(0, |array| array.size);
            let nodes = job.spec.nodes().map_or(0, |nodes| nodes.count);
            let id = job.id;
            let children = (0..children).map(move |index| JobRef::Child(id, index));
            let nodes = (0..nodes).map(move |index| JobRef::Node(id, index));
            [JobRef::Job(id)].into_iter().chain(children).chain(nodes).collect::<Vec<_>>()
        };
        let jobs = jobs.into_iter().flat_map(parts).filter_map(|reference| self.outcome(reference));
        let mut services: Vec<_> = self.rows.service_jobs.values().collect();
        services.sort_by_key(|job| job.seq);
        jobs.chain(services.into_iter().map(|job| format!("{} {}", job.name, job.status))).collect()
    }

    fn outcome(&self, reference: JobRef) -> Option<String> {
        let run = self.rows.run(reference)?;
        let mut text = format!("{} {}", self.called(reference), run.status);
        if let Some(reason) = &run.status_reason {
            text.push_str(&format!(" ({reason})"));
        }
        for attempt in &run.attempts {
            let code = attempt.exit_code.map_or("no exit".to_owned(), |code| format!("exit {code}"));
            text.push_str(&format!("; {code}, {}", attempt.status_reason));
        }
        Some(text)
    }
}
