//! `longshore version`.

use serde_json::json;

use super::Exit;
use crate::output;

/// Print the version
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let version = env!("CARGO_PKG_VERSION");
    if args.json {
        output::json(&json!({ "name": "longshore", "version": version }));
    } else {
        output::data(format!("longshore {version}"));
    }
    Ok(Exit::Success)
}
