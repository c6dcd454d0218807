//! A load of HTTP requests that costs little itself: prepared requests over kept connections, one thread each.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// An operation of AWS Batch, as it goes over the wire. The server under test accepts any signature.
pub(super) fn request(authority: &str, operation: &str, body: &str) -> Vec<u8> {
    let path = format!("/v1/{}", operation.to_lowercase());
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// One kept connection.
#[derive(Debug)]
pub(super) struct Connection {
    authority: String,
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(super) fn open(authority: &str) -> Result<Self> {
        let stream = TcpStream::connect(authority).with_context(|| format!("failed to connect to {authority}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { authority: authority.to_owned(), stream: BufReader::new(stream) })
    }

    /// Calls an operation of AWS Batch, which must succeed.
    pub(super) fn call(&mut self, operation: &str, body: &Value) -> Result<Value> {
        let answer = self.ask(&request(&self.authority, operation, &body.to_string()))?;
        serde_json::from_slice(&answer).with_context(|| format!("failed to read the answer of {operation}"))
    }

    /// Sends a request and returns the body of the answer, which must be a success.
    pub(super) fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.stream.get_mut().write_all(request).context("failed to send a request")?;
        let status = self.line()?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().context("failed to read the length of an answer")?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).context("failed to read an answer")?;
        if status.split(' ').nth(1) != Some("200") {
            bail!("{status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(body)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).context("failed to read an answer")? == 0 {
            bail!("the server has closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }
}

/// Sends the same request `count` times over so many connections and returns how long each took.
pub(super) fn repeat(authority: &str, request: &[u8], count: u32, connections: u32) -> Result<Vec<Duration>> {
    let share = |number: u32| count / connections + u32::from(number < count % connections);
    let worker = |number: u32| -> Result<Vec<Duration>> {
        let mut connection = Connection::open(authority)?;
        let mut timed = || -> Result<Duration> {
            let begin = Instant::now();
            connection.ask(request)?;
            Ok(begin.elapsed())
        };
        (0..share(number)).map(|_| timed()).collect()
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..connections).map(|number| scope.spawn(move || worker(number))).collect();
        let mut times = Vec::new();
        for worker in workers {
            times.extend(worker.join().map_err(|_| anyhow::anyhow!("a connection's thread panicked"))??);
        }
        Ok(times)
    })
}
