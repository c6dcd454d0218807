//! The operations on tags (`TAG-2`): which resource an ARN means, and how a change of tags reaches a job that has ended.

mod list_tags_for_resource;
mod tag_resource;
mod untag_resource;

pub(crate) use list_tags_for_resource::list_tags_for_resource;
pub(crate) use tag_resource::tag_resource;
pub(crate) use untag_resource::untag_resource;

use crate::arn;
use crate::commander::CommandError;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_engine::command::{LookedUpRow, Taggable};
use longshore_engine::{Command, Error};
use longshore_types::{JobId, JobRef};
use std::sync::Arc;

/// AWS's text (`ARR-8`).
const CHILD: &str = "ARNs for child jobs of array and MNP jobs aren't supported";

/// A row is read again only when somebody else has changed the same job's tags meanwhile.
const LOOK_UPS: usize = 8;

/// The resource that an ARN means.
fn resource(arn: &str) -> Result<Taggable, Failure> {
    let (kind, id) = arn::resource_of(arn).and_then(|resource| resource.split_once('/')).unwrap_or_default();
    let found = match kind {
        "compute-environment" => id.parse().ok().map(Taggable::Environment),
        "job-queue" if id.contains('/') => arn::quota_share_id(arn).map(Taggable::QuotaShare),
        "job-queue" => id.parse().ok().map(Taggable::Queue),
        "service-environment" => id.parse().ok().map(Taggable::ServiceEnvironment),
        "service-job" => id.parse().ok().map(Taggable::ServiceJob),
        "job-definition" => arn::definition_id(id).map(Taggable::Definition),
        "scheduling-policy" => id.parse().ok().map(Taggable::Policy),
        "consumable-resource" => id.parse().ok().map(Taggable::Consumable),
        "job" => match id.parse() {
            Ok(JobRef::Job(job)) => Some(Taggable::Job(job)),
            Ok(JobRef::Child(..) | JobRef::Node(..)) => return Err(Failure::client(CHILD)),
            Err(_) => None,
        },
        _ => None,
    };
    found.ok_or_else(|| {
        // No source knows AWS's text (A21).
        Failure::client(format!(
            "resourceArn {arn} is not the ARN of a compute environment, a job queue, a revision of a job definition, a \
             job, a scheduling policy, a consumable resource, a service environment, a service job or a quota share."
        ))
    })
}

/// Carries out the change that `command` makes of what is looked up for it.
async fn change(
    service: &BatchService,
    command: impl Fn(Option<LookedUpRow>) -> Command + Send + Sync,
) -> Result<(), Failure> {
    let mut looked_up = None;
    for _ in 0..LOOK_UPS {
        match service.commander.command(command(looked_up.take())).await {
            Ok(_) => return Ok(()),
            Err(CommandError::Refused(Error::LookUpRow { job, stamp })) => {
                looked_up = Some(look_up(service, job, stamp).await?);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::internal("change the tags", Contended))
}

/// Somebody else was faster every time.
#[derive(Debug, thiserror::Error)]
#[error("the tags of the job were changed by others {LOOK_UPS} times meanwhile")]
struct Contended;

async fn look_up(service: &BatchService, job: JobId, stamp: u64) -> Result<LookedUpRow, Failure> {
    let views = service.read(move |reader| reader.jobs(&[JobRef::Job(job)])).await?;
    let row = views.into_iter().flatten().next().map(|view| Box::new(Arc::unwrap_or_clone(view.job)));
    Ok(LookedUpRow { stamp, row })
}

#[cfg(test)]
mod tests;
