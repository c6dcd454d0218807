//! A server on a free port of loopback, a client that speaks just enough HTTP, and stand-ins for what is behind.

use crate::body::{Body, full};
use crate::lingering::ObjectBody;
use crate::{
    Auth, BatchService, BoxFuture, CommandError, Commander, EventsService, LogsService, Quotas, S3Route, Server,
    Services,
};
use http_body_util::BodyExt;
use longshore_engine::{Command, Config, Engine, Question, Response};
use longshore_logs::LogReader;
use longshore_store::{Store, Writer};
use longshore_types::Timestamp;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;

/// A server that runs until it is stopped or dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Services)) -> Self {
        Self::taking(usize::MAX, change).await
    }

    /// One that takes so many connections.
    pub(crate) async fn taking(open_connections: usize, change: impl FnOnce(&mut Services)) -> Self {
        let server = Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut services = services(Arc::new(Answers::default()));
        change(&mut services);
        let address = server.local_addr();
        let task = tokio::spawn(server.run(services, open_connections, async { drop(stopped.await) }));
        Self { address, stop: Some(stop), task }
    }

    pub(crate) async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        Client::connect(self.address).await.send(method, target, headers, body).await
    }

    /// Calls an operation of Batch, signed for Ireland by anybody.
    pub(crate) async fn call(&self, operation: &str, body: Value) -> Answer {
        let credential = "Credential=AKID/20260101/eu-west-1/batch/aws4_request";
        let authorization = format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0");
        let path = format!("/v1/{}", operation.to_lowercase());
        self.send("POST", &path, &[("authorization", &authorization)], &body.to_string()).await
    }

    /// The same, for an operation that succeeds.
    pub(crate) async fn ok(&self, operation: &str, body: Value) -> Value {
        let answer = self.call(operation, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// The same, for an operation that is refused: the message.
    pub(crate) async fn refused(&self, operation: &str, body: Value) -> String {
        let answer = self.call(operation, body).await;
        assert_eq!((answer.status, answer.error_type()), (400, "ClientException"), "{}", answer.text);
        answer.json()["message"].as_str().unwrap().to_owned()
    }

    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Until nobody listens any more.
    pub(crate) async fn until_closed(&self) {
        while TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn ended(self) {
        self.task.await.unwrap();
    }
}

/// Services that answer commands by `commander` and have no S3.
pub(crate) fn services(commander: Arc<dyn Commander>) -> Services {
    let directory = tempfile::tempdir().unwrap();
    // Commands only: what would read finds no database.
    let reader = longshore_store::Store::open(directory.path().join("longshore.db")).unwrap().reader();
    Services {
        events: EventsService::idle(reader.clone()),
        logs: LogsService { reader: reader.clone(), output: LogReader::new(directory.path()) },
        batch: BatchService { commander, reader, quotas: quotas() },
        observer: Arc::new(crate::Unwatched),
        s3: None,
        auth: Arc::new(Auth::AcceptAny),
        account: "123456789012".into(),
        region: "us-east-1".into(),
    }
}

/// A control plane that gives prepared answers and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) asked: Mutex<Vec<Command>>,
    pub(crate) answers: Mutex<Vec<Result<Response, CommandError>>>,
}

impl Answers {
    /// One that answers the next command so.
    pub(crate) fn with(answer: Result<Response, CommandError>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(vec![answer]), ..Self::default() })
    }
}

impl Commander for Answers {
    fn command(&self, command: Command) -> BoxFuture<'_, Result<Response, CommandError>> {
        self.asked.lock().unwrap().push(command);
        let answer = self.answers.lock().unwrap().pop().unwrap_or(Err(CommandError::Unavailable));
        Box::pin(async { answer })
    }

    fn ask(&self, _question: Question) -> BoxFuture<'_, Option<longshore_engine::Answer>> {
        Box::pin(async { None })
    }
}

/// The engine and the store themselves, without an agent: commands are carried out, committed and then answered.
pub(crate) struct Live {
    state: Mutex<(Engine, u64)>,
    writer: Writer,
    outcomes: Mutex<Receiver<Result<u64, longshore_store::Error>>>,
    _directory: TempDir,
}

impl Live {
    /// A server over an empty state.
    pub(crate) async fn start() -> Running {
        Self::start_with(quotas()).await
    }

