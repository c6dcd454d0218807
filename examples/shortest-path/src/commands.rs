//! One file per verb of the command line.

pub(crate) mod aggregate;
pub(crate) mod generate;
pub(crate) mod paths;

use crate::cli::Target;
use crate::storage::{Client, Store, process_environment};
use crate::{network, result_file, share, storage};
use std::path::Path;

/// Why a command failed, in words for its user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Network(#[from] network::Error),
    #[error(transparent)]
    Share(#[from] share::Error),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    ResultFile(#[from] result_file::Error),
    #[error(transparent)]
    Aggregate(#[from] aggregate::Error),
    #[error("cannot write to standard output")]
    Output(#[from] std::io::Error),
}

/// What the names of result files end with.
const RESULT_SUFFIX: &str = "_shortest-path.spr";

/// The result file of one child.
pub(crate) fn result_name(array_job_id: &str, index: u32) -> String {
    format!("{array_job_id}_{index}{RESULT_SUFFIX}")
}

/// Where results are read and written; `None` when the user named no place.
fn store(target: &Target, folder: Option<&Path>) -> Result<Option<Store>, storage::Error> {
    if let Some(folder) = folder {
        return Ok(Some(Store::Folder(folder.to_owned())));
    }
    let Some(bucket) = target.bucket.as_deref().filter(|bucket| !bucket.is_empty()) else { return Ok(None) };
    let client = Box::new(Client::new(bucket, &process_environment)?);
    Ok(Some(Store::Bucket { client, prefix: target.prefix.clone() }))
}
