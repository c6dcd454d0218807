//! The system calls that have no safe form: starting a process on the memory of this one, and looking at a dead child
//! without burying it. This crate's unsafe code is here, in `sys/`, and in small modules of `network` and `apart`.

pub(crate) mod contained;
pub(crate) mod step;

use crate::command::Command;
use libc::{c_char, c_int, c_void};
use rustix::io::Errno;
use rustix::process::Pid;
use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

/// Control groups that a child may be in: in the hierarchies of memory and of processors.
pub(crate) const GROUPS: usize = 2;

/// What a child gets besides its command.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) directory: &'a CStr,
    pub(crate) input: BorrowedFd<'a>,
    /// Stdout and stderr.
    pub(crate) output: BorrowedFd<'a>,
    /// The member lists of the control groups to be in.
    pub(crate) groups: [Option<BorrowedFd<'a>>; GROUPS],
    /// The limit on open files, which this process raised for itself.
    pub(crate) open_files: libc::rlimit,
}

/// A process that runs its program.
#[derive(Debug)]
pub(crate) struct Spawned {
    pub(crate) pid: Pid,
    pub(crate) pidfd: OwnedFd,
}

/// Where a spawn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpawnError {
    Clone(Errno),
    Group(Errno),
    Directory(Errno),
    /// The candidate that failed, if any was more than missing.
    Execute(Option<usize>, Errno),
}

/// The memory that children run on until they execute their program: one at a time, so one for each thread.
#[derive(Debug)]
pub(crate) struct Stack(Vec<u128>);

/// The child calls a dozen system calls from one frame; glibc's own `posix_spawn` takes 32 KiB.
const STACK_BYTES: usize = 64 << 10;

impl Stack {
    pub(crate) fn new() -> Self {
        Self(vec![0; STACK_BYTES / size_of::<u128>()])
    }

    /// Its upper end, aligned to 16 bytes as `u128` is.
    fn top(&mut self) -> *mut c_void {
        self.0.as_mut_ptr_range().end.cast()
    }
}

/// What a command is to the kernel: pointers to its texts, with a null pointer at the end of each kind.
struct Pointers {
    candidates: Vec<*const c_char>,
    arguments: Vec<*const c_char>,
    environment: Vec<*const c_char>,
}

impl Pointers {
    fn of(command: &Command) -> Self {
        Self {
            candidates: pointers(&command.candidates),
            arguments: pointers(&command.arguments),
            environment: pointers(&command.environment),
        }
    }

    fn execution(&self) -> Execution {
        Execution {
            candidates: self.candidates.as_ptr(),
            arguments: self.arguments.as_ptr(),
            environment: self.environment.as_ptr(),
        }
    }
}

/// What the child reads, and the error that it leaves behind, in memory that it shares with its parent.
struct Shared {
    parent: libc::pid_t,
    directory: *const c_char,
    input: c_int,
    output: c_int,
    /// -1 for none.
    groups: [c_int; GROUPS],
    open_files: libc::rlimit,
    execution: Execution,
    error: Option<SpawnError>,
}

/// What the kernel is asked to execute.
#[derive(Clone, Copy)]
struct Execution {
    candidates: *const *const c_char,
    arguments: *const *const c_char,
    environment: *const *const c_char,
}

