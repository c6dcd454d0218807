//! `longshore backup`: a consistent copy of a data directory, and its check. The work is in `crate::backup`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::Exit;
use super::contain;
use crate::backup::{self, Images, Manifest};
use crate::data_home::data_home;
use crate::interrupt::Interrupt;
use crate::output;
use indicatif::HumanBytes;
use serde_json::json;

/// Copy a server's data directory, while the server runs or not, so that it can be restored
///
/// A backup holds the database, what attempts have printed, the objects of the embedded S3 and how far webhooks have got, all
/// as of one moment; and the container images that cannot be pulled again. It gets its name once all of it is on disk: until
/// then there is only NAME.partial, which the next backup to that name takes away.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  longshore backup /backups/monday
  longshore backup --data-dir /srv/longshore /backups/monday.tar
  longshore backup verify /backups/monday.tar
  longshore restore /backups/monday.tar --data-dir /srv/new"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,

    /// The backup to make: a directory, or one archive if the name ends in .tar
    #[arg(value_name = "NAME", required = true)]
    target: Option<PathBuf>,

    /// The server's data directory
    #[arg(long, env = "LONGSHORE_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Which container images to copy
    #[arg(long, value_enum, value_name = "WHICH", default_value_t)]
    images: Images,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Read a backup and compare every file with its checksum
    Verify {
        /// The backup
        #[arg(value_name = "NAME")]
        backup: PathBuf,

        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let data_dir = args.data_dir.clone().unwrap_or_else(data_home);
    let of_others = args.verb.is_none() && args.images != Images::None && backup::has_images(&data_dir);
    if of_others && let Some(exit) = contain::inside()? {
        return Ok(exit);
    }
    let interrupt = Interrupt::install()?;
    let begun = Instant::now();
    match (&args.verb, &args.target) {
        (Some(Verb::Verify { backup, json }), _) => {
            let manifest = backup::verify(backup, &interrupt)?;
            report(("is whole", backup, *json), &manifest, begun);
        }
        (None, target) => {
            // The parser has seen to it that there is one.
            let target = target.clone().unwrap_or_default();
            let manifest = backup::create((&data_dir, args.images), &target, &interrupt)?;
            report(("made", &target, args.json), &manifest, begun);
        }
    }
    Ok(Exit::Success)
}

/// Says what is in a backup: in words on stderr, or as JSON on stdout.
pub(super) fn report((done, path, as_json): (&str, &Path, bool), manifest: &Manifest, begun: Instant) {
    if as_json {
        output::json(&json!({ "path": path.display().to_string(), "manifest": manifest }));
        return;
    }
    let Manifest { counts, files, bytes, made_at, .. } = manifest;
    output::say(format!(
        "{done}: {} of {made_at}: {} jobs, {} outputs, {} objects, {} images; {files} files, {}, in {:.1} s",
        path.display(),
        counts.jobs,
        counts.outputs,
        counts.objects,
        counts.images,
        HumanBytes(*bytes),
        begun.elapsed().as_secs_f64(),
    ));
}
