//! DeleteQuotaShare.

use super::id;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{DeleteQuotaShareRequest, DeleteQuotaShareResponse};
use longshore_engine::Command;

pub(crate) async fn delete_quota_share(
    service: &BatchService,
    _context: &Context,
    request: DeleteQuotaShareRequest,
) -> Result<DeleteQuotaShareResponse, Failure> {
    service.commander.command(Command::DeleteQuotaShare(id(request.quota_share_arn)?)).await?;
    Ok(DeleteQuotaShareResponse::default())
}
