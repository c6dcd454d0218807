//! `cargo xtask tidy`: what the compiler does not check. Rings, sizes, names, headers, words, and that the documents name
//! what exists. Each check is a pure function over the tree; this file collects the tree and prints.

mod documents;
mod edges;
mod files;
mod tree;

use anyhow::{Result, bail};
pub(crate) use tree::Tree;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print findings as JSON.
    #[arg(long)]
    json: bool,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(crate) struct Finding {
    /// `path` or `path:line`.
    pub(crate) place: String,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

impl Finding {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let tree = Tree::read()?;
    let mut findings = edges::check(&tree);
    findings.extend(files::check(&tree));
    findings.extend(documents::check(&tree));
    findings.sort();
    if args.json {
        crate::output::data(&serde_json::to_string_pretty(&findings)?);
    } else {
        for finding in &findings {
            crate::output::data(&format!("{}: {}", finding.place, finding.message));
        }
    }
    match findings.len() {
        0 => {
            crate::output::talk(&format!(
                "tidy: {} files, {} crates, nothing found",
                tree.files.len(),
                tree.crates.len()
            ));
            Ok(())
        }
        count => bail!("tidy found {count} thing(s) to mend"),
    }
}
