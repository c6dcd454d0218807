//! UpdateJobQueue.

use crate::command::{Response, UpdateJobQueue};
use crate::engine::Engine;
use crate::error::Error;

pub(super) fn apply(_engine: &mut Engine, _command: UpdateJobQueue) -> Result<Response, Error> {
    Err(Error::invalid("UpdateJobQueue is being written"))
}
