//! The children of this process: those that launchers wait for, and the strays that it inherits (processes whose own
//! parent died) and has to bury. Children belong to the whole process, so this is its only global state.

use crate::sys;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, RwLock};

/// Children that a launcher waits for.
static LEADERS: LazyLock<Mutex<HashSet<Pid>>> = LazyLock::new(Mutex::default);

/// Held for reading while a child exists but is not among the leaders, for writing while strays are buried.
static SPAWNING: RwLock<()> = RwLock::new(());

fn leaders() -> MutexGuard<'static, HashSet<Pid>> {
    LEADERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Spawns a child that its launcher will wait for.
pub(crate) fn spawn<E>(spawn: impl FnOnce() -> Result<sys::Spawned, E>) -> Result<sys::Spawned, E> {
    let _no_burials = SPAWNING.read().unwrap_or_else(PoisonError::into_inner);
    let spawned = spawn()?;
    leaders().insert(spawned.pid);
    Ok(spawned)
}

/// A child that was waited for, or will not be.
pub(crate) fn forget(pid: Pid) {
    leaders().remove(&pid);
}

/// Buries dead strays. One that lies behind a dead leader waits until that is waited for.
pub(crate) fn bury_strays() {
    let _no_spawns = SPAWNING.write().unwrap_or_else(PoisonError::into_inner);
    while let Some(pid) = sys::peek_dead_child() {
        if leaders().contains(&pid) {
            return;
        }
        let buried = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        tracing::debug!(pid = pid.as_raw_nonzero().get(), ?buried, "buried a stray process");
    }
}
