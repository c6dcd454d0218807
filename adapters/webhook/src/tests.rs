//! Targets that take, refuse, vanish and come back.

use crate::{BoxError, Delivery, Page, Source, Target};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// As many events as there are numbers up to `last`; every third one is of a job that failed.
struct Numbers {
    last: u64,
}

fn event(seq: u64) -> Value {
    let status = if seq.is_multiple_of(3) { "FAILED" } else { "RUNNING" };
    json!({ "detail-type": "Batch Job State Change", "detail": { "status": status, "seq": seq } })
}

impl Source for Numbers {
    fn read(&self, after: u64, limit: usize) -> Result<Page, BoxError> {
        let events: Vec<_> = (after + 1..=self.last).take(limit).map(|seq| (seq, event(seq))).collect();
        let next = events.last().map_or(after, |(seq, _)| *seq);
        Ok(Page { events, next, last: self.last })
    }
}

/// A receiver that answers with the statuses of `answers` first, and with 200 from then on, and hands on what it gets.
fn receiver(mut answers: Vec<u16>) -> (SocketAddr, Receiver<u64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (got, received) = channel();
    answers.reverse();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            while let Some((sequence, body)) = request(&mut stream) {
                assert_eq!(body["detail"]["seq"], json!(sequence));
                let status = answers.pop().unwrap_or(200);
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
                if got.send(sequence).is_err() {
                    return;
                }
            }
        }
    });
    (address, received)
}

fn request(stream: &mut BufReader<TcpStream>) -> Option<(u64, Value)> {
    let (mut length, mut sequence) = (0, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line == "\r\n" { break } else { continue }
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "x-longshore-sequence" => sequence = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((sequence, serde_json::from_slice(&body).unwrap()))
}

fn target(address: SocketAddr) -> Target {
    Target { url: format!("http://{address}/events"), ..Target::default() }
}

fn start(target: Target, last: u64, directory: &Path) -> Delivery {
    Delivery::start(target, Box::new(Numbers { last }), directory, 0).unwrap()
}

fn take(received: &Receiver<u64>, count: usize) -> Vec<u64> {
    (0..count).map(|_| received.recv_timeout(Duration::from_secs(20)).unwrap()).collect()
}

#[test]
fn target_that_takes_everything_gets_everything_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let (address, received) = receiver(Vec::new());
    let _delivery = start(target(address), 600, directory.path());
    assert_eq!(take(&received, 600), (1..=600).collect::<Vec<u64>>());
}

#[test]
fn event_that_is_refused_is_sent_again_before_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let (address, received) = receiver(vec![200, 500, 404, 200]);
    let _delivery = start(target(address), 3, directory.path());
    assert_eq!(take(&received, 5), [1, 2, 2, 2, 3]);
}

#[test]
fn target_with_wishes_gets_only_what_it_wants() {
    let directory = tempfile::tempdir().unwrap();
    let (address, received) = receiver(Vec::new());
    let picky = Target { statuses: vec!["FAILED".into()], ..target(address) };
    let _delivery = start(picky, 9, directory.path());
    assert_eq!(take(&received, 3), [3, 6, 9]);
    let blocked = Target { detail_types: vec!["Batch Job Queue Blocked".into()], ..target(address) };
    assert!(!blocked.wants(&event(3)));
}

#[test]
fn delivery_that_is_started_again_goes_on_where_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let (address, received) = receiver(Vec::new());
    let first = start(target(address), 5, directory.path());
    assert_eq!(take(&received, 5), [1, 2, 3, 4, 5]);
    // While it is written there is a second file beside it.
    let whole = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let cursor = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path()).find(whole).unwrap();
    while !std::fs::read_to_string(&cursor).unwrap().contains("\"after\":5") {
        std::thread::yield_now();
    }
    drop(first);
    let _second = start(target(address), 7, directory.path());
    assert_eq!(take(&received, 2), [6, 7]);
}

#[test]
fn new_target_begins_with_what_happens_next() {
    let directory = tempfile::tempdir().unwrap();
    let (address, received) = receiver(Vec::new());
    let _delivery = Delivery::start(target(address), Box::new(Numbers { last: 5 }), directory.path(), 3).unwrap();
    assert_eq!(take(&received, 2), [4, 5]);
}

#[test]
fn target_that_is_gone_gets_all_when_it_is_back() {
    let directory = tempfile::tempdir().unwrap();
    let vacant = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = vacant.local_addr().unwrap();
    drop(vacant);
    let _delivery = start(target(address), 2, directory.path());
    let listener = loop {
        if let Ok(listener) = TcpListener::bind(address) {
            break listener;
        }
    };
    let (stream, _) = listener.accept().unwrap();
    let mut stream = BufReader::new(stream);
    assert_eq!(request(&mut stream).unwrap().0, 1);
}
