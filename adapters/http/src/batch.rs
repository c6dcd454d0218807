//! AWS Batch over HTTP: finds the operation, has it read, checked and carried out, and writes what came of it. Each
//! operation is a file of its own, under what it is about.

use crate::body::Body;
use crate::context::Context;
use crate::failure::Failure;
use crate::percent::decode_text;
use crate::reply::{self, Media};
use crate::services::BatchService;
use crate::{
    consumables, definitions, environments, jobs, policies, queues, quota_shares, service_environments, service_jobs,
    tags,
};
use bytes::Bytes;
use http::request::Parts;
use http::{Response, StatusCode};
use longshore_api_batch::types::*;
use longshore_api_batch::{Batch, Input, Operation, Rejection, dispatch};

/// Answers a request for Batch.
pub(crate) async fn answer(
    service: &BatchService,
    context: &Context,
    (parts, body): (&Parts, &Bytes),
) -> Result<Response<Body>, Failure> {
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let (operation, rest) = Operation::by_route(method, path)
        .ok_or_else(|| Failure::UnknownOperation { request: format!("{method} {path} of AWS Batch") })?;
    let query = parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let query = query.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let query = query.map(|(name, value)| (decode_text(name), decode_text(value))).collect();
    let input = Input { body, path: decode_text(rest), query };
    match dispatch(&Operations(service), context, operation, &input).await {
        Ok(json) => Ok(reply::respond(context, StatusCode::OK, Media::Json, json)),
        Err(Rejection::Malformed(error)) => Err(Failure::Malformed { detail: error.to_string() }),
        Err(Rejection::Violation(violation)) => Err(Failure::client(violation.to_string())),
        Err(Rejection::Failed(failure)) => Err(failure),
        Err(Rejection::Unwritable(error)) => Err(Failure::internal("write the answer", error)),
    }
}

/// The operations, over a service. Its own type, because what operations know and how they fail stays in this crate.
struct Operations<'a>(&'a BatchService);

/// The methods of the trait, each by the function of the same name in the module of what it is about.
macro_rules! operations {
    ($($module:ident :: $name:ident, $request:ident, $response:ident;)*) => {$(
        async fn $name(&self, context: &Context, request: $request) -> Result<$response, Failure> {
            $module::$name(self.0, context, request).await
        }
    )*};
}

