//! `longshore image prune`: takes away all that nothing uses.

use longshore_images::Store;

use crate::cli::Exit;

/// Remove all images that no job runs from now
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, store: &Store) -> anyhow::Result<Exit> {
    super::report(&store.prune()?);
    Ok(Exit::Success)
}
