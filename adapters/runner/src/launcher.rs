//! One launcher thread: takes orders, starts processes one at a time, waits for all of its own by one epoll set.

use crate::children;
use crate::failure::Failure;
use crate::index::Index;
use crate::limit::{Cell, Limits};
use crate::live::Live;
use crate::own::prefer_this_thread;
use crate::process::{Group, Process, now};
use crate::runner::Account;
use crate::start::Starter;
use crate::sys;
use longshore_agent::{ExitStatus, Launch, RunnerEvent, Signal};
use longshore_types::{AttemptId, Timestamp};
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::process::Pid;
use std::cell;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::{CString, OsString};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

/// Exits taken in at once; more wait in the kernel.
const EXITS_AT_ONCE: usize = 32;
/// How often a killed group is looked at until it is gone.
const GONE_POLL: Timespec = Timespec { tv_sec: 0, tv_nsec: 2_000_000 };
/// How long a killed group may take before that is said.
const GONE_LATE: Duration = Duration::from_secs(10);
/// What epoll calls the order queue; no process has this number.
const ORDERS: u64 = 0;

thread_local! {
    /// Set on the threads of launchers.
    static NUMBER: cell::Cell<Option<usize>> = const { cell::Cell::new(None) };
}

/// The number of the launcher whose thread this is, if it is one's.
pub(crate) fn own_number() -> Option<usize> {
    NUMBER.get()
}

/// What a launcher is asked to do.
#[derive(Debug)]
pub(crate) enum Order {
    Launch(Box<Launch>),
    Withdraw(AttemptId),
    Signal(AttemptId, Signal),
}

