//! `longshore restore`: a data directory from a backup. The work is in `crate::backup`.

use std::path::PathBuf;
use std::time::Instant;

use super::{Exit, backup, contain};
use crate::data_home::data_home;
use crate::interrupt::Interrupt;
use crate::output;

/// Make a data directory from a backup
///
/// The directory must be empty or not there. A server that starts on it goes on from the moment of the backup: attempts that
/// ran then count as lost and follow their retry strategies, as after a crash of the machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  longshore restore /backups/monday --data-dir /srv/longshore
  longshore restore /backups/monday.tar --data-dir /srv/longshore && longshore serve --data-dir /srv/longshore")]
pub(crate) struct Args {
    /// The backup
    #[arg(value_name = "NAME")]
    backup: PathBuf,

    /// The data directory to make
    #[arg(long, env = "LONGSHORE_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if crate::backup::backup_has_images(&args.backup)?
        && let Some(exit) = contain::inside()?
    {
        return Ok(exit);
    }
    let interrupt = Interrupt::install()?;
    let begun = Instant::now();
    let data_dir = args.data_dir.clone().unwrap_or_else(data_home);
    let manifest = crate::backup::restore(&args.backup, &data_dir, &interrupt)?;
    backup::report(("restored", &data_dir, args.json), &manifest, begun);
    if !args.json {
        output::say(format!("start the server with:\n\n  longshore serve --data-dir {}\n", data_dir.display()));
    }
    Ok(Exit::Success)
}
