//! Where tags are: finds those of a resource and puts others in their place. Which ones is the commands' to say.

use crate::command::{LookedUpRow, Response, Taggable};
use crate::engine::Engine;
use crate::entity::{Job, Tags};
use crate::error::Error;
use longshore_types::JobId;

/// Replaces the tags of `resource` by what `change` makes of them. A job that has left memory is changed in the row
/// that the caller has looked up.
pub(super) fn retag(
    engine: &mut Engine,
    resource: &Taggable,
    looked_up: Option<LookedUpRow>,
    change: impl FnOnce(Tags) -> Result<Tags, Error>,
) -> Result<Response, Error> {
    // No source knows AWS's text; this has the form of the known ones (ERR-3).
    let not_found = || Error::invalid(format!("{resource} not found."));
    match resource {
        Taggable::Environment(name) => {
            let environment = engine.environments.get_mut(name).ok_or_else(not_found)?;
            environment.tags = change(environment.tags.clone())?;
            engine.touch_environment(name.clone());
        }
        Taggable::Queue(name) => {
            let queue = engine.queues.get_mut(name).ok_or_else(not_found)?;
            queue.tags = change(queue.tags.clone())?;
            engine.touch_queue(name.clone());
        }
        Taggable::Definition(id) => {
            let mut definition = engine.definitions.get(id).ok_or_else(not_found)?.clone();
            definition.tags = change(definition.tags)?;
            engine.put_definition(definition);
        }
        Taggable::Policy(name) => {
            let mut policy = engine.policies.get(name).ok_or_else(not_found)?.clone();
            policy.tags = change(policy.tags)?;
            engine.put_policy(policy);
        }
        Taggable::Consumable(name) => {
            let resource = engine.consumables.get_mut(name).ok_or_else(not_found)?;
            resource.tags = change(resource.tags.clone())?;
            engine.touch_consumable(name.clone());
        }
        Taggable::ServiceEnvironment(name) => {
            let mut row = engine.services.environments.get(name).ok_or_else(not_found)?.clone();
            row.tags = change(row.tags)?;
            engine.put_service_environment(row);
        }
        Taggable::QuotaShare(id) => {
            let mut row = engine.services.shares.get(id).ok_or_else(not_found)?.clone();
            row.tags = change(row.tags)?;
            engine.put_quota_share(row);
        }
        Taggable::ServiceJob(id) => {
            let mut row = engine.services.jobs.get(id).ok_or_else(not_found)?.clone();
            row.tags = change(row.tags)?;
            engine.put_service_job(row);
        }
        Taggable::Job(id) => {
            if let Some(job) = engine.jobs.get_mut(id) {
                job.tags = change(job.tags.clone())?;
                engine.touch_job(*id);
            } else {
                let mut row = ended_row(engine, *id, looked_up)?.ok_or_else(not_found)?;
                row.tags = change(row.tags)?;
                engine.ended_rows.put(row);
            }
        }
    }
    Ok(Response::Done)
}

/// The row of a job that is not in memory: one that is being written, or else the store's. `None` when there is none.
fn ended_row(engine: &Engine, id: JobId, looked_up: Option<LookedUpRow>) -> Result<Option<Job>, Error> {
    let rows = &engine.ended_rows;
    if let Some(row) = rows.get(id) {
        return Ok(Some(row.clone()));
    }
    match looked_up {
        Some(LookedUpRow { stamp, row }) if rows.is_fresh(id, stamp) => Ok(row.map(|row| *row)),
        _ => Err(Error::LookUpRow { job: id, stamp: rows.stamp() }),
    }
}
