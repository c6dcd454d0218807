//! Which arguments of a command are inputs, which are outputs, and what the command gets in their place. Pure.
//!
//! An argument is staged if it is an `s3://bucket/key`, alone or behind `NAME=`. It belongs to the option before it, or to
//! NAME. Without further word it is an output if that option is `o` or begins with one of [`OUTPUT_WORDS`]; everything else
//! is an input. Where the job names its outputs, exactly those are outputs.

use crate::uri::Uri;
use std::path::{Path, PathBuf};

/// Beginnings of options that name outputs, dashes aside.
const OUTPUT_WORDS: [&str; 5] = ["out", "dest", "result", "save", "upload"];

/// One object, or all objects under a prefix, and the file or directory that stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) uri: Uri,
    /// Its directory below the root of the stage, and the name in there.
    pub(crate) place: PathBuf,
}

/// What to do for a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) command: Vec<String>,
    pub(crate) inputs: Vec<Transfer>,
    pub(crate) outputs: Vec<Transfer>,
}

/// The plan for a command that sees the stage at `root`.
pub(crate) fn plan(command: &[String], outputs: &[String], root: &Path) -> Plan {
    let mut plan = Plan::default();
    for (index, argument) in command.iter().enumerate() {
        let before = index.checked_sub(1).map_or("", |before| command[before].as_str());
        let Some((name, uri)) = staged(argument) else {
            plan.command.push(argument.clone());
            continue;
        };
        let option = if name.is_empty() { before } else { name.trim_end_matches('=') };
        let is_output = if outputs.is_empty() {
            names_output(option)
        } else {
            outputs.iter().any(|wanted| is_named(wanted, option, &uri))
        };
        let list = if is_output { &mut plan.outputs } else { &mut plan.inputs };
        let known = list.iter().find(|transfer| transfer.uri == uri).map(|transfer| transfer.place.clone());
        let place = known.unwrap_or_else(|| {
            let side = if is_output { "out" } else { "in" };
            let place = Path::new(side).join(list.len().to_string()).join(uri.file_name());
            list.push(Transfer { uri: uri.clone(), place: place.clone() });
            place
        });
        let slash = if uri.is_prefix() { "/" } else { "" };
        plan.command.push(format!("{name}{}{slash}", root.join(place).display()));
    }
    plan
}

/// What stands before the URI, `NAME=` or nothing, and the URI.
fn staged(argument: &str) -> Option<(&str, Uri)> {
    if let Some(uri) = Uri::parse(argument) {
        return Some(("", uri));
    }
    let (name, value) = argument.split_once('=')?;
    let uri = Uri::parse(value)?;
    Some((&argument[..=name.len()], uri))
}

fn names_output(option: &str) -> bool {
    let word = option.trim_start_matches('-').to_ascii_lowercase();
    word == "o" || OUTPUT_WORDS.iter().any(|start| word.starts_with(start))
}

/// An option with or without its dashes, a URI, or the beginning of URIs.
fn is_named(wanted: &str, option: &str, uri: &Uri) -> bool {
    if wanted.starts_with("s3://") {
        return uri.to_string().starts_with(wanted);
    }
    !option.is_empty() && (wanted == option || wanted == option.trim_start_matches('-'))
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