impl Batch for Operations<'_> {
    type Context = Context;
    type Failure = Failure;

    fn not_built(operation: Operation) -> Failure {
        Failure::NotBuilt { operation: operation.name().to_owned() }
    }

    operations! {
        environments::create_compute_environment, CreateComputeEnvironmentRequest, CreateComputeEnvironmentResponse;
        environments::update_compute_environment, UpdateComputeEnvironmentRequest, UpdateComputeEnvironmentResponse;
        environments::delete_compute_environment, DeleteComputeEnvironmentRequest, DeleteComputeEnvironmentResponse;
        environments::describe_compute_environments, DescribeComputeEnvironmentsRequest,
            DescribeComputeEnvironmentsResponse;
        queues::create_job_queue, CreateJobQueueRequest, CreateJobQueueResponse;
        queues::update_job_queue, UpdateJobQueueRequest, UpdateJobQueueResponse;
        queues::delete_job_queue, DeleteJobQueueRequest, DeleteJobQueueResponse;
        queues::describe_job_queues, DescribeJobQueuesRequest, DescribeJobQueuesResponse;
        queues::get_job_queue_snapshot, GetJobQueueSnapshotRequest, GetJobQueueSnapshotResponse;
        definitions::register_job_definition, RegisterJobDefinitionRequest, RegisterJobDefinitionResponse;
        definitions::deregister_job_definition, DeregisterJobDefinitionRequest, DeregisterJobDefinitionResponse;
        definitions::describe_job_definitions, DescribeJobDefinitionsRequest, DescribeJobDefinitionsResponse;
        jobs::submit_job, SubmitJobRequest, SubmitJobResponse;
        jobs::describe_jobs, DescribeJobsRequest, DescribeJobsResponse;
        jobs::list_jobs, ListJobsRequest, ListJobsResponse;
        policies::create_scheduling_policy, CreateSchedulingPolicyRequest, CreateSchedulingPolicyResponse;
        policies::update_scheduling_policy, UpdateSchedulingPolicyRequest, UpdateSchedulingPolicyResponse;
        policies::delete_scheduling_policy, DeleteSchedulingPolicyRequest, DeleteSchedulingPolicyResponse;
        policies::describe_scheduling_policies, DescribeSchedulingPoliciesRequest, DescribeSchedulingPoliciesResponse;
        policies::list_scheduling_policies, ListSchedulingPoliciesRequest, ListSchedulingPoliciesResponse;
        consumables::create_consumable_resource, CreateConsumableResourceRequest, CreateConsumableResourceResponse;
        consumables::update_consumable_resource, UpdateConsumableResourceRequest, UpdateConsumableResourceResponse;
        consumables::delete_consumable_resource, DeleteConsumableResourceRequest, DeleteConsumableResourceResponse;
        consumables::describe_consumable_resource, DescribeConsumableResourceRequest,
            DescribeConsumableResourceResponse;
        consumables::list_consumable_resources, ListConsumableResourcesRequest, ListConsumableResourcesResponse;
        consumables::list_jobs_by_consumable_resource, ListJobsByConsumableResourceRequest,
            ListJobsByConsumableResourceResponse;
        service_environments::create_service_environment, CreateServiceEnvironmentRequest,
            CreateServiceEnvironmentResponse;
        service_environments::update_service_environment, UpdateServiceEnvironmentRequest,
            UpdateServiceEnvironmentResponse;
        service_environments::delete_service_environment, DeleteServiceEnvironmentRequest,
            DeleteServiceEnvironmentResponse;
        service_environments::describe_service_environments, DescribeServiceEnvironmentsRequest,
            DescribeServiceEnvironmentsResponse;
        quota_shares::create_quota_share, CreateQuotaShareRequest, CreateQuotaShareResponse;
        quota_shares::update_quota_share, UpdateQuotaShareRequest, UpdateQuotaShareResponse;
        quota_shares::delete_quota_share, DeleteQuotaShareRequest, DeleteQuotaShareResponse;
        quota_shares::describe_quota_share, DescribeQuotaShareRequest, DescribeQuotaShareResponse;
        quota_shares::list_quota_shares, ListQuotaSharesRequest, ListQuotaSharesResponse;
        service_jobs::submit_service_job, SubmitServiceJobRequest, SubmitServiceJobResponse;
        service_jobs::update_service_job, UpdateServiceJobRequest, UpdateServiceJobResponse;
        service_jobs::terminate_service_job, TerminateServiceJobRequest, TerminateServiceJobResponse;
        service_jobs::terminate_service_jobs, TerminateServiceJobsRequest, TerminateServiceJobsResponse;
        service_jobs::describe_service_job, DescribeServiceJobRequest, DescribeServiceJobResponse;
        service_jobs::list_service_jobs, ListServiceJobsRequest, ListServiceJobsResponse;
        tags::tag_resource, TagResourceRequest, TagResourceResponse;
        tags::untag_resource, UntagResourceRequest, UntagResourceResponse;
        tags::list_tags_for_resource, ListTagsForResourceRequest, ListTagsForResourceResponse;
    }

    async fn cancel_job(&self, _context: &Context, request: CancelJobRequest) -> Result<CancelJobResponse, Failure> {
        jobs::cancel_job(self.0, request).await
    }

    async fn terminate_job(
        &self,
        _context: &Context,
        request: TerminateJobRequest,
    ) -> Result<TerminateJobResponse, Failure> {
        jobs::terminate_job(self.0, request).await
    }

    async fn cancel_jobs(&self, _context: &Context, request: CancelJobsRequest) -> Result<CancelJobsResponse, Failure> {
        jobs::cancel_jobs(self.0, request).await
    }

    async fn terminate_jobs(
        &self,
        _context: &Context,
        request: TerminateJobsRequest,
    ) -> Result<TerminateJobsResponse, Failure> {
        jobs::terminate_jobs(self.0, request).await
    }
}

#[cfg(test)]
mod tests;
