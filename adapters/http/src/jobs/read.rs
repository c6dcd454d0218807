//! Reading the store from async code.

use crate::failure::Failure;
use crate::services::BatchService;
use longshore_engine::entity::ComputeEnvironment;
use longshore_store::{Error, JobView, Reader};
use longshore_types::Name;
use std::collections::{BTreeMap, BTreeSet};

/// Compute environments by name.
pub(super) type Environments = BTreeMap<Name, ComputeEnvironment>;

/// Runs `query`, which blocks, where blocking is allowed.
pub(super) async fn read<T: Send + 'static>(
    service: &BatchService,
    query: impl FnOnce(&Reader) -> Result<T, Error> + Send + 'static,
) -> Result<T, Failure> {
    let reader = service.reader.clone();
    match tokio::task::spawn_blocking(move || query(&reader)).await {
        Ok(read) => read.map_err(|error| Failure::internal("read the database", error)),
        Err(error) => Err(Failure::internal("read the database", error)),
    }
}

/// The compute environments that attempts of these jobs ran or run in; those deleted since are left out.
pub(super) fn environments_of(reader: &Reader, views: &[JobView]) -> Result<Environments, Error> {
    let runs = views.iter().map(JobView::run);
    let names: BTreeSet<&Name> = runs
        .flat_map(|run| {
            let current = run.current.iter().map(|current| &current.environment);
            current.chain(run.attempts.iter().map(|attempt| &attempt.environment))
        })
        .collect();
    let mut environments = Environments::new();
    for name in names {
        if let Some(environment) = reader.environment(name)? {
            environments.insert(name.clone(), environment);
        }
    }
    Ok(environments)
}
