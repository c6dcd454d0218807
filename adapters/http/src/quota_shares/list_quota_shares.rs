//! ListQuotaShares (`SVC-4`, `PAGE-1`).

use super::detail;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::paging::{LIST_MAX, Window};
use crate::services::BatchService;
use longshore_api_batch::types::{ListQuotaSharesRequest, ListQuotaSharesResponse};
use longshore_types::Name;

pub(crate) async fn list_quota_shares(
    service: &BatchService,
    context: &Context,
    request: ListQuotaSharesRequest,
) -> Result<ListQuotaSharesResponse, Failure> {
    let queue = request.job_queue.unwrap_or_default();
    let unknown = || Failure::client(format!("JobQueue {queue} not found."));
    let name: Name = arn::name_of("job-queue", &queue).parse().map_err(|_| unknown())?;
    let page = (request.max_results, request.next_token.as_deref());
    let window = Window::new(&format!("ListQuotaShares {name}"), LIST_MAX, page)?;
    let (after, limit) = (window.after(|name| name.parse::<Name>().ok())?, window.probe());
    let shares = service
        .read(move |reader| {
            let known = reader.queue(&name)?.is_some();
            known.then(|| reader.quota_shares(&name, after.as_ref(), limit)).transpose()
        })
        .await?;
    let (shares, next_token) = window.close(shares.ok_or_else(unknown)?, |share| share.id.name.to_string());
    let details = shares.iter().map(|share| detail(context, share)).collect::<Result<_, _>>()?;
    Ok(ListQuotaSharesResponse { quota_shares: Some(details), next_token })
}
