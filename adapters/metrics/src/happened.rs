//! What happens, counted as it happens: counters and histograms, all atomic.

use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};
use std::time::Duration;

/// Seconds of requests: most take a commit, some wait for long.
const REQUEST_SECONDS: &[f64] =
    &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Seconds of commits: one flush of the disk each.
const COMMIT_SECONDS: &[f64] =
    &[0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// Seconds of steps of the control loop, which answers everybody.
const STEP_SECONDS: &[f64] =
    &[0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// The counters.
#[derive(Debug)]
pub struct Happened {
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    refusals: IntCounterVec,
    commits: Histogram,
    rows: IntCounter,
    steps: Histogram,
    inputs: IntCounter,
    submitted: IntCounter,
    states: IntCounterVec,
    attempts_ended: IntCounterVec,
}

impl Happened {
    pub(crate) fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let counter = |name: &str, help: &str| -> Result<IntCounter, prometheus::Error> {
            let made = IntCounter::new(name, help)?;
            registry.register(Box::new(made.clone())).map(|()| made)
        };
        let counters = |name: &str, help: &str, labels: &[&str]| -> Result<IntCounterVec, prometheus::Error> {
            let made = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(made.clone())).map(|()| made)
        };
        let seconds = |name: &str, help: &str, buckets: &[f64]| -> Result<Histogram, prometheus::Error> {
            let made = Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?;
            registry.register(Box::new(made.clone())).map(|()| made)
        };
        let request_seconds = HistogramVec::new(
            HistogramOpts::new(
                "longshore_http_request_duration_seconds",
                "From the head of a request to the head of its answer.",
            )
            .buckets(REQUEST_SECONDS.to_vec()),
            &["api", "operation"],
        )?;
        registry.register(Box::new(request_seconds.clone()))?;
        Ok(Self {
            requests: counters(
                "longshore_http_requests_total",
                "Requests answered, by API, operation and status code.",
                &["api", "operation", "code"],
            )?,
            request_seconds,
            refusals: counters(
                "longshore_http_refusals_total",
                "Requests refused to protect the server, to be sent again: too many at once or a second (overload), or a disk \
                 that is nearly full (disk).",
                &["reason"],
            )?,
            commits: seconds(
                "longshore_store_commit_duration_seconds",
                "A commit of the job database, from its first row until it is on disk.",
                COMMIT_SECONDS,
            )?,
            rows: counter("longshore_store_rows_written_total", "Rows written by commits.")?,
            steps: seconds(
                "longshore_control_step_duration_seconds",
                "One turn of the control loop: inputs taken in, jobs placed, outputs handed out.",
                STEP_SECONDS,
            )?,
            inputs: counter(
                "longshore_control_inputs_total",
                "Requests, reports and commits taken in by the control loop.",
            )?,
            submitted: counter("longshore_jobs_submitted_total", "Jobs accepted, an array counting as one.")?,
            states: counters(
                "longshore_job_state_changes_total",
                "Jobs, children and nodes that came to a status. STARTING counts placements, RUNNING attempts started.",
                &["status"],
            )?,
            attempts_ended: counters("longshore_attempts_ended_total", "Attempts that ended, by cause.", &["cause"])?,
        })
    }

    /// A request was answered. `operation` is one of few names.
    pub fn request(&self, (api, operation): (&str, &str), code: u16, took: Duration) {
        self.requests.with_label_values(&[api, operation, &code.to_string()]).inc();
        self.request_seconds.with_label_values(&[api, operation]).observe(took.as_secs_f64());
    }

    /// A request was refused to protect the server.
    pub fn refusal(&self, reason: &str) {
        self.refusals.with_label_values(&[reason]).inc();
    }

    /// A commit is on disk.
    pub fn commit(&self, rows: u64, took: Duration) {
        self.commits.observe(took.as_secs_f64());
        self.rows.inc_by(rows);
    }

    /// The control loop has made a turn.
    pub fn step(&self, inputs: u64, took: Duration) {
        self.steps.observe(took.as_secs_f64());
        self.inputs.inc_by(inputs);
    }

    /// A job was accepted.
    pub fn submitted(&self) {
        self.submitted.inc();
    }

    /// So many came to a status.
    pub fn state(&self, status: &str, count: u64) {
        self.states.with_label_values(&[status]).inc_by(count);
    }

    /// So many attempts ended.
    pub fn attempts_ended(&self, cause: &str, count: u64) {
        self.attempts_ended.with_label_values(&[cause]).inc_by(count);
    }

    /// How many attempts have ended so by now.
    pub fn attempts_ended_so_far(&self, cause: &str) -> u64 {
        self.attempts_ended.with_label_values(&[cause]).get()
    }

    /// Shows causes at zero before anything has ended, so that rates can be taken from the first on.
    pub fn announce(&self, statuses: &[&str], causes: &[&str]) {
        statuses.iter().for_each(|status| self.state(status, 0));
        causes.iter().for_each(|cause| self.attempts_ended(cause, 0));
        ["overload", "disk"].iter().for_each(|reason| self.refusals.with_label_values(&[reason]).inc_by(0));
    }
}
