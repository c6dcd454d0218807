//! Start-up: the state as the last commit left it, and what is told of it. What becomes of attempts that were under way is decided
//! by the engine, when their agents say Hello or stay away.

use super::commander::LoopHandle;
use super::data_dir::DataDir;
use super::now;
use longshore_control::Control;
use longshore_engine::entity::Ending;
use longshore_engine::{Answer, Census, Config, Engine, Question};
use longshore_http::Commander;
use longshore_metrics::Metrics;
use longshore_store::{Keep, Store};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// How often to look whether every host is back or given up.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Opens the database and brings it up to date, with a copy of an older one if `keep_copy`.
pub(super) fn open(data_dir: &DataDir, keep_copy: bool) -> anyhow::Result<Store> {
    let keep = if keep_copy { Keep::Copy } else { Keep::Nothing };
    let store = Store::open_keeping(data_dir.database(), keep)?;
    if let Some(upgraded) = store.upgraded() {
        let copy = upgraded.copy.as_deref().map(|copy| copy.display().to_string());
        let copy = copy.as_deref().unwrap_or("none");
        tracing::info!(
            from = upgraded.from,
            to = upgraded.to,
            copy,
            "the database was brought to the layout of this version"
        );
    }
    Ok(store)
}

/// What was under way when the last server ended.
#[derive(Debug)]
pub(super) struct Recovery {
    attempts: u64,
}

/// The control plane as the last commit left it. `was_left`: the last server ended by itself.
pub(super) fn restore(store: &Store, config: Config, was_left: bool) -> anyhow::Result<(Control, Recovery)> {
    let begun = Instant::now();
    let snapshot = store.load()?;
    let seed = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id());
    let now = now();
    let jobs = snapshot.jobs.len();
    let engine = Engine::restore(config, seed, now, snapshot);
    let attempts = engine.fleet().hosts().values().map(|host| host.attempts.len() as u64).sum();
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    if !was_left {
        tracing::warn!(
            jobs,
            attempts,
            took_ms,
            "the last server did not end by itself; everything it acknowledged is here"
        );
    } else if jobs > 0 {
        tracing::info!(jobs, attempts, took_ms, "found jobs that have not ended");
    }
    Ok((Control::new(now, engine), Recovery { attempts }))
}

impl Recovery {
    /// Says what has become of the attempts, once every host is back or given up.
    pub(super) fn tell(self, control: &LoopHandle, metrics: &Arc<Metrics>, runtime: &Handle) {
        if self.attempts == 0 {
            return;
        }
        let (control, metrics) = (control.clone(), Arc::clone(metrics));
        runtime.spawn(async move {
            while census(&control).await.is_some_and(|census| census.hosts_away > 0) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            let lost = metrics.happened.attempts_ended_so_far(Ending::HostLost.as_str()).min(self.attempts);
            let go_on = self.attempts - lost;
            tracing::info!(
                go_on,
                lost,
                "of the attempts that were under way, so many go on or have ended, and so many were lost with their agents"
            );
        });
    }
}

async fn census(control: &LoopHandle) -> Option<Box<Census>> {
    match control.ask(Question::Census).await {
        Some(Answer::Census(census)) => Some(census),
        _ => None,
    }
}
