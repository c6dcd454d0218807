//! Both ends over real sockets.

use crate::{Client, ClientEvent, LinkEvent, LinkId, Listener, Outgoing};
use longshore_protocol::{AgentMessage, AttemptEvent, ControlMessage, Report};
use longshore_types::{AttemptId, Timestamp};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

fn directory() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("agent.sock");
    (directory, path)
}

fn listen(path: &Path) -> (Listener, Receiver<LinkEvent>) {
    let (sender, events) = channel();
    let listener = Listener::bind(path, move |event| drop(sender.send(event))).unwrap();
    (listener, events)
}

fn connect(path: &Path) -> (Client, Receiver<ClientEvent>) {
    let (sender, events) = channel();
    let client = Client::start(path.to_owned(), move |event| drop(sender.send(event))).unwrap();
    (client, events)
}

fn connected(events: &Receiver<ClientEvent>) -> Outgoing<AgentMessage> {
    match events.recv_timeout(PATIENCE).unwrap() {
        ClientEvent::Connected(outgoing) => outgoing,
        other => panic!("not connected: {other:?}"),
    }
}

fn report(number: u64) -> AgentMessage {
    let event = AttemptEvent::Started { attempt: AttemptId::from_random(1), at: Timestamp::from_millis(0) };
    AgentMessage::Report(Report { number, event })
}

fn welcome(listener: &Listener, events: &Receiver<LinkEvent>) -> LinkId {
    let LinkEvent::FromAgent(link, _) = events.recv_timeout(PATIENCE).unwrap() else { panic!("no message") };
    listener.send(link, ControlMessage::Ack { through: 0 });
    link
}

#[test]
fn messages_go_both_ways() {
    let (_directory, path) = directory();
    let (listener, from_agent) = listen(&path);
    let (_client, events) = connect(&path);
    let outgoing = connected(&events);
    outgoing.send(report(1));
    assert_eq!(from_agent.recv_timeout(PATIENCE).unwrap(), LinkEvent::FromAgent(LinkId(1), report(1)));
    listener.send(LinkId(1), ControlMessage::Ack { through: 7 });
    let answer = events.recv_timeout(PATIENCE).unwrap();
    assert!(matches!(answer, ClientEvent::FromControl(ControlMessage::Ack { through: 7 })));
}

#[test]
fn socket_is_its_owners_alone() {
    let (_directory, path) = directory();
    let _listener = listen(&path);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn socket_of_a_dead_server_is_replaced() {
    let (_directory, path) = directory();
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let (listener, from_agent) = listen(&path);
    let (_client, events) = connect(&path);
    let outgoing = connected(&events);
    outgoing.send(report(1));
    welcome(&listener, &from_agent);
}

#[test]
fn path_beyond_the_kernels_limit_works() {
    let directory = tempfile::tempdir().unwrap();
    let deep = directory.path().join("d".repeat(200));
    std::fs::create_dir(&deep).unwrap();
    let path = deep.join("agent.sock");
    let (listener, from_agent) = listen(&path);
    let (_client, events) = connect(&path);
    let outgoing = connected(&events);
    outgoing.send(report(1));
    welcome(&listener, &from_agent);
}

#[test]
fn missing_directory_is_a_clear_error() {
    let (_directory, path) = directory();
    let error = Listener::bind(&path.join("below"), |_| {}).unwrap_err().to_string();
    assert!(error.starts_with("listen for agents on ") && error.contains("check that the directory"), "{error}");
}

#[test]
fn client_connects_again_when_the_server_comes_back() {
    let (_directory, path) = directory();
    let (_client, events) = connect(&path);
    let (first, from_agent) = listen(&path);
    let stale = connected(&events);
    drop(first);
    assert!(matches!(events.recv_timeout(PATIENCE).unwrap(), ClientEvent::Disconnected));
    assert!(matches!(from_agent.recv_timeout(PATIENCE).unwrap(), LinkEvent::Closed(_)));
    let (second, from_agent) = listen(&path);
    let fresh = connected(&events);
    stale.send(report(1));
    fresh.send(report(2));
    assert_eq!(from_agent.recv_timeout(PATIENCE).unwrap(), LinkEvent::FromAgent(LinkId(1), report(2)));
    drop(second);
}

#[test]
fn client_that_goes_is_closed_once() {
    let (_directory, path) = directory();
    let (listener, from_agent) = listen(&path);
    let (client, events) = connect(&path);
    let outgoing = connected(&events);
    outgoing.send(report(1));
    let link = welcome(&listener, &from_agent);
    drop(client);
    assert_eq!(from_agent.recv_timeout(PATIENCE).unwrap(), LinkEvent::Closed(link));
    listener.send(link, ControlMessage::Ack { through: 1 });
    drop(listener);
    assert!(from_agent.recv_timeout(PATIENCE).is_err());
}

#[test]
fn malformed_frame_closes_that_link_only() {
    let (_directory, path) = directory();
    let (listener, from_agent) = listen(&path);
    let (_client, events) = connect(&path);
    let outgoing = connected(&events);
    outgoing.send(report(1));
    let good = welcome(&listener, &from_agent);
    for garbage in [b"\x02\0\0\0{}".as_slice(), b"\xff\xff\xff\xffGET / HTTP/1.1"] {
        let mut stranger = UnixStream::connect(&path).unwrap();
        stranger.write_all(garbage).unwrap();
        assert!(matches!(from_agent.recv_timeout(PATIENCE).unwrap(), LinkEvent::Closed(link) if link != good));
        let ended = stranger.read(&mut [0]);
        assert!(matches!(ended, Ok(0) | Err(_)), "the link is still open");
    }
    listener.send(good, ControlMessage::Ack { through: 9 });
}

#[test]
fn both_ends_talking_at_once_never_wait_for_each_other() {
    const MESSAGES: u64 = 20_000;
    let (_directory, path) = directory();
    let (listener, from_agent) = listen(&path);
    let (_client, events) = connect(&path);
    let outgoing = connected(&events);
    outgoing.send(report(0));
    let link = welcome(&listener, &from_agent);
    for number in 1..=MESSAGES {
        outgoing.send(report(number));
        listener.send(link, ControlMessage::Ack { through: number });
    }
    for number in 1..=MESSAGES {
        assert_eq!(from_agent.recv_timeout(PATIENCE).unwrap(), LinkEvent::FromAgent(link, report(number)));
    }
    let acks = std::iter::from_fn(|| events.recv_timeout(PATIENCE).ok());
    assert_eq!(acks.take(MESSAGES as usize + 1).count() as u64, MESSAGES + 1);
}

#[test]
fn peer_that_does_not_read_loses_its_link() {
    let (_directory, path) = directory();
    let (listener, from_agent) = listen(&path);
    let mut silent = UnixStream::connect(&path).unwrap();
    let text = serde_json::to_vec(&report(1)).unwrap();
    silent.write_all(&u32::try_from(text.len()).unwrap().to_le_bytes()).unwrap();
    silent.write_all(&text).unwrap();
    let link = welcome(&listener, &from_agent);
    let closed = (0..10_000_000).any(|through| {
        listener.send(link, ControlMessage::Ack { through });
        matches!(from_agent.try_recv(), Ok(LinkEvent::Closed(_)))
    });
    assert!(closed, "ten million messages wait for a peer that does not read");
}
