//! The children of this process: those that launchers wait for, and the strays that it inherits (processes whose own
//! parent died) and has to bury. Children belong to the whole process, so this is its only global state.

use crate::sys;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Children that a launcher waits for.
static LEADERS: LazyLock<Mutex<HashSet<Pid>>> = LazyLock::new(Mutex::default);

/// Held for reading while a child exists but is not among the leaders, for writing while strays are buried.
static SPAWNING: RwLock<()> = RwLock::new(());

/// Held for reading while somebody else starts a process that will be a child of ours: it may be dead before we know it.
static ADOPTING: RwLock<()> = RwLock::new(());

/// Burials put off in a row because there were always processes on their way.
static PUT_OFF: AtomicU32 = AtomicU32::new(0);
const PUT_OFF_MAX: u32 = 50;

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

/// Until the value is dropped, no child that nobody knows yet is buried.
pub(crate) fn adopting() -> RwLockReadGuard<'static, ()> {
    ADOPTING.read().unwrap_or_else(PoisonError::into_inner)
}

/// A process that has become a child of ours and will be waited for.
pub(crate) fn adopt(pid: Pid) {
    leaders().insert(pid);
}

/// Waits for those who are adopting only if there are always some.
fn nobody_adopts() -> Option<RwLockWriteGuard<'static, ()>> {
    if let Ok(guard) = ADOPTING.try_write() {
        PUT_OFF.store(0, Ordering::Relaxed);
        return Some(guard);
    }
    if PUT_OFF.fetch_add(1, Ordering::Relaxed) < PUT_OFF_MAX {
        return None;
    }
    PUT_OFF.store(0, Ordering::Relaxed);
    Some(ADOPTING.write().unwrap_or_else(PoisonError::into_inner))
}

/// Buries dead strays. One that lies behind a dead leader waits until that is waited for.
pub(crate) fn bury_strays() {
    let Some(_nobody_adopts) = nobody_adopts() else { return };
    let _no_spawns = SPAWNING.write().unwrap_or_else(PoisonError::into_inner);
    while let Some(pid) = sys::peek_dead_child() {
        if leaders().contains(&pid) {
            return;
        }
        let buried = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        tracing::debug!(pid = pid.as_raw_nonzero().get(), ?buried, "buried a stray process");
    }
}
