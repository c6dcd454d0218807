//! TagResource (`TAG-2`): new tags are put over those that there are.

use super::tags::retag;
use crate::command::{Response, TagResource};
use crate::engine::Engine;
use crate::error::Error;
use crate::validate;

pub(super) fn apply(engine: &mut Engine, command: TagResource) -> Result<Response, Error> {
    let limits = engine.config.limits.clone();
    if command.tags.is_empty() {
        // AWS's text is not known (A21).
        return Err(Error::invalid("At least one tag must be specified."));
    }
    validate::tags(&command.tags, &limits)?;
    retag(engine, &command.resource, command.looked_up, |mut tags| {
        tags.extend(command.tags);
        validate::tag_count(&tags, &limits)?;
        Ok(tags)
    })
}

#[cfg(test)]
mod tests;
