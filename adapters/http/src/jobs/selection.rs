//! What a ListJobs request selects: statuses and filters (`LST-2`, `LST-3`).

use crate::arn;
use crate::failure::Failure;
use longshore_api_batch::types::KeyValuesPair;
use longshore_engine::command::DefinitionRef;
use longshore_engine::entity::DefinitionId;
use longshore_store::{DefinitionPattern, Pattern, Select};
use longshore_types::{JobStatus, Timestamp};

/// The statuses that are listed: the one asked for, else those that run.
pub(super) fn statuses(job_status: Option<JobStatus>) -> Vec<JobStatus> {
    vec![job_status.unwrap_or(JobStatus::Running)]
}

/// What is listed of a queue. A filter lists every status; only SHARE_IDENTIFIER heeds `jobStatus`.
pub(super) fn select(job_status: Option<JobStatus>, filters: &[KeyValuesPair]) -> Result<Select, Failure> {
    let filter = match filters {
        [] => return Ok(Select::Status(statuses(job_status))),
        [filter] => filter,
        _ => return Err(Failure::client("Only one filter can be used at a time.")),
    };
    let name = filter.name.as_deref().unwrap_or_default();
    let values = filter.values.as_deref().unwrap_or_default();
    if values.is_empty() {
        return Err(Failure::client(format!("The filter {name} needs at least one value.")));
    }
    let time = || -> Result<Timestamp, Failure> {
        let times = values.iter().map(|value| time(name, value)).collect::<Result<Vec<_>, _>>()?;
        let widest = if name == "BEFORE_CREATED_AT" { times.into_iter().max() } else { times.into_iter().min() };
        Ok(widest.unwrap_or_default())
    };
    match name {
        "JOB_NAME" => Ok(Select::Name(values.iter().map(|value| pattern(value)).collect())),
        "JOB_DEFINITION" => Ok(Select::Definition(values.iter().map(|value| definition(value)).collect())),
        "BEFORE_CREATED_AT" => Ok(Select::Created { after: None, before: Some(time()?) }),
        "AFTER_CREATED_AT" => Ok(Select::Created { after: Some(time()?), before: None }),
        "SHARE_IDENTIFIER" => {
            let statuses = job_status.map_or_else(|| JobStatus::ALL.to_vec(), |status| vec![status]);
            Ok(Select::Share(values.to_vec(), statuses))
        }
        _ => Err(Failure::client(format!(
            "The filter {name} is not known. Filters are JOB_NAME, JOB_DEFINITION, BEFORE_CREATED_AT, AFTER_CREATED_AT \
             and SHARE_IDENTIFIER."
        ))),
    }
}

/// A name, or with a trailing `*` the beginning of names.
pub(crate) fn pattern(value: &str) -> Pattern {
    value
        .strip_suffix('*')
        .map_or_else(|| Pattern::Exact(value.to_owned()), |prefix| Pattern::Prefix(prefix.to_owned()))
}

/// A name of any revision, the beginning of names, or one revision by its ARN.
fn definition(value: &str) -> DefinitionPattern {
    match arn::definition_ref(value) {
        DefinitionRef { name, revision: Some(revision) } => match name.parse() {
            Ok(name) => DefinitionPattern::Revision(DefinitionId { name, revision }),
            Err(_) => DefinitionPattern::Name(Pattern::Exact(value.to_owned())),
        },
        DefinitionRef { name, revision: None } => DefinitionPattern::Name(pattern(&name)),
    }
}

fn time(name: &str, value: &str) -> Result<Timestamp, Failure> {
    let text = || format!("The values of the filter {name} are milliseconds since 1970, not {value:?}.");
    value.parse().map(Timestamp::from_millis).map_err(|_| Failure::client(text()))
}