/// Starts a process as its own session and returns once it runs its program, or could not.
///
/// As `posix_spawn`, and unlike `fork`, the child borrows this process's memory until then (`CLONE_VM | CLONE_VFORK`),
/// so that nothing is copied however large the process is. The caller blocks all signals, so that no handler of ours
/// ever runs in the child.
#[expect(unsafe_code, reason = "no safe interface starts a process with a pidfd without copying its parent")]
pub(crate) fn spawn(stack: &mut Stack, command: &Command, around: &Surroundings<'_>) -> Result<Spawned, SpawnError> {
    let command = Pointers::of(command);
    let mut shared = Shared {
        parent: rustix::process::getpid().as_raw_nonzero().get(),
        directory: around.directory.as_ptr(),
        input: around.input.as_raw_fd(),
        output: around.output.as_raw_fd(),
        groups: around.groups.map(|group| group.map_or(-1, |group| group.as_raw_fd())),
        open_files: around.open_files,
        execution: command.execution(),
        error: None,
    };
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD;
    let mut pidfd: c_int = -1;
    let shared_pointer = ptr::from_mut(&mut shared);
    // SAFETY: with CLONE_VFORK this thread sleeps until the child has executed or exited, so `shared`, all that it
    // points to and the stack outlive the child's use and nobody else touches them; `child` never returns.
    let pid = unsafe { libc::clone(child, stack.top(), flags, shared_pointer.cast(), ptr::from_mut(&mut pidfd)) };
    if pid < 0 {
        return Err(SpawnError::Clone(last_errno()));
    }
    // SAFETY: the kernel stored a descriptor that is ours alone, because clone with CLONE_PIDFD succeeded.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    // SAFETY: as above; read through the pointer that the child wrote through.
    match unsafe { ptr::read(&raw const (*shared_pointer).error) } {
        None => Ok(Spawned { pid: Pid::from_raw(pid).expect("clone answers a positive pid"), pidfd }),
        Some(error) => {
            bury(&pidfd);
            Err(error)
        }
    }
}

/// A child that could not execute has exited, or is just about to.
fn bury(pidfd: &OwnedFd) {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    use std::os::fd::AsFd;
    while matches!(waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED), Err(Errno::INTR)) {}
}

fn pointers(texts: &[std::ffi::CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).chain(std::iter::once(ptr::null())).collect()
}

fn last_errno() -> Errno {
    Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::INVAL)
}

/// The child between clone and exec. It shares all memory with its parent, so it only makes system calls, allocates
/// nothing and cannot panic.
#[expect(unsafe_code, reason = "raw system calls are all that a child on borrowed memory may do")]
extern "C" fn child(shared: *mut c_void) -> c_int {
    // SAFETY: `shared` is the parent's `Shared`, valid until this child executes or exits (see `spawn`); the pointers
    // in it are valid null-terminated texts and arrays of such. The system calls touch only this child's own state.
    unsafe {
        let shared = &mut *shared.cast::<Shared>();
        libc::setsid();
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if libc::getppid() != shared.parent {
            libc::_exit(127); // The parent died before it could be watched: nobody is to know of this child.
        }
        libc::dup2(shared.input, 0);
        libc::dup2(shared.output, 1);
        libc::dup2(shared.output, 2);
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const shared.open_files);
        let refuses = |group: &c_int| *group >= 0 && libc::write(*group, c"0".as_ptr().cast(), 1) != 1;
        shared.error = if shared.groups.iter().any(refuses) {
            Some(SpawnError::Group(Errno::from_raw_os_error(*libc::__errno_location())))
        } else if libc::chdir(shared.directory) != 0 {
            Some(SpawnError::Directory(Errno::from_raw_os_error(*libc::__errno_location())))
        } else {
            default_signals();
            Some(execute(&shared.execution))
        };
        libc::_exit(127)
    }
}

/// The last signal of the kernel's, and the bytes of a set of them.
const SIGNALS: c_int = 64;
const SIGNAL_SET_BYTES: usize = 8;

/// Every signal does what it does by default and none is blocked, as every program expects at its start. The C library
/// would leave out the signals that it keeps for itself, which this process may have been given as ignored.
#[expect(unsafe_code, reason = "part of the child")]
unsafe fn default_signals() {
    // Larger than the kernel's `struct sigaction` on any machine; all zero, it is SIG_DFL without flags.
    let zero = [0_u64; 8];
    // SAFETY: system calls that only read `zero`; called in the child only. Two signals cannot be set, and need not be.
    unsafe {
        let nothing = ptr::null_mut::<c_void>();
        for signal in 1..=SIGNALS {
            libc::syscall(libc::SYS_rt_sigaction, signal, &raw const zero, nothing, SIGNAL_SET_BYTES);
        }
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const zero, nothing, SIGNAL_SET_BYTES);
    }
}

