//! A data directory with an agent on it and this test in the server's place.

use longshore_link::{LinkEvent, LinkId, Listener};
use longshore_protocol::{
    AgentMessage, AttemptEvent, ControlMessage, Hello, Report, Runtime, StartAttempt, StartContainer, VERSION,
};
use longshore_types::{AttemptId, JobId, JobRef, Resources};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Site {
    directory: TempDir,
    pub(crate) agent: Child,
    server: Option<Server>,
}

/// The server's end: the socket and the link of the agent that said hello.
struct Server {
    listener: Listener,
    events: Receiver<LinkEvent>,
    link: LinkId,
}

impl Site {
    /// With an agent that has been welcomed.
    pub(crate) fn new() -> (Self, Hello) {
        let directory = TempDir::new().unwrap();
        let agent = spawn_agent(&directory);
        let mut site = Self { directory, agent, server: None };
        let hello = site.start_server();
        (site, hello)
    }

    /// Listens, waits for the agent's hello and welcomes it.
    pub(crate) fn start_server(&mut self) -> Hello {
        self.server = None;
        let (sender, events) = channel();
        let path = self.directory.path().join("agent.sock");
        let listener = Listener::bind(&path, move |event| drop(sender.send(event))).unwrap();
        let LinkEvent::FromAgent(link, AgentMessage::Hello(hello)) = events.recv_timeout(PATIENCE).unwrap() else {
            panic!("not a hello")
        };
        self.server = Some(Server { listener, events, link });
        self.send(ControlMessage::Welcome { version: VERSION });
        hello
    }

    /// Waits until the agent says that it is leaving, and welcomes it once more.
    pub(crate) fn farewell(&self) -> Hello {
        let server = self.server.as_ref().unwrap();
        let hello =
            std::iter::repeat_with(|| server.events.recv_timeout(PATIENCE).unwrap()).find_map(|event| match event {
                LinkEvent::FromAgent(_, AgentMessage::Hello(hello)) => Some(hello),
                _ => None,
            });
        self.send(ControlMessage::Welcome { version: VERSION });
        hello.unwrap()
    }

    pub(crate) fn stop_server(&mut self) {
        self.server = None;
    }

    /// Starts another agent, in place of one that is gone, and welcomes it.
    pub(crate) fn start_agent(&mut self) -> Hello {
        self.stop_server();
        self.agent = spawn_agent(&self.directory);
        self.start_server()
    }

    /// Runs an agent beside the first until it ends.
    pub(crate) fn second_agent(&self) -> Output {
        agent_command(&self.directory).stderr(Stdio::piped()).output().unwrap()
    }

    pub(crate) fn send(&self, message: ControlMessage) {
        let server = self.server.as_ref().unwrap();
        server.listener.send(server.link, message);
    }

    /// The next report, acknowledged.
    pub(crate) fn event(&self) -> AttemptEvent {
        let Report { number, event } = self.unacknowledged();
        self.send(ControlMessage::Ack { through: number });
        event
    }

    /// The report of the next end. What came before may be repeated, as its acknowledgement may have been lost.
    pub(crate) fn unacknowledged_end(&self) -> Report {
        let reports = std::iter::repeat_with(|| self.unacknowledged());
        reports.into_iter().find(|report| matches!(report.event, AttemptEvent::Ended { .. })).unwrap()
    }

    fn unacknowledged(&self) -> Report {
        match self.server.as_ref().unwrap().events.recv_timeout(PATIENCE).unwrap() {
            LinkEvent::FromAgent(_, AgentMessage::Report(report)) => report,
            other => panic!("not a report: {other:?}"),
        }
    }

    /// Starts a shell and waits until it runs.
    pub(crate) fn launch_shell(&self, number: u128, script: &str) -> AttemptId {
        let attempt = AttemptId::from_random(number);
        let container = StartContainer {
            command: vec!["sh".into(), "-c".into(), script.into()],
            environment: vec![("AWS_BATCH_JOB_ID".into(), "x".into())],
            ..StartContainer::only(attempt, Runtime::Process, "host")
        };
        let start = StartAttempt {
            seat: None,
            attempt,
            job: JobRef::Job(JobId::from_random(number)),
            epoch: 1,
            demand: Resources::default(),
            timeout_ms: None,
            end: longshore_protocol::TaskEnd::AnyEssential,
            address: None,
            containers: vec![container],
        };
        self.send(ControlMessage::Start(Box::new(start)));
        assert!(matches!(self.event(), AttemptEvent::Started { attempt: started, .. } if started == attempt));
        attempt
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn output(&self, attempt: AttemptId) -> String {
        let id = attempt.to_string();
        std::fs::read_to_string(self.path(&format!("output/{}/{id}.log", &id[..2]))).unwrap()
    }

    pub(crate) fn terminate_agent(&self) {
        let pid = self.agent.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // Asked first, so that it takes its attempts along.
        if matches!(self.agent.try_wait(), Ok(None)) {
            self.stop_server();
            self.terminate_agent();
            let _ = self.agent.wait();
        }
    }
}

fn agent_command(directory: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_longshore"));
    command.arg("agent").arg("--data-dir").arg(directory.path());
    command.arg("--socket").arg(directory.path().join("agent.sock"));
    command.args(["--vcpus", "3", "--memory", "500"]).stdin(Stdio::null());
    command
}

fn spawn_agent(directory: &TempDir) -> Child {
    agent_command(directory).spawn().unwrap()
}

pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

/// Whether a process, named in an attempt's output, still runs: a dead one that nobody has buried has no command line.
pub(crate) fn runs(pid: &str) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}
