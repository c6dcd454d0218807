//! The process runtime: attempts as processes of this host. It starts them, signals them, says when nothing of them is
//! left, and keeps their output in files. Whether and when to do so is the agent's to decide, never this crate's.
//!
//! - **Launch.** A launcher thread starts one process at a time as `vfork` does, so a launch costs the same however
//!   large this program is, and the child is its own session: no terminal's or shell's signal ever reaches it. The
//!   thread then waits for all its processes at once, by their pidfds in one epoll set.
//! - **End.** When an attempt's first process ends, what is left of its process group gets SIGKILL, as the rest of a
//!   container does when its first process ends; `Exited` comes when the group is empty.
//! - **Death of this process.** The kernel then kills each attempt's first process; the record of live sessions lets
//!   the next runner on the data directory find and kill the rest before it starts anything.
//! - **Output.** `output/<first two hex digits>/<attempt>.log` is written by the attempt itself and so survives us. Beside it
//!   `<attempt>.idx` says when it had grown how far.
//!
//! - **Memory.** If asked to, and if the machine lets it, the runner gives each attempt a control group with its memory as
//!   the limit. An attempt that exceeds it ends as out of memory.
//!
//! A process that makes itself a session of its own (`setsid`, a daemon) leaves the process group. With a control group
//! it is found and killed all the same; without one nobody can tell whose it is, and it outlives its attempt. The
//! conformance suite pins both.

mod apart;
mod children;
mod command;
mod config;
mod container;
mod error;
mod failure;
mod index;
mod launcher;
mod leftovers;
mod limit;
mod live;
mod network;
mod output;
mod own;
mod process;
mod runner;
mod secrets;
mod start;
mod sweep;
mod sys;

pub use apart::{ApartError, contain, run_inside};
pub use config::{CONTAINER_RUNTIMES, Config, ContainerEngine};
pub use error::Error;
pub use network::NetworkMode;
pub use output::{index_path, output_path};
pub use own::{detach, guard_own_program, is_root, prefer_this_thread};
pub use runner::Runner;
pub use secrets::Secrets;
