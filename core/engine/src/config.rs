//! What the operator decides; constant while the engine lives.

use longshore_types::Limits;

/// The engine's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Quotas.
    pub limits: Limits,
    /// Whether a PENDING job is cancelled only when its dependencies have ended (`CAN-2`), as AWS does.
    pub cancel_pending_late: bool,
    /// Variables that every attempt gets unless its job sets them: endpoints, region, credentials.
    pub job_environment: Vec<(String, String)>,
    /// Where containers ask for their metadata and their role's credentials (`ENV-2`, `CRD-1`), if anybody answers.
    pub task_endpoint: Option<String>,
    /// Whether jobs may run as processes of the host: image `host`.
    pub allow_host_runtime: bool,
    /// Milliseconds between SIGTERM and SIGKILL (`STOP-1`).
    pub stop_grace_ms: u64,
    /// Milliseconds after which a host that is not heard of counts as terminated.
    pub host_lost_after_ms: u64,
    /// Milliseconds for which an environment or queue is seen CREATING, UPDATING or DELETING; with zero never (`CE-9`).
    pub environment_settle_ms: u64,
    /// Whether what AWS refuses of a resource in transition is refused: to change it, to give it to a queue (`JQ-2`).
    pub strict_transitions: bool,
    /// Milliseconds between counts of what environments want; with zero `desiredvCpus` stays as asked for (`CE-12`).
    pub scaling_period_ms: u64,
    /// Milliseconds after which an environment that wants less shows less, unless its scaling policy says when.
    pub scale_down_after_ms: u64,
    /// Milliseconds for which service jobs that have ended are kept (`ST-6`).
    pub service_job_kept_ms: u64,
    /// Milliseconds of work that hosts are given ahead: attempts of short jobs that wait there for those before them, so
    /// that no host is idle while the next commit is written. With zero none.
    pub ahead_ms: u64,
    /// Most attempts placed in one step.
    pub placements_per_step: usize,
    /// Most classes of a queue that are found to be short in one step; those behind them are not looked at.
    pub classes_per_step: usize,
    /// Whether the head of a queue that has to wait blocks everything behind it (`SCH-1`), as in AWS; otherwise smaller
    /// jobs may pass it, but never delay it.
    pub strict_fifo: bool,
    /// Milliseconds after which a queue counts as blocked whose head has had to wait for so long (`SCH-10`).
    pub blocked_after_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits::standard(),
            cancel_pending_late: false,
            job_environment: Vec::new(),
            task_endpoint: None,
            allow_host_runtime: true,
            stop_grace_ms: 30_000,
            host_lost_after_ms: 60_000,
            environment_settle_ms: 0,
            strict_transitions: false,
            scaling_period_ms: 0,
            scale_down_after_ms: 300_000,
            service_job_kept_ms: 7 * 86_400_000,
            ahead_ms: 0,
            placements_per_step: 1_000,
            classes_per_step: 256,
            strict_fifo: false,
            blocked_after_ms: 300_000,
        }
    }
}
