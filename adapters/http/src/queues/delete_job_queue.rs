//! DeleteJobQueue.

use super::KIND;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DeleteJobQueueRequest, DeleteJobQueueResponse};
use longshore_engine::Command;

pub(crate) async fn delete_job_queue(
    service: &BatchService,
    _context: &Context,
    request: DeleteJobQueueRequest,
) -> Result<DeleteJobQueueResponse, Failure> {
    let queue = request.job_queue.unwrap_or_default();
    let name = arn::name_of(KIND, &queue).to_owned();
    service.commander.command(Command::DeleteJobQueue(name)).await?;
    Ok(DeleteJobQueueResponse::default())
}
