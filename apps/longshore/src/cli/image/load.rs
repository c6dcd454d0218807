//! `longshore image load`: images from an archive, for machines without a registry.

use std::path::{Path, PathBuf};

use anyhow::Context;
use longshore_images::{Reference, Store};

use crate::cli::Exit;
use crate::output;

/// Load images from an archive that docker, podman, buildah or skopeo saved
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive, compressed or not; - for standard input
    #[arg(value_name = "FILE.tar")]
    archive: PathBuf,

    /// The name of an image that the archive gives none
    #[arg(long, value_name = "NAME")]
    name: Option<Reference>,
}

pub(super) fn run(args: &Args, store: &Store) -> anyhow::Result<Exit> {
    let path = if args.archive == Path::new("-") { Path::new("/dev/stdin") } else { &args.archive };
    let loaded = store.load(path, args.name.as_ref());
    let loaded = loaded.with_context(|| format!("failed to load {}", args.archive.display()))?;
    for image in loaded {
        if image.names.is_empty() {
            output::say(format!("the image {} has no name; load it again with --name to use it in jobs", image.id));
            output::data(image.id.to_string());
        }
        image.names.iter().for_each(output::data);
    }
    Ok(Exit::Success)
}
