//! `longshore image rm`: takes images away by name or id.

use longshore_images::Store;

use crate::cli::Exit;
use crate::output;

/// Remove images; those that jobs run from stay
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Names or ids
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<String>,
}

pub(super) fn run(args: &Args, store: &Store) -> anyhow::Result<Exit> {
    let mut exit = Exit::Success;
    for image in &args.images {
        match store.remove(image) {
            Ok(removed) => super::report(&removed),
            Err(error) => {
                output::error(&error.into());
                exit = Exit::Failure;
            }
        }
    }
    Ok(exit)
}
