//! Processes that a former runner's death left behind: found by its record of live sessions, and killed before anything
//! is started. The kernel has killed each attempt's first process already; this is about the rest.

use crate::live::Session;
use crate::output::output_path;
use longshore_types::AttemptId;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeMap;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How often all processes are looked through before one that does not die is given up.
const ROUNDS: usize = 100;
const ROUND_WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// How often, and how far apart, a process that shows no environment is looked at again before it is spared: while it
/// executes its next program, a job's shows none either.
const BARE_ROUNDS: usize = 20;
const BARE_WAIT: Duration = Duration::from_millis(5);

/// What one process is to the recorded sessions.
enum Found {
    /// One of theirs.
    Job(OwnedFd),
    /// In a session of their number, with nothing to tell by whether it is theirs.
    Bare,
    Stranger,
}

/// Kills what is left of these sessions and answers how many processes that were.
pub(crate) fn end(sessions: &[Session], data_dir: &Path) -> usize {
    let mut killed = 0;
    let mut bare_rounds = 0;
    for _round in 0..ROUNDS {
        let (left, any_bare) = find(sessions, data_dir);
        if left.is_empty() && (!any_bare || bare_rounds == BARE_ROUNDS) {
            return killed;
        }
        for process in &left {
            if pidfd_send_signal(process, Signal::KILL).is_ok() {
                killed += 1;
            }
        }
        if left.is_empty() {
            bare_rounds += 1;
            thread::sleep(BARE_WAIT);
        } else {
            wait_for_one(&left);
        }
    }
    tracing::warn!("processes of a former agent do not die: look for attempts of {}", data_dir.display());
    killed
}

fn wait_for_one(processes: &[OwnedFd]) {
    let mut waits: Vec<PollFd<'_>> = processes.iter().map(|process| PollFd::new(process, PollFlags::IN)).collect();
    let _looked_at_again_in_any_case = rustix::event::poll(&mut waits, Some(&ROUND_WAIT));
}

/// The processes of these sessions, and whether there are some that may be.
fn find(sessions: &[Session], data_dir: &Path) -> (Vec<OwnedFd>, bool) {
    let mut left = Vec::new();
    let mut any_bare = false;
    let by_session: BTreeMap<i32, AttemptId> =
        sessions.iter().map(|session| (session.pid.as_raw_nonzero().get(), session.output)).collect();
    let outputs: Vec<PathBuf> = sessions.iter().map(|session| output_path(data_dir, session.output)).collect();
    if sessions.is_empty() {
        return (left, any_bare);
    }
    let entries = fs::read_dir("/proc").into_iter().flatten();
    for pid in entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()) {
        match look_at(pid, &by_session, &outputs) {
            Found::Job(process) => left.push(process),
            Found::Bare => any_bare = true,
            Found::Stranger => {}
        }
    }
    (left, any_bare)
}

/// Whether a process is one of these sessions'. The handle is taken first, so that what is then read is about the process
/// that it stands for, or about none.
///
/// A session's number may have been taken by a stranger since, so a process must look like a job's besides: by its
/// environment or by where its output goes.
fn look_at(pid: i32, by_session: &BTreeMap<i32, AttemptId>, outputs: &[PathBuf]) -> Found {
    let Some(handle) = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else {
        return Found::Stranger;
    };
    let writes = ["1", "2"].iter().filter_map(|fd| fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok());
    if writes.into_iter().any(|target| outputs.contains(&target)) {
        return Found::Job(handle);
    }
    if !session_of(pid).is_some_and(|session| by_session.contains_key(&session)) {
        return Found::Stranger;
    }
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    match environment.split(|byte| *byte == 0).any(|entry| entry.starts_with(b"AWS_BATCH_JOB_ID=")) {
        true => Found::Job(handle),
        false if environment.is_empty() => Found::Bare,
        false => Found::Stranger,
    }
}

/// The session of a live process: the fourth field after its name in parentheses; none of a dead one.
fn session_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    fields.nth(2).filter(|_| state != "Z" && state != "X")?.parse().ok()
}

#[cfg(test)]
mod tests;