/// What all launchers share.
pub(crate) struct Shared {
    pub(crate) data_dir: PathBuf,
    pub(crate) work_dir: CString,
    pub(crate) inherited: Vec<(OsString, OsString)>,
    pub(crate) account: Account,
    pub(crate) dev_null: File,
    /// The limit on open files that attempts get.
    pub(crate) open_files: libc::rlimit,
    pub(crate) live: Live,
    pub(crate) limits: Option<Limits>,
    pub(crate) index: Arc<Index>,
    pub(crate) on_event: Box<dyn Fn(RunnerEvent) + Send + Sync>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

impl Shared {
    /// For the next attempt.
    pub(crate) fn give_back(&self, cell: Option<Cell>) {
        if let Some((limits, cell)) = self.limits.as_ref().zip(cell) {
            limits.give_back(cell);
        }
    }
}

/// A pid as epoll carries it.
fn number(pid: Pid) -> u64 {
    u64::from(pid.as_raw_nonzero().get().unsigned_abs())
}

pub(crate) struct Launcher {
    shared: Arc<Shared>,
    orders: Receiver<Order>,
    ordered: Arc<OwnedFd>,
    load: Arc<AtomicUsize>,
    epoll: OwnedFd,
    starter: Starter,
    waiting: VecDeque<Box<Launch>>,
    /// By pid.
    running: BTreeMap<u64, Process>,
    pids: BTreeMap<AttemptId, u64>,
    ending: Vec<Ending>,
}

/// A container whose first process is buried while others of its group are still dying.
struct Ending {
    group: Group,
    status: ExitStatus,
    at: Timestamp,
    since: Instant,
    late: bool,
}

impl Launcher {
    /// One that takes orders from the queue when the descriptor says so, and counts down what it has done with.
    pub(crate) fn new(
        shared: Arc<Shared>,
        (orders, ordered): (Receiver<Order>, Arc<OwnedFd>),
        load: Arc<AtomicUsize>,
    ) -> Result<Self, Errno> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &ordered, epoll::EventData::new_u64(ORDERS), epoll::EventFlags::IN)?;
        Ok(Self {
            starter: Starter::new(Arc::clone(&shared)),
            shared,
            orders,
            ordered,
            load,
            epoll,
            waiting: VecDeque::new(),
            running: BTreeMap::new(),
            pids: BTreeMap::new(),
            ending: Vec::new(),
        })
    }

    /// Works until the runner is dropped; then what runs is killed.
    pub(crate) fn run(mut self, number: usize) {
        NUMBER.set(Some(number));
        sys::block_signals();
        prefer_this_thread();
        loop {
            self.launch_next();
            self.finish_ending();
            // Those to which the ends have led among them.
            if !self.take_orders() {
                break;
            }
            self.wait();
        }
        for process in self.running.values() {
            process.signal(Signal::Kill);
            children::forget(process.group.pid);
        }
    }

    /// Whether there may be more.
    fn take_orders(&mut self) -> bool {
        loop {
            match self.orders.try_recv() {
                Ok(Order::Launch(launch)) => self.waiting.push_back(launch),
                Ok(Order::Withdraw(output)) => self.withdraw(output),
                Ok(Order::Signal(output, signal)) => self.signal(output, signal),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn withdraw(&mut self, output: AttemptId) {
        if let Some(place) = self.waiting.iter().position(|launch| launch.container.output == output) {
            self.waiting.remove(place);
            self.failed(output, &Failure::Withdrawn);
        }
    }

    fn signal(&self, output: AttemptId, signal: Signal) {
        if let Some(process) = self.pids.get(&output).and_then(|pid| self.running.get(pid)) {
            process.signal(signal);
        }
    }

    fn launch_next(&mut self) {
        let Some(launch) = self.waiting.pop_front() else { return };
        let output = launch.container.output;
        let process = match self.starter.start(&launch.container) {
            Ok(process) => process,
            Err(failure) => return self.failed(output, &failure),
        };
        if let Err(errno) = self.watch(&process) {
            process.signal(Signal::Kill);
            self.forget(process.bury().0);
            return self.failed(output, &Failure::Spawn { errno });
        }
        let pid = number(process.group.pid);
        self.pids.insert(output, pid);
        self.running.insert(pid, process);
        self.shared.index.started(output);
        self.tell(RunnerEvent::Launched { output, at: now() });
    }

    fn failed(&self, output: AttemptId, failure: &Failure) {
        self.load.fetch_sub(1, Ordering::Relaxed);
        self.tell(RunnerEvent::LaunchFailed { output, reason: failure.to_string() });
    }

    /// Lets the kernel say when it ends.
    fn watch(&self, process: &Process) -> Result<(), Errno> {
        let data = epoll::EventData::new_u64(number(process.group.pid));
        epoll::add(&self.epoll, &process.pidfd, data, epoll::EventFlags::IN)
    }

    fn wait(&mut self) {
        let timeout = match (self.waiting.is_empty(), self.ending.is_empty()) {
            (false, _) => Some(Timespec { tv_sec: 0, tv_nsec: 0 }),
            (true, false) => Some(GONE_POLL),
            (true, true) => None,
        };
        let mut events = Vec::with_capacity(EXITS_AT_ONCE);
        // Interrupted or not, the loop comes back here.
        let _count = epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), timeout.as_ref());
        for event in events {
            match event.data.u64() {
                ORDERS => {
                    let _count = rustix::io::read(&self.ordered, &mut [0; 8]);
                }
                pid => self.exited(pid),
            }
        }
    }

    fn exited(&mut self, pid: u64) {
        let Some(process) = self.running.remove(&pid) else { return };
        // Before the descriptor is closed: a child that has not executed yet still holds a copy, and would keep it in
        // the set.
        let _not_watched_any_more = epoll::delete(&self.epoll, &process.pidfd);
        let (group, status) = process.bury();
        self.pids.remove(&group.output);
        self.ending.push(Ending { group, status, at: now(), since: Instant::now(), late: false });
    }

    /// Tells the end of containers of which nothing is left.
    fn finish_ending(&mut self) {
        let ending = std::mem::take(&mut self.ending);
        for mut one in ending {
            if one.group.is_gone() {
                self.finish(one);
                continue;
            }
            if !one.late && one.since.elapsed() > GONE_LATE {
                one.late = true;
                tracing::warn!(output = %one.group.output, "killed processes of the container do not go away");
            }
            self.ending.push(one);
        }
    }

    fn finish(&self, one: Ending) {
        let Ending { group, status, at, .. } = one;
        let (output, oom_killed) = (group.output, group.ran_out_of_memory(status));
        self.shared.index.ended(output, at);
        self.forget(group);
        self.load.fetch_sub(1, Ordering::Relaxed);
        self.tell(RunnerEvent::Exited { output, status, oom_killed, at });
    }

    /// Nothing of it is left.
    fn forget(&self, group: Group) {
        self.shared.live.remove(group.line);
        self.shared.give_back(group.cell);
    }

    fn tell(&self, event: RunnerEvent) {
        (self.shared.on_event)(event);
    }
}
