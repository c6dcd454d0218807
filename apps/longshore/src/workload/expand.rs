//! The expansions of a workload file: `${workload.dir}` and `${env.NAME}` when it is read, `${jobs.NAME.id}` when the
//! job that holds it is submitted. Everything else, `${HOME}` say, is left for the shell; `$${…}` gives a literal `${…}`.

use std::collections::BTreeMap;
use std::convert::Infallible;

use serde_json::Value;

use super::node::{Content, Node};
use super::source::{Place, Problem};

/// What `${workload.…}` and `${env.…}` stand for.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) dir: String,
    pub(crate) env: BTreeMap<String, String>,
}

impl Surroundings {
    /// Expands every text below `node`; texts with an error stay and are reported.
    pub(crate) fn expand(&self, node: &mut Node, problems: &mut Vec<Problem>) {
        match &mut node.content {
            Content::List(items) => items.iter_mut().for_each(|item| self.expand(item, problems)),
            Content::Map(entries) => entries.iter_mut().for_each(|(_, value)| self.expand(value, problems)),
            Content::Text { text, .. } if text.contains("${") => {
                let place = node.place;
                match replace(text, Stage::Load, |reference| self.lookup(reference, place)) {
                    Ok(expanded) => *text = expanded,
                    Err(problem) => problems.push(problem),
                }
            }
            Content::Text { .. } => {}
        }
    }

    fn lookup(&self, reference: Reference<'_>, place: Place) -> Result<String, Problem> {
        match reference {
            Reference::Workload("dir") => Ok(self.dir.clone()),
            Reference::Workload(key) => Err(Problem::new(place, format!("nothing is called `${{workload.{key}}}`"))
                .help("the one thing known of the workload is `${workload.dir}`, the directory of this file")),
            Reference::Env(name) => self.env.get(name).cloned().ok_or_else(|| {
                Problem::new(place, format!("the environment variable `{name}` is not set"))
                    .help(format!("set it, or write `$${{env.{name}}}` if the job is to see the text itself"))
            }),
            Reference::Job(name) => Ok(format!("${{jobs.{name}.id}}")),
        }
    }
}

/// The jobs whose id the texts below `node` want.
pub(crate) fn job_references(node: &Node) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    collect_job_references(node, &mut found);
    found
}

fn collect_job_references(node: &Node, found: &mut Vec<(Place, String)>) {
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| collect_job_references(item, found)),
        Content::Map(entries) => entries.iter().for_each(|(_, value)| collect_job_references(value, found)),
        Content::Text { text, .. } => {
            let Ok(_) = replace(text, Stage::Submit, |reference| {
                if let Reference::Job(name) = reference {
                    found.push((node.place, name.to_owned()));
                }
                Ok::<_, Infallible>(String::new())
            });
        }
    }
}

/// Replaces `${jobs.NAME.id}` in every string of a request.
pub(crate) fn fill_job_ids(value: &mut Value, ids: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            let Ok(filled) = replace(text, Stage::Submit, |reference| {
                let Reference::Job(name) = reference else { return Ok(String::new()) };
                Ok::<_, Infallible>(ids.get(name).cloned().unwrap_or_default())
            });
            *text = filled;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill_job_ids(item, ids)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill_job_ids(field, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// When a reference gets its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Load,
    Submit,
}

#[derive(Clone, Copy, Debug)]
enum Reference<'a> {
    Workload(&'a str),
    Env(&'a str),
    Job(&'a str),
}

impl<'a> Reference<'a> {
    fn parse(inside: &'a str) -> Option<Self> {
        let (family, rest) = inside.split_once('.')?;
        match family {
            "workload" => Some(Self::Workload(rest)),
            "env" => Some(Self::Env(rest)),
            "jobs" => rest.strip_suffix(".id").map(Self::Job),
            _ => None,
        }
    }

    fn stage(self) -> Stage {
        match self {
            Self::Workload(_) | Self::Env(_) => Stage::Load,
            Self::Job(_) => Stage::Submit,
        }
    }
}

/// Replaces the references of one stage by what `value` gives; `$${…}` loses one `$` and stays.
fn replace<E>(
    text: &str,
    stage: Stage,
    mut value: impl FnMut(Reference<'_>) -> Result<String, E>,
) -> Result<String, E> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(end) = rest[start..].find('}').map(|length| start + length) else { break };
        let (before, whole) = (&rest[..start], &rest[start..=end]);
        match Reference::parse(&rest[start + 2..end]).filter(|reference| reference.stage() == stage) {
            Some(_) if before.ends_with('$') => {
                out.push_str(&before[..before.len() - 1]);
                out.push_str(whole);
            }
            Some(reference) => {
                out.push_str(before);
                out.push_str(&value(reference)?);
            }
            // Not ours: go on inside it, for `${HOME:-${env.NAME}}`.
            None => {
                out.push_str(&rest[..start + 2]);
                rest = &rest[start + 2..];
                continue;
            }
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}
