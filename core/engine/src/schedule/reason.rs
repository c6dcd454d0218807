//! The diagnosis of a job that cannot be placed, in AWS's words (`SCH-10`).

use longshore_placement::Shortage;

/// Why no host could hold it even if everything were idle.
pub(super) const fn impossible(shortage: &Shortage) -> &'static str {
    if shortage.cap_missing > 0 {
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU \
         requirement of the job."
    } else {
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that \
         can be met by the CE(s) attached to the job queue."
    }
}
