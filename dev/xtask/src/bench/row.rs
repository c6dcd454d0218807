//! One contender of a benchmark whose contenders take turns: its runs, of which the median counts, or why there are none.

use super::figures::{Figure, quantile};

/// What the names of our own rows begin with.
const OURS: &str = "longshore";

#[derive(Debug)]
pub(super) struct Row {
    name: &'static str,
    /// How many things were done in each run.
    done: u32,
    /// Seconds of each run.
    seconds: Vec<f64>,
    /// Why it did not take part.
    absent: Option<String>,
}

impl Row {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, done: 0, seconds: Vec::new(), absent: None }
    }

    pub(super) fn absent(name: &'static str, reason: &anyhow::Error) -> Self {
        Self { absent: Some(format!("{reason:#}")), ..Self::new(name) }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn is_ours(&self) -> bool {
        self.name.starts_with(OURS)
    }

    pub(super) const fn takes_part(&self) -> bool {
        self.absent.is_none()
    }

    pub(super) fn measured(&mut self, done: u32, seconds: f64) {
        self.done = done;
        self.seconds.push(seconds);
    }

    /// How many are done in a second, in the median run.
    pub(super) fn rate(&self) -> Option<f64> {
        let median = quantile(&mut self.seconds.clone(), 0.5);
        median.is_finite().then(|| f64::from(self.done) / median)
    }

    /// Its rate, or why there is none.
    pub(super) fn figure(&self, unit: &'static str) -> Figure {
        let figure = match self.rate() {
            Some(rate) => Figure::new(self.name, rate, unit),
            None => Figure::absent(self.name, self.absent.as_deref().unwrap_or("not run")),
        };
        Figure { ours: self.is_ours(), ..figure }
    }
}
