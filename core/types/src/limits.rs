//! Every limit has a name and a default here; `--aws-limits` switches to the quotas of AWS (spec section 25).

use serde::{Deserialize, Serialize};

/// Quotas on what a request may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Largest `arrayProperties.size` (`SUB-8`).
    pub array_size: u32,
    /// Most entries in `dependsOn` (`SUB-7`).
    pub dependencies: usize,
    /// Most compute environments of a queue (`JQ-1`).
    pub environments_per_queue: usize,
    /// Most job queues.
    pub queues: usize,
    /// Most compute environments.
    pub environments: usize,
    /// Most attempts of a retry strategy (`SUB-9`).
    pub attempts: u32,
    /// Most entries of `evaluateOnExit` (`RTY-5`).
    pub evaluate_on_exit: usize,
    /// Longest cancel or terminate reason, in characters (`TER-2`).
    pub reason_chars: usize,
    /// Most tags of a resource (`TAG-1`).
    pub tags: usize,
    /// Largest request body of SubmitJob, in bytes (`SUB-2`).
    pub submit_bytes: usize,
    /// Largest job definition, in bytes (`JD-2`).
    pub definition_bytes: usize,
    /// Longest container overrides, in characters (`SUB-15`).
    pub override_chars: usize,
}

impl Limits {
    /// Longshore's own defaults: AWS's values where they protect the meaning of a request, room where they only ration.
    pub const fn standard() -> Self {
        Self {
            array_size: 1_000_000,
            dependencies: usize::MAX,
            environments_per_queue: 3,
            queues: usize::MAX,
            environments: usize::MAX,
            submit_bytes: 1 << 20,
            definition_bytes: 1 << 20,
            override_chars: 1 << 20,
            ..Self::aws()
        }
    }

    /// The quotas of AWS Batch (spec section 25).
    pub const fn aws() -> Self {
        Self {
            array_size: 10_000,
            dependencies: 20,
            environments_per_queue: 3,
            queues: 50,
            environments: 50,
            attempts: 10,
            evaluate_on_exit: 6,
            reason_chars: 1_024,
            tags: 50,
            submit_bytes: 30 * 1_024,
            definition_bytes: 24 * 1_024,
            override_chars: 8_192,
        }
    }
}
