//! Every limit has a name and a default here; `--aws-limits` switches to the quotas of AWS (spec section 25), and each
//! can be set alone. What enforces a limit reads its field.

mod quantity;
#[cfg(test)]
mod tests;

pub use quantity::{Quantity, UNLIMITED};
use serde::{Deserialize, Serialize};

/// One limit, as `longshore limits` and its documentation show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    field: &'static str,
    /// The rule it comes from.
    pub rule: &'static str,
    /// What it bounds.
    pub what: &'static str,
    /// Longshore's own value; [`UNLIMITED`] where nothing is bounded.
    pub standard: u64,
    /// AWS's value.
    pub aws: u64,
}

impl Limit {
    /// Its name on the command line and in the configuration file: `array-size`.
    pub fn name(&self) -> String {
        self.field.replace('_', "-")
    }
}

/// Why a limit cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetLimitError {
    /// There is none of that name.
    #[error("there is no limit {name:?}; `longshore limits` lists them")]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// No limit can be that high, other than none at all.
    #[error("the limit {name} can be at most {most}, or unlimited")]
    TooHigh {
        /// Its name.
        name: String,
        /// The highest number.
        most: u64,
    },
}

/// Declares each limit once: field, type, Longshore's value, AWS's value, rule, meaning.
macro_rules! limits {
    ($($field:ident: $kind:ty = $standard:expr, $aws:expr, $rule:literal, $what:literal;)*) => {
        /// Quotas on what a request may ask for.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Limits {
            $(
                #[doc = concat!($what, " (`", $rule, "`).")]
                pub $field: $kind,
            )*
        }

        impl Limits {
            /// Longshore's own defaults: AWS's values where they protect the meaning of a request, room where they only
            /// ration.
            pub const fn standard() -> Self {
                Self { $($field: $standard,)* }
            }

            /// The quotas of AWS Batch (spec section 25).
            pub const fn aws() -> Self {
                Self { $($field: $aws,)* }
            }

            /// Every limit, in the order in which they are shown.
            pub fn catalogue() -> Vec<Limit> {
                let (standard, aws) = (Self::standard(), Self::aws());
                vec![$(Limit {
                    field: stringify!($field),
                    rule: $rule,
                    what: $what,
                    standard: standard.$field.to_number(),
                    aws: aws.$field.to_number(),
                },)*]
            }

            /// The value of the limit of this name.
            pub fn get(&self, name: &str) -> Option<u64> {
                match name.replace('-', "_").as_str() {
                    $(stringify!($field) => Some(self.$field.to_number()),)*
                    _ => None,
                }
            }

            /// Sets the limit of this name; [`UNLIMITED`] bounds nothing.
            ///
            /// # Errors
            /// [`SetLimitError`] for a name that is none, or a number that no such limit can be.
            pub fn set(&mut self, name: &str, value: u64) -> Result<(), SetLimitError> {
                let too_high = |most| SetLimitError::TooHigh { name: name.to_owned(), most };
                match name.replace('-', "_").as_str() {
                    $(stringify!($field) => self.$field = <$kind>::from_number(value).map_err(too_high)?,)*
                    _ => return Err(SetLimitError::Unknown { name: name.to_owned() }),
                }
                Ok(())
            }
        }
    };
}

const KIB: usize = 1_024;
const MIB: usize = 1_024 * KIB;

limits! {
    queues: usize = usize::MAX, 50, "section 25", "Job queues";
    environments: usize = usize::MAX, 50, "section 25", "Compute environments";
    environments_per_eks_cluster: usize = usize::MAX, 5, "section 25", "Compute environments on one EKS cluster";
    environments_per_queue: usize = 3, 3, "JQ-1", "Compute environments of a queue";
    service_environments: usize = usize::MAX, 50, "SVC-1", "Service environments";
    service_environments_per_queue: usize = 1, 1, "SVC-2", "Service environments of a queue";
    queues_per_quota_environment: usize = 1, 1, "SVC-4", "Queues of a service environment that has quota shares";
    quota_shares_per_queue: usize = 20, 20, "SVC-4", "Quota shares of a queue";
    consumable_resources: usize = usize::MAX, 50_000, "CR-1", "Consumable resources";
    share_identifiers: usize = 2_000, 500, "FSS-2", "Active share identifiers of a queue";
    definition_bytes: usize = MIB, 24 * KIB, "JD-2", "Bytes of a RegisterJobDefinition request";
    submit_bytes: usize = MIB, 30 * KIB, "SUB-2", "Bytes of a SubmitJob request";
    override_chars: usize = MIB, 8_192, "SUB-15", "Characters of the container overrides of a SubmitJob request";
    array_size: u32 = 1_000_000, 10_000, "SUB-8", "Children of an array job";
    dependencies: usize = usize::MAX, 20, "SUB-7", "Jobs that a job depends on";
    attempts: u32 = 10, 10, "SUB-9", "Attempts of a retry strategy";
    evaluate_on_exit: usize = 6, 6, "RTY-5", "Entries of evaluateOnExit";
    time_limit_seconds: u32 = 600, 600, "SCH-12", "Shortest maxTimeSeconds of a jobStateTimeLimitAction";
    waiting_jobs: usize = usize::MAX, 1_000_000, "section 25",
        "Jobs that have been submitted and have not started, an array counting as one until it ends";
    submit_rate: u32 = u32::MAX, 50, "ERR-6", "SubmitJob requests a second";
    submit_service_bytes: usize = MIB, 30 * KIB, "SVC-3", "Bytes of a SubmitServiceJob request";
    service_payload_bytes: usize = MIB, 10 * KIB, "SVC-3", "Bytes of the payload of a service job";
    submit_service_rate: u32 = u32::MAX, 5, "ERR-6", "SubmitServiceJob requests a second";
    open_connections: usize = 16_384, 16_384, "ERR-6", "Connections, idle ones included, as far as descriptors allow";
    open_requests: usize = 1_024, 1_024, "ERR-6", "Requests being answered, but for those of S3 and for readers of events";
    open_bytes: usize = 64 * MIB, 64 * MIB, "ERR-6", "Bytes of the requests being read and answered";
    event_readers: usize = 128, 128, "ERR-6", "Readers of events that are being answered or wait";
    object_requests: usize = 512, 512, "ERR-6", "Requests of the embedded S3 being answered";
    reason_chars: usize = 1_024, 1_024, "TER-2", "Characters of the reason of a cancellation or termination";
    listed: usize = 100, 100, "PAGE-4", "Entries of a list of names, ARNs or ids in a Describe request";
    bulk_jobs: usize = 50, 50, "BULK-1", "Jobs of one CancelJobs, TerminateJobs or TerminateServiceJobs request";
    tags: usize = 50, 50, "TAG-1", "Tags of a resource";
}
