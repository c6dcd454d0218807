//! `longshore logs`: the output of a job, of several containers with the name before each line, or of the children of an
//! array with their index.

mod children;

use std::collections::BTreeMap;
use std::time::Duration;

use super::Exit;
use super::connection::Connection;
use crate::client::logs::{LogCursor, LogEvent};
use crate::client::{Client, job::Job};
use crate::output::{self, time};
use crate::watch::WatchError;

const PAUSE: Duration = Duration::from_millis(300);

/// Show the output of a job
#[derive(Debug, clap::Args)]
#[command(after_help = "The output of an array job is that of its children, each line after [INDEX]; that of a
job of several containers has [NAME] before each line.

Examples:
  longshore logs 6a9f…
  longshore logs -f 6a9f…:3
  longshore logs --attempt 1 6a9f…")]
pub(crate) struct Args {
    /// The id of a job, or of a child of an array (ID:INDEX)
    #[arg(value_name = "ID")]
    id: String,

    /// Go on until the job has ended
    #[arg(short, long)]
    follow: bool,

    /// Put the time before each line
    #[arg(short, long)]
    timestamps: bool,

    /// The output of this attempt, from 1 [default: the last]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10))]
    attempt: Option<u16>,

    #[command(flatten)]
    connection: Connection,
}

/// Whose output to show, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Show<'a> {
    pub(super) id: &'a str,
    pub(super) follow: bool,
    pub(super) timestamps: bool,
    pub(super) attempt: Option<usize>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    let attempt = args.attempt.map(usize::from);
    show(&client, &Show { id: &args.id, follow: args.follow, timestamps: args.timestamps, attempt })?;
    Ok(Exit::Success)
}

/// Writes the output to stdout, with `follow` until the job has ended.
pub(super) fn show(client: &Client, show: &Show<'_>) -> anyhow::Result<()> {
    let job = describe(client, show.id)?;
    if job.array_size().is_some() {
        return children::show(client, show);
    }
    let Some(attempt) = show.attempt.filter(|number| job.is_terminal() && *number > job.attempts.len()) else {
        return show_one(client, show, job);
    };
    anyhow::bail!("there is no attempt {attempt}: the job had {}", job.attempts.len())
}

fn show_one(client: &Client, show: &Show<'_>, mut job: Job) -> anyhow::Result<()> {
    let mut open = OpenStreams::default();
    loop {
        open.read(client, &job, show.attempt, |container, event| {
            let of = container.map(|name| format!("[{name}] ")).unwrap_or_default();
            output::data(format!("{of}{}", line(event, show.timestamps)));
        })?;
        if !show.follow || job.is_terminal() {
            break;
        }
        std::thread::sleep(PAUSE);
        job = describe(client, show.id)?;
    }
    if !open.exists() {
        let why = job.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
        output::say(format!("no output: the job is {}{why}", job.status));
    }
    Ok(())
}

/// The log streams of a job's containers, by name.
#[derive(Debug, Default)]
struct OpenStreams(BTreeMap<Option<String>, OpenStream>);

impl OpenStreams {
    /// Reads what is new of every container; `each` is told whose it is when there are several.
    fn read(
        &mut self,
        client: &Client,
        job: &Job,
        attempt: Option<usize>,
        mut each: impl FnMut(Option<&str>, &LogEvent),
    ) -> Result<(), crate::client::Error> {
        let streams: BTreeMap<Option<&str>, &str> = job.log_streams(attempt).into_iter().collect();
        for name in streams.keys() {
            self.0.entry(name.map(ToOwned::to_owned)).or_default();
        }
        for (name, open) in &mut self.0 {
            let name = name.as_deref();
            open.read(client, streams.get(&name).copied(), |event| each(name, event))?;
        }
        Ok(())
    }

    fn exists(&self) -> bool {
        self.0.values().any(OpenStream::exists)
    }
}

/// The log stream that is being read, once the job has one. A new attempt has a new one.
#[derive(Debug, Default)]
struct OpenStream(Option<LogCursor>);

impl OpenStream {
    /// Reads what is new, first of the stream before if `stream` is another.
    fn read(
        &mut self,
        client: &Client,
        stream: Option<&str>,
        mut each: impl FnMut(&LogEvent),
    ) -> Result<(), crate::client::Error> {
        if let Some(cursor) = &mut self.0 {
            drain(client, cursor, &mut each)?;
        }
        match stream {
            Some(stream) if self.0.as_ref().is_none_or(|cursor| cursor.stream() != stream) => {
                drain(client, self.0.insert(LogCursor::new(stream)), each)
            }
            _ => Ok(()),
        }
    }

    fn exists(&self) -> bool {
        self.0.is_some()
    }
}

/// Reads up to the end that the stream has now.
pub(crate) fn drain(
    client: &Client,
    cursor: &mut LogCursor,
    mut each: impl FnMut(&LogEvent),
) -> Result<(), crate::client::Error> {
    loop {
        let events = client.next_log_events(cursor)?;
        if events.is_empty() {
            return Ok(());
        }
        events.iter().for_each(&mut each);
    }
}

fn line(event: &LogEvent, timestamps: bool) -> String {
    let message = event.message.trim_end_matches('\n');
    if timestamps { format!("{} {message}", time::instant(event.timestamp)) } else { message.to_owned() }
}

fn describe(client: &Client, id: &str) -> Result<Job, WatchError> {
    let found = client.describe_jobs(&[id.to_owned()])?.pop();
    found.ok_or_else(|| WatchError::Unknown { id: id.to_owned() })
}
