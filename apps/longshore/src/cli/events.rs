//! `longshore events`: what happened to jobs, and with `--follow` what happens next, each event once.

use super::connection::Connection;
use super::{Exit, values};
use crate::client::events::{EventsPage, NumberedEvent};
use crate::client::{Client, Error};
use crate::output;
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const PAGE: &str = "500";
/// How long one request waits for something to happen.
const WAIT_MS: &str = "20000";
/// Between two tries to reach a server that has gone away.
const PAUSE: Duration = Duration::from_millis(500);

/// Show what happened to jobs, and follow what happens
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Without --since: everything that is kept; with --follow only what happens from now on. --json prints
each event in the form of Amazon EventBridge, one a line. Following goes on across restarts of the server.

Examples:
  longshore events --since 10m
  longshore events -f --status FAILED
  longshore events -f --job 6a9f… --json"
)]
pub(crate) struct Args {
    /// Go on with what happens from now on
    #[arg(short, long)]
    follow: bool,

    /// Begin so long ago, or at this time (2026-01-31T12:00:00Z)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<SystemTime>,

    /// Only events of this job and its children, or of this child (ID:INDEX)
    #[arg(long, value_name = "ID")]
    job: Option<String>,

    /// Only events of jobs in this queue
    #[arg(long, value_name = "QUEUE")]
    queue: Option<String>,

    /// Only events that tell of this status; may be repeated
    #[arg(long, value_name = "STATUS", value_parser = values::status)]
    status: Vec<String>,

    /// Print each event as JSON, in the form of Amazon EventBridge
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

fn since(text: &str) -> Result<SystemTime, String> {
    if let Ok(time) = humantime::parse_rfc3339_weak(text) {
        return Ok(time);
    }
    let ago = values::duration(text)?;
    Ok(SystemTime::now().checked_sub(ago).unwrap_or(UNIX_EPOCH))
}

impl Args {
    /// What is selected, whatever the place to begin.
    fn selection(&self) -> Vec<(&'static str, String)> {
        let status = (!self.status.is_empty()).then(|| self.status.join(","));
        let given = [("job", self.job.clone()), ("queue", self.queue.clone()), ("status", status)];
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
        given.chain([("limit", PAGE.to_owned())]).collect()
    }

    fn beginning(&self) -> (&'static str, String) {
        match self.since {
            Some(time) => {
                let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
                ("since", since.to_string())
            }
            None if self.follow => ("after", "latest".to_owned()),
            None => ("after", "0".to_owned()),
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let client = args.connection.client()?;
    let selection = args.selection();
    let ask = |begin: (&'static str, String), wait: Option<&str>| {
        let wait = wait.map(|wait| ("wait_ms", wait.to_owned()));
        client.events(&[selection.clone(), vec![begin], wait.into_iter().collect()].concat())
    };
    let begin = || ask(args.beginning(), None);
    let mut page = if args.follow { insist(&client, is_busy, begin)? } else { begin()? };
    loop {
        page.events.iter().for_each(|event| show(event, args.json));
        let after = ("after", page.next.to_string());
        let caught_up = page.events.is_empty() && page.next >= page.last;
        page = match (args.follow, caught_up) {
            (false, true) => return Ok(Exit::Success),
            (false, false) => ask(after, None)?,
            (true, _) => insist(&client, is_away, || ask(after.clone(), Some(WAIT_MS)))?,
        };
    }
}

fn is_busy(error: &Error) -> bool {
    matches!(error, Error::Refused { code, .. } if code == "TooManyRequestsException")
}

/// Whether a server that was there before may come back.
fn is_away(error: &Error) -> bool {
    let stops = matches!(error, Error::Refused { code, .. } if code == "ServerException");
    stops || is_busy(error) || matches!(error, Error::Unreachable { .. })
}

/// A page, from a server that may not give one for a while.
fn insist(
    client: &Client,
    passes: fn(&Error) -> bool,
    ask: impl Fn() -> Result<EventsPage, Error>,
) -> Result<EventsPage, Error> {
    let mut told = false;
    loop {
        match ask() {
            Err(error) if passes(&error) => {}
            result => return result,
        }
        if !told {
            output::say(format!("{} does not answer or is busy; waiting for it", client.endpoint()));
            told = true;
        }
        std::thread::sleep(PAUSE);
    }
}

fn show(event: &NumberedEvent, json: bool) {
    output::data(if json { event.event.to_string() } else { line(&event.event) });
}

/// Time, status, id, name and, if there is one, the reason.
fn line(event: &Value) -> String {
    let detail = &event["detail"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let blocked = event["detail-type"].as_str().is_some_and(|kind| kind.ends_with("Queue Blocked"));
    let status = if blocked { "BLOCKED".to_owned() } else { text(&detail["status"]) };
    let exit =
        detail["container"]["exitCode"].as_i64().filter(|code| *code != 0).map(|code| format!("exit code {code}"));
    let over = matches!(status.as_str(), "SUCCEEDED" | "RUNNING");
    let own = detail["container"]["reason"].as_str().or(detail["statusReason"].as_str()).filter(|_| !over);
    let reason: Vec<String> = exit.into_iter().chain(own.map(str::to_owned)).collect();
    let padding = " ".repeat(10_usize.saturating_sub(status.len()));
    let (status, id, name) = (output::status(&status), text(&detail["jobId"]), text(&detail["jobName"]));
    format!("{} {status}{padding} {id} {name}  {}", text(&event["time"]), reason.join(", ")).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    //! Lines for people.

    use super::*;
    use serde_json::json;

    fn check(event: &Value, expected: &str) {
        assert_eq!(anstream::adapter::strip_str(&line(event)).to_string(), expected);
    }

    #[test]
    fn failure_is_told_with_its_exit_code_and_reason() {
        let detail = json!({
            "status": "FAILED", "jobId": "6a9f", "jobName": "j", "container": { "exitCode": 3 },
            "statusReason": "Essential container in task exited",
        });
        let event =
            json!({ "time": "2026-01-01T00:00:00Z", "detail-type": "Batch Job State Change", "detail": detail });
        check(&event, "2026-01-01T00:00:00Z FAILED     6a9f j  exit code 3, Essential container in task exited");
    }

    #[test]
    fn blocked_queue_is_told_as_such() {
        let detail = json!({ "status": "RUNNABLE", "jobId": "6a9f", "jobName": "j", "statusReason": "X - y" });
        let event =
            json!({ "time": "2026-01-01T00:00:00Z", "detail-type": "Batch Job Queue Blocked", "detail": detail });
        check(&event, "2026-01-01T00:00:00Z BLOCKED    6a9f j  X - y");
    }

    #[test]
    fn beginning_is_a_time_or_a_span_before_now() {
        assert_eq!(since("2026-01-01T00:00:00Z").unwrap().duration_since(UNIX_EPOCH).unwrap().as_secs(), 1_767_225_600);
        let then = since("10m").unwrap();
        let ago = SystemTime::now().duration_since(then).unwrap();
        assert!((600..660).contains(&ago.as_secs()));
        assert!(since("yesterday").is_err());
    }
}
