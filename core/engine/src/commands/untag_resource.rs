//! UntagResource (`TAG-2`). Keys that the resource does not have are passed over.

use super::tags::retag;
use crate::command::{Response, UntagResource};
use crate::engine::Engine;
use crate::error::Error;
use crate::validate;

pub(super) fn apply(engine: &mut Engine, command: UntagResource) -> Result<Response, Error> {
    let UntagResource { resource, keys, looked_up } = command;
    keys.iter().try_for_each(|key| validate::tag_key(key))?;
    retag(engine, &resource, looked_up, |mut tags| {
        tags.retain(|key, _| !keys.contains(key));
        Ok(tags)
    })
}

#[cfg(test)]
mod tests;
