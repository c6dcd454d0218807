//! How fast pages of a large log are read: writes a log of 100-byte lines with an index of five records a second, and
//! times first, last and middle pages, walks through all of it, and a search, beside `tail` and `grep` on the same file.
//!
//! `cargo run --release -p longshore-logs --example pages -- [GIGABYTES]`

use longshore_logs::{Filter, GetEvents, LogReader, Stream};
use longshore_types::{AttemptId, Timestamp};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const LINE_BYTES: u64 = 100;
/// What the job writes between two looks of the agent.
const LINES_PER_RECORD: u64 = 2_000;

fn main() -> Outcome<()> {
    let gigabytes: u64 = std::env::args().nth(1).map_or(Ok(1), |text| text.parse())?;
    let root = tempfile::tempdir()?;
    let lines = gigabytes * 1_000_000_000 / LINE_BYTES;
    let stream = ended_stream(lines);
    let file = write(root.path(), &stream, lines)?;
    let reader = LogReader::new(root.path());
    pages(&reader, &stream, lines)?;
    walks(&reader, &stream)?;
    search(&reader, &stream)?;
    follow(&reader, &stream)?;
    peers(&file)
}

fn ended_stream(lines: u64) -> Stream {
    let ended = i64::try_from(lines / LINES_PER_RECORD * 200).unwrap_or(i64::MAX);
    Stream {
        group: "/aws/batch/job".into(),
        name: "d/default/1".into(),
        attempt: AttemptId::from_random(1),
        created_at: Timestamp::from_millis(0),
        ended_at: Some(Timestamp::from_millis(ended)),
    }
}

/// Writes the log and its index; gives the log's path.
fn write(root: &Path, stream: &Stream, lines: u64) -> Outcome<PathBuf> {
    let id = stream.attempt.to_string();
    let directory = root.join(&id[..2]);
    fs::create_dir_all(&directory)?;
    let path = directory.join(format!("{id}.log"));
    let mut log = BufWriter::with_capacity(1 << 20, File::create(&path)?);
    let mut index = BufWriter::new(File::create(directory.join(format!("{id}.idx")))?);
    for line in 1..=lines {
        writeln!(log, "line {line:>20} {}", "x".repeat(73))?;
        if line % LINES_PER_RECORD == 0 {
            index.write_all(&(line * LINE_BYTES).to_le_bytes())?;
            index.write_all(&(line / LINES_PER_RECORD * 200).to_le_bytes())?;
        }
    }
    log.flush()?;
    index.flush()?;
    Ok(path)
}

fn pages(reader: &LogReader, stream: &Stream, lines: u64) -> Outcome<()> {
    let middle = i64::try_from(lines / LINES_PER_RECORD * 100)?;
    let from_head = GetEvents { start_from_head: true, ..GetEvents::default() };
    let from_middle = GetEvents { start_time: Some(Timestamp::from_millis(middle)), ..from_head.clone() };
    let of_ten = GetEvents { limit: Some(10), ..GetEvents::default() };
    let queries = [
        ("first page", from_head),
        ("page from the middle", from_middle),
        ("last page", GetEvents::default()),
        ("last 10", of_ten),
    ];
    for (name, query) in queries {
        // Once to warm up, once to be timed.
        reader.get_log_events(stream, &query)?;
        let begun = Instant::now();
        let events = reader.get_log_events(stream, &query)?.events.len();
        say(name, begun.elapsed(), events)?;
    }
    Ok(())
}

fn walks(reader: &LogReader, stream: &Stream) -> Outcome<()> {
    for (name, start_from_head) in [("all pages forward", true), ("all pages backward", false)] {
        let mut query = GetEvents { start_from_head, ..GetEvents::default() };
        let (begun, mut events) = (Instant::now(), 0);
        loop {
            let page = reader.get_log_events(stream, &query)?;
            let token = if start_from_head { page.next_forward_token } else { page.next_backward_token };
            events += page.events.len();
            if query.next_token.replace(token) == query.next_token {
                break;
            }
        }
        say(name, begun.elapsed(), events)?;
    }
    Ok(())
}

fn search(reader: &LogReader, stream: &Stream) -> Outcome<()> {
    let patterns = [("all events, filtered", ""), ("search for a word", "77777"), ("search for %77+8%", "%77+8%")];
    for (name, pattern) in patterns {
        let mut filter = Filter { pattern: pattern.into(), ..Filter::default() };
        let (begun, mut events) = (Instant::now(), 0);
        loop {
            let page = reader.filter_log_events(std::slice::from_ref(stream), &filter)?;
            events += page.events.len();
            filter.next_token = page.next_token;
            if filter.next_token.is_none() {
                break;
            }
        }
        say(name, begun.elapsed(), events)?;
    }
    Ok(())
}

/// A poll of `aws logs tail --follow` over ten thousand streams that have nothing new, half of them ended.
fn follow(reader: &LogReader, stream: &Stream) -> Outcome<()> {
    let streams = (2..10_002_u32).map(|number| Stream {
        attempt: AttemptId::from_random(u128::from(number) << 120 | u128::from(number)),
        ended_at: (number % 2 == 0).then_some(Timestamp::from_millis(1)),
        ..stream.clone()
    });
    let streams: Vec<Stream> = streams.chain([stream.clone()]).collect();
    let filter = Filter { start_time: stream.ended_at, ..Filter::default() };
    let begun = Instant::now();
    let events = reader.filter_log_events(&streams, &filter)?.events.len();
    say("poll of 10,001 streams", begun.elapsed(), events)
}

fn peers(file: &Path) -> Outcome<()> {
    for (program, arguments) in [("tail", ["-n", "10000"]), ("grep", ["-c", "77777"]), ("grep", ["-cE", "77+8"])] {
        let begun = Instant::now();
        let mut command = Command::new(program);
        // Into a pipe: grep stops early when nobody wants its output.
        command.args(arguments).arg(file).stdout(Stdio::piped()).env("LC_ALL", "C").output()?;
        say(&format!("{program} {}", arguments.join(" ")), begun.elapsed(), 0)?;
    }
    Ok(())
}

fn say(what: &str, took: Duration, events: usize) -> Outcome<()> {
    let (seconds, events) = (took.as_secs_f64(), u32::try_from(events)?);
    let rate = f64::from(events) / seconds / 1e6;
    Ok(writeln!(std::io::stdout(), "{what:24} {:>10.2} ms {events:>9} events {rate:>6.2} M/s", seconds * 1e3)?)
}
