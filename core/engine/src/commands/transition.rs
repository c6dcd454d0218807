//! What is refused of a resource because it is in a transition (`CE-19`).

use crate::config::Config;
use crate::entity::ResourceStatus;
use crate::error::Error;

/// A deletion waits for the transition to be over.
pub(super) fn check_delete(status: ResourceStatus) -> Result<(), Error> {
    if status.is_transitional() {
        return Err(Error::invalid("Cannot delete, resource is being modified."));
    }
    Ok(())
}

/// A change does so only where AWS's refusals are asked for, but what is going cannot be changed. AWS's text is known for
/// deletions only.
pub(super) fn check_update(config: &Config, status: ResourceStatus) -> Result<(), Error> {
    let refused = match status {
        ResourceStatus::Deleting => true,
        ResourceStatus::Creating | ResourceStatus::Updating => config.strict_transitions,
        ResourceStatus::Valid | ResourceStatus::Invalid => false,
    };
    if refused {
        return Err(Error::invalid("Cannot update, resource is being modified."));
    }
    Ok(())
}
