//! `longshore image`: the images of a data directory. It works on the store itself, not through a server; locks in the store keep
//! it and running agents out of each other's way.

mod list;
mod load;
mod prune;
mod pull;
mod remove;

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;
use longshore_images::{Config, Removed, Store};

use super::Exit;
use crate::data_home::data_home;
use crate::output;

/// Hex digits of an image's id that are shown.
const SHORT_ID: usize = 12;

/// Container images on this machine: load, pull, list, remove
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  longshore image load tool.tar
  docker save tool:1 | longshore image load -
  longshore image pull registry.example.org/tool:1
  longshore image ls
  longshore image rm tool:1
  longshore image prune")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,

    /// The server's data directory, which holds the images
    #[arg(long, global = true, env = "LONGSHORE_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Load(load::Args),
    Pull(pull::Args),
    #[command(visible_alias = "list")]
    Ls(list::Args),
    #[command(visible_alias = "remove")]
    Rm(remove::Args),
    Prune(prune::Args),
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    if let Some(exit) = super::contain::inside()? {
        return Ok(exit);
    }
    let data_dir = args.data_dir.clone().unwrap_or_else(data_home);
    let store = Store::open(&data_dir.join("images"), Config::default()).context("failed to open the image store")?;
    match &args.verb {
        Verb::Load(args) => load::run(args, &store),
        Verb::Pull(args) => pull::run(args, &store),
        Verb::Ls(args) => list::run(args, &store),
        Verb::Rm(args) => remove::run(args, &store),
        Verb::Prune(args) => prune::run(args, &store),
    }
}

/// Says what is gone.
fn report(removed: &Removed) {
    for name in &removed.names {
        output::data(format!("untagged {name}"));
    }
    for id in &removed.images {
        output::data(format!("deleted {id}"));
    }
    if removed.bytes > 0 {
        output::say(format!("gave back {}", size(removed.bytes)));
    }
}

/// Bytes as people read them, in powers of 1,000 as Docker shows them.
fn size(bytes: u64) -> String {
    const STEP: u64 = 1_000;
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut tenths = bytes * 10;
    let mut unit = 0;
    while tenths >= STEP * 10 && unit + 1 < units.len() {
        tenths /= STEP;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{}.{} {}", tenths / 10, tenths % 10, units[unit]) }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn size_is_shown_with_three_or_four_digits() {
        let shown: Vec<String> = [0, 999, 1_000, 1_250_000, 3_999_999_999].into_iter().map(size).collect();
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "1.2 MB", "3.9 GB"]);
    }
}