    async fn start_with(quotas: Arc<Quotas>) -> Running {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path().join("longshore.db")).unwrap();
        let reader = store.reader();
        let (done, outcomes) = channel();
        let (told, commits) = watch::channel(0);
        let on_committed = move |outcome: Result<u64, longshore_store::Error>| {
            told.send_replace(*outcome.as_ref().unwrap());
            drop(done.send(outcome));
        };
        let writer = store.writer(on_committed).unwrap();
        let state = Mutex::new((Engine::new(Config::default(), 1), 0));
        let live = Self { state, writer, outcomes: Mutex::new(outcomes), _directory: directory };
        let events = EventsService { commits, ..EventsService::idle(reader.clone()) };
        let batch = BatchService { commander: Arc::new(live), reader, quotas };
        Running::with(|services| (services.batch, services.events) = (batch, events)).await
    }

    /// A server with an environment `ce`, a queue `q` and a definition `d`.
    pub(crate) async fn with_queue() -> Running {
        Self::with_limits(longshore_types::Limits::standard()).await
    }

    /// The same under these limits.
    pub(crate) async fn with_limits(limits: longshore_types::Limits) -> Running {
        let server = Self::start_with(Arc::new(Quotas::new(limits))).await;
        let resources = json!({
            "type": "EC2", "minvCpus": 0, "maxvCpus": 4, "instanceTypes": ["optimal"], "subnets": ["s"],
            "securityGroupIds": ["g"], "instanceRole": "r",
        });
        let environment = json!({ "computeEnvironmentName": "ce", "type": "MANAGED", "computeResources": resources });
        server.ok("CreateComputeEnvironment", environment).await;
        let order = json!([{ "order": 1, "computeEnvironment": "ce" }]);
        let queue = json!({ "jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": order });
        server.ok("CreateJobQueue", queue).await;
        let needs = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
        let container = json!({ "image": "host", "resourceRequirements": needs });
        let definition = json!({ "jobDefinitionName": "d", "type": "container", "containerProperties": container });
        server.ok("RegisterJobDefinition", definition).await;
        server
    }
}

impl Commander for Live {
    fn command(&self, command: Command) -> BoxFuture<'_, Result<Response, CommandError>> {
        let mut state = self.state.lock().unwrap();
        let (engine, commit) = &mut *state;
        let answer = engine.apply(Timestamp::from_millis(1_000), command);
        if engine.has_changes() {
            *commit += 1;
            self.writer.commit(*commit, engine.take_changes(*commit)).unwrap();
            engine.committed(self.outcomes.lock().unwrap().recv().unwrap().unwrap());
        }
        Box::pin(async move { answer.map_err(CommandError::Refused) })
    }

    fn ask(&self, question: Question) -> BoxFuture<'_, Option<longshore_engine::Answer>> {
        let answer = self.state.lock().unwrap().0.answer(Timestamp::from_millis(1_000), &question);
        Box::pin(async { Some(answer) })
    }
}

/// One HTTP/1.1 connection.
pub(crate) struct Client(BufReader<TcpStream>);

/// A response read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    pub(crate) async fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.write(method, target, headers, body).await;
        self.read().await
    }

    pub(crate) async fn write(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        // A test may lie about it.
        let told = headers.contains("content-length");
        let length = if told { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        let head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n{length}{headers}\r\n");
        // A server that refuses early may close before it has read everything.
        let _ = self.0.write_all((head + body).as_bytes()).await;
    }

    pub(crate) async fn read(&mut self) -> Answer {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut answer = Answer { status, headers, text: String::new() };
        let mut bytes = vec![0; answer.header("content-length").parse().unwrap()];
        self.0.read_exact(&mut bytes).await.unwrap();
        answer.text = String::from_utf8(bytes).unwrap();
        answer
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn error_type(&self) -> &str {
        self.header("x-amzn-errortype")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// An S3 endpoint that echoes; with a gate it says that it has a request and waits until it is told to go on.
pub(crate) fn s3(gate: Option<Arc<Gate>>) -> Arc<dyn S3Route> {
    Arc::new(Echo(gate))
}

/// Two rendezvous: a request has arrived, and it may go on.
#[derive(Default)]
pub(crate) struct Gate {
    pub(crate) arrived: Notify,
    pub(crate) go: Notify,
}

struct Echo(Option<Arc<Gate>>);

impl S3Route for Echo {
    fn call(&self, request: http::Request<ObjectBody>) -> BoxFuture<'_, http::Response<Body>> {
        Box::pin(async move {
            if let Some(gate) = &self.0 {
                gate.arrived.notify_one();
                gate.go.notified().await;
            }
            let (parts, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let text = format!("{} {} {}", parts.method, parts.uri, String::from_utf8_lossy(&body));
            http::Response::new(full(text))
        })
    }
}

impl EventsService {
    /// Over a store in which nothing happens; the senders live on for good.
    fn idle(reader: longshore_store::Reader) -> Self {
        let (commits, stopping) = (watch::channel(0), watch::channel(false));
        std::mem::forget((commits.0, stopping.0));
        Self { reader, commits: commits.1, stopping: stopping.1 }
    }
}

/// Longshore's own limits.
pub(crate) fn quotas() -> Arc<Quotas> {
    Arc::new(Quotas::new(longshore_types::Limits::standard()))
}
