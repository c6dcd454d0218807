//! The output of the children of an array: each line after the child's index, children by index, while following in
//! the order in which output comes.

use std::collections::BTreeMap;

use super::{OpenStreams, PAUSE, Show, describe, line};
use crate::client::Client;
use crate::client::batch::JobsOf;
use crate::client::job::Job;
use crate::client::logs::LogEvent;
use crate::output;

/// Children that can have output.
const STARTED: [&str; 3] = ["RUNNING", "SUCCEEDED", "FAILED"];

/// How far a child has been read.
#[derive(Default)]
struct Child {
    open: OpenStreams,
    read_to_end: bool,
}

pub(super) fn show(client: &Client, show: &Show<'_>) -> anyhow::Result<()> {
    let mut children: BTreeMap<u64, Child> = BTreeMap::new();
    loop {
        // Asked before the children, so that none of them can end unseen.
        let parent = describe(client, show.id)?;
        for job in started(client, show.id, &children)? {
            let Some(index) = job.array_index() else { continue };
            let child = children.entry(index).or_default();
            read(client, show, &job, child)?;
        }
        if !show.follow || parent.is_terminal() {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    if children.values().all(|child| !child.open.exists()) {
        output::say("no output: no child has started");
    }
    Ok(())
}

/// The children with output still to come, by index, with their log streams.
fn started(client: &Client, id: &str, children: &BTreeMap<u64, Child>) -> anyhow::Result<Vec<Job>> {
    let listed = client.list_jobs(JobsOf::Array(id), &STARTED)?;
    let done =
        |job: &Job| job.array_index().and_then(|index| children.get(&index)).is_some_and(|child| child.read_to_end);
    let open: Vec<String> = listed.into_iter().filter(|job| !done(job)).map(|job| job.job_id).collect();
    let mut jobs = client.describe_jobs(&open)?;
    jobs.sort_by_key(Job::array_index);
    Ok(jobs)
}

fn read(client: &Client, show: &Show<'_>, job: &Job, child: &mut Child) -> anyhow::Result<()> {
    let index = job.array_index().unwrap_or_default();
    let each = |container: Option<&str>, event: &LogEvent| {
        let of = container.map(|name| format!(" {name}")).unwrap_or_default();
        output::data(format!("[{index}{of}] {}", line(event, show.timestamps)));
    };
    child.open.read(client, job, show.attempt, each)?;
    child.read_to_end = job.is_terminal();
    Ok(())
}
