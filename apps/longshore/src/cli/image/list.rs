//! `longshore image ls`: what is here.

use std::time::UNIX_EPOCH;

use longshore_images::{Store, Summary};
use serde_json::{Value, json};

use super::{SHORT_ID, size};
use crate::cli::Exit;
use crate::output::time::{now_ms, span};
use crate::output::{self, Table};

/// List the images, the last used first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, store: &Store) -> anyhow::Result<Exit> {
    let images = store.list()?;
    if args.json {
        output::json(&json!({ "images": images.iter().map(document).collect::<Vec<_>>() }));
    } else if images.is_empty() {
        output::say("no images; jobs pull what they need, and `longshore image load` takes files");
    } else {
        output::data(table(&images).render());
    }
    Ok(Exit::Success)
}

fn last_used_ms(image: &Summary) -> i64 {
    let since_epoch = image.last_used.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

fn document(image: &Summary) -> Value {
    json!({
        "id": image.id,
        "names": image.names,
        "bytes": image.bytes,
        "lastUsedAt": last_used_ms(image),
        "inUse": image.in_use,
    })
}

fn table(images: &[Summary]) -> Table {
    let mut table = Table::new(&["NAME", "ID", "SIZE", "LAST USED"]);
    for image in images {
        let used = if image.in_use { "in use".into() } else { format!("{} ago", span(now_ms() - last_used_ms(image))) };
        let nameless = ["-".to_owned()];
        let names = if image.names.is_empty() { &nameless[..] } else { &image.names };
        for name in names {
            table.row(vec![name.clone(), image.id.hex()[..SHORT_ID].to_owned(), size(image.bytes), used.clone()]);
        }
    }
    table
}
