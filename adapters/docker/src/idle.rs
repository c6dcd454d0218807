//! A container that is there for others to be in its namespaces, and does nothing itself.

use crate::{Engine, Error, Wanted, follow};
use std::sync::Arc;

/// It runs until the value goes; then it is removed.
#[derive(Debug)]
pub struct Idle {
    engine: Arc<Engine>,
    id: String,
    first: Option<i64>,
}

impl Engine {
    /// Makes and starts one. What it writes is not listened to.
    pub fn idle(self: &Arc<Self>, wanted: Wanted) -> Result<Idle, Error> {
        let wanted = Wanted { is_idle: true, ..wanted };
        let mut idle = Idle { engine: Arc::clone(self), id: self.make(wanted)?, first: None };
        let state = self.wait(async {
            self.docker.start_container(&idle.id, None).await?;
            follow::state(&self.docker, &idle.id).await
        })?;
        idle.first = state.pid.filter(|pid| *pid > 0);
        Ok(idle)
    }
}

impl Idle {
    /// What the engine calls it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The number of its first process as the engine sees it, if it says so.
    pub fn first(&self) -> Option<i64> {
        self.first
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        if let Err(error) = self.engine.remove_container(&self.id) {
            tracing::warn!(id = self.id, %error, "an idle container stays with the engine until the next start");
        }
    }
}
