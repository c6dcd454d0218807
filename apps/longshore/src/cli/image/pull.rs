//! `longshore image pull`: an image before the first job needs it.

use anyhow::Context;
use longshore_images::{Reference, Store};

use crate::cli::Exit;
use crate::output;

/// Pull an image, so that the first job need not wait for it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The image: `NAME[:TAG]` or `NAME@DIGEST`
    #[arg(value_name = "IMAGE")]
    image: Reference,
}

pub(super) fn run(args: &Args, store: &Store) -> anyhow::Result<Exit> {
    let image = store.pull(&args.image, None);
    let image = image.with_context(|| format!("failed to pull {}", args.image.familiar()))?;
    output::data(image.id.to_string());
    Ok(Exit::Success)
}
