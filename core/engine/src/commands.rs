//! One file per command. Each checks everything first and only then changes anything, so a refusal leaves no trace.

mod create_compute_environment;
mod create_consumable_resource;
mod create_job_queue;
mod create_quota_share;
mod create_scheduling_policy;
mod create_service_environment;
mod delete_compute_environment;
mod delete_consumable_resource;
mod delete_job_queue;
mod delete_quota_share;
mod delete_scheduling_policy;
mod delete_service_environment;
mod deregister_job_definition;
mod end_job;
mod find_unneeded;
mod forget_definitions;
mod register_job_definition;
mod scheduling_policy;
mod submit_job;
mod submit_service_job;
mod tag_resource;
mod tags;
mod terminate_service_job;
mod transition;
mod untag_resource;
mod update_compute_environment;
mod update_consumable_resource;
mod update_job_queue;
mod update_quota_share;
mod update_scheduling_policy;
mod update_service_environment;
mod update_service_job;

use crate::command::{Command, Response};
use crate::engine::Engine;
use crate::error::Error;
use longshore_types::Timestamp;

pub(crate) fn apply(engine: &mut Engine, now: Timestamp, command: Command) -> Result<Response, Error> {
    match command {
        Command::SubmitJob(command) => submit_job::apply(engine, now, *command),
        Command::CancelJob(command) => end_job::cancel(engine, now, &command),
        Command::TerminateJob(command) => end_job::terminate(engine, now, &command),
        Command::RegisterJobDefinition(command) => register_job_definition::apply(engine, now, *command),
        Command::DeregisterJobDefinition(id) => Ok(deregister_job_definition::apply(engine, now, &id)),
        Command::CreateComputeEnvironment(command) => create_compute_environment::apply(engine, now, *command),
        Command::UpdateComputeEnvironment(command) => update_compute_environment::apply(engine, now, *command),
        Command::DeleteComputeEnvironment(name) => delete_compute_environment::apply(engine, now, &name),
        Command::CreateJobQueue(command) => create_job_queue::apply(engine, now, *command),
        Command::UpdateJobQueue(command) => update_job_queue::apply(engine, now, *command),
        Command::DeleteJobQueue(name) => delete_job_queue::apply(engine, now, &name),
        Command::CreateSchedulingPolicy(command) => create_scheduling_policy::apply(engine, now, *command),
        Command::UpdateSchedulingPolicy(command) => update_scheduling_policy::apply(engine, *command),
        Command::DeleteSchedulingPolicy(policy) => delete_scheduling_policy::apply(engine, &policy),
        Command::CreateConsumableResource(command) => create_consumable_resource::apply(engine, now, *command),
        Command::UpdateConsumableResource(command) => update_consumable_resource::apply(engine, now, *command),
        Command::DeleteConsumableResource(name) => Ok(delete_consumable_resource::apply(engine, &name)),
        Command::ForgetDefinitions(before) => Ok(forget_definitions::apply(engine, before)),
        Command::FindUnneeded(jobs) => Ok(find_unneeded::apply(engine, jobs)),
        Command::TagResource(command) => tag_resource::apply(engine, *command),
        Command::UntagResource(command) => untag_resource::apply(engine, *command),
        Command::CreateServiceEnvironment(command) => create_service_environment::apply(engine, now, *command),
        Command::UpdateServiceEnvironment(command) => update_service_environment::apply(engine, now, *command),
        Command::DeleteServiceEnvironment(name) => delete_service_environment::apply(engine, now, &name),
        Command::CreateQuotaShare(command) => create_quota_share::apply(engine, now, *command),
        Command::UpdateQuotaShare(command) => update_quota_share::apply(engine, now, *command),
        Command::DeleteQuotaShare(id) => delete_quota_share::apply(engine, now, &id),
        Command::SubmitServiceJob(command) => submit_service_job::apply(engine, now, *command),
        Command::UpdateServiceJob(command) => update_service_job::apply(engine, &command),
        Command::TerminateServiceJob(command) => terminate_service_job::apply(engine, now, &command),
    }
}