/// Tries each candidate as `execvp` does: one that is missing or denied does not end the search, but a denial is what
/// is reported if nothing else is found.
#[expect(unsafe_code, reason = "part of the child")]
unsafe fn execute(execution: &Execution) -> SpawnError {
    let (mut denied, mut index) = (None, 0);
    // SAFETY: the arrays end with a null pointer (see `pointers`), which ends the loop; called in the child only.
    unsafe {
        while !(*execution.candidates.add(index)).is_null() {
            libc::execve(*execution.candidates.add(index), execution.arguments, execution.environment);
            match Errno::from_raw_os_error(*libc::__errno_location()) {
                Errno::NOENT | Errno::NOTDIR => {}
                Errno::ACCESS => denied = denied.or(Some(index)),
                errno => return SpawnError::Execute(Some(index), errno),
            }
            index += 1;
        }
    }
    match denied {
        Some(index) => SpawnError::Execute(Some(index), Errno::ACCESS),
        None => SpawnError::Execute(None, Errno::NOENT),
    }
}

/// Blocks every signal on this thread, for its life.
#[expect(unsafe_code, reason = "the signal mask has no safe interface")]
pub(crate) fn block_signals() {
    // SAFETY: the set is initialised by sigfillset before its use.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, ptr::null_mut());
    }
}

/// Marks every descriptor that this process was given, other than the standard ones, as not for its children.
#[expect(unsafe_code, reason = "close_range has no safe interface")]
pub(crate) fn keep_descriptors_to_ourselves() -> Result<(), Errno> {
    let flags = libc::CLOSE_RANGE_CLOEXEC as c_int;
    // SAFETY: with this flag no descriptor is closed, only flagged.
    let answer = unsafe { libc::close_range(3, libc::c_uint::MAX, flags) };
    if answer == 0 { Ok(()) } else { Err(last_errno()) }
}

/// A dead child of this process that nobody has waited for, if there is one; it stays as it is.
#[expect(unsafe_code, reason = "the safe interface does not tell the child's pid")]
pub(crate) fn peek_dead_child() -> Option<Pid> {
    // SAFETY: `information` is plain data that waitid fills in; its pid is read only after waitid succeeded, and is 0
    // when there was no dead child.
    let pid = unsafe {
        let mut information: libc::siginfo_t = std::mem::zeroed();
        let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        if libc::waitid(libc::P_ALL, 0, &raw mut information, options) != 0 {
            return None;
        }
        information.si_pid()
    };
    Pid::from_raw(pid)
}

/// Gives the calling thread, and those that it starts, mounts of its own: it still sees what others mount, and nobody sees
/// what it does.
#[expect(unsafe_code, reason = "leaving a namespace has no safe interface, because it may part threads' descriptors")]
pub(crate) fn leave_mount_namespace() -> Result<(), Errno> {
    use rustix::mount::{MountPropagationFlags, mount_change};
    // SAFETY: only the mounts and the working directory of this thread are parted from the others', not its descriptors.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNS)? };
    mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::DOWNSTREAM)
}

/// The lowest of the round-robin priorities: above every usual thread, below everything that was given a priority.
const ROUND_ROBIN_PRIORITY: c_int = 1;

/// Schedules the calling thread before those of the default policy; its children are of the default policy again.
#[expect(unsafe_code, reason = "the scheduling policy has no safe interface")]
pub(crate) fn prefer_this_thread() -> Result<(), Errno> {
    let policy = libc::SCHED_RR | libc::SCHED_RESET_ON_FORK;
    // SAFETY: `parameters` is plain data of the type that the call reads; 0 is the calling thread.
    let answer = unsafe {
        let mut parameters: libc::sched_param = std::mem::zeroed();
        parameters.sched_priority = ROUND_ROBIN_PRIORITY;
        libc::sched_setscheduler(0, policy, &raw const parameters)
    };
    if answer == 0 { Ok(()) } else { Err(last_errno()) }
}
