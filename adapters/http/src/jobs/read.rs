//! What operations on jobs read besides the jobs themselves.

use longshore_engine::entity::ComputeEnvironment;
use longshore_store::{Error, JobView, Reader};
use longshore_types::Name;
use std::collections::{BTreeMap, BTreeSet};

/// Compute environments by name.
pub(crate) type Environments = BTreeMap<Name, ComputeEnvironment>;

/// The compute environments that attempts of these jobs ran or run in; those deleted since are left out.
pub(crate) fn environments_of(reader: &Reader, views: &[JobView]) -> Result<Environments, Error> {
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
