//! Names of resources (spec section 2).

use crate::error::Error;
use longshore_types::Name;

/// What is named; each has its own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A compute environment. AWS's text is not known.
    Environment,
    /// A job queue.
    Queue,
    /// A scheduling policy.
    Policy,
    /// A consumable resource.
    Consumable,
    /// A service environment.
    ServiceEnvironment,
    /// A quota share. AWS's text is not known.
    QuotaShare,
    /// A job definition. AWS's text is not known.
    Definition,
}

/// The name, if it is one.
pub(crate) fn name(named: Named, text: &str) -> Result<Name, Error> {
    let subject = match named {
        Named::Environment => "Compute Environment",
        Named::Queue => "Job Queue",
        Named::Policy => "Scheduling policy",
        Named::Consumable => "ConsumableResource",
        Named::ServiceEnvironment => "Service environment",
        Named::QuotaShare => "Quota share",
        Named::Definition => "Job Definition",
    };
    text.parse().map_err(|_| Error::invalid(format!("{subject} name should match a valid pattern.")))
}
