//! What a server tells Prometheus: every name, kind and bucket is here. Who counts calls a method, which is an atomic
//! addition; who scrapes gets the text. Nothing here knows of jobs or requests, and nothing is measured here but the
//! process itself.
//!
//! Two kinds: what happens is counted as it happens ([`Metrics`]); what is, is asked for when somebody scrapes ([`Now`]).

mod happened;
mod now;
mod process;

pub use happened::Happened;
pub use now::{Host, Now, Paths, Queue};

use prometheus::{Encoder, IntGaugeVec, Opts, Registry, TextEncoder};
use std::sync::{Mutex, PoisonError};

/// The media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Why there are no metrics.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name is used twice or has a form that Prometheus does not take.
    #[error("failed to register a metric")]
    Register(#[from] prometheus::Error),
}

/// Everything that is counted and shown.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// What happens.
    pub happened: Happened,
    now: Mutex<now::Gauges>,
}

impl Metrics {
    /// With everything at zero, for a program of this version.
    ///
    /// # Errors
    /// [`Error::Register`] never happens unless a name here is wrong.
    pub fn new(version: &str) -> Result<Self, Error> {
        let registry = Registry::new();
        let build = IntGaugeVec::new(
            Opts::new("longshore_build_info", "Always 1; the version that runs is in the label."),
            &["version"],
        )?;
        build.with_label_values(&[version]).set(1);
        registry.register(Box::new(build))?;
        let happened = Happened::new(&registry)?;
        let now = Mutex::new(now::Gauges::new(&registry)?);
        Ok(Self { registry, happened, now })
    }

    /// The exposition: what has happened, and what is `now`.
    pub fn render(&self, now: &Now) -> String {
        let gauges = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.set(now);
        let mut text = Vec::new();
        // Writing to memory does not fail; a metric without samples is left out.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        String::from_utf8(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
