//! The jobs of a workload: each a SubmitJob request, with dependencies that may name other jobs of the file.

use longshore_api_batch::types::SubmitJobRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::expand::job_references;
use super::node::{Content, Node};
use super::order;
use super::read::{read as read_as, refuse_unknown_keys};
use super::shape::{add_default, list, request, text, without};
use super::source::{Place, Problem};

/// The queue of a fresh server.
const DEFAULT_QUEUE: &str = "default";

/// One job to submit. Its request may still hold `${jobs.NAME.id}`, and lacks the dependencies on jobs of the file.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) name: String,
    pub(crate) request: Value,
    pub(crate) depends_on: Vec<Dependency>,
}

/// A dependency on another job of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) job: String,
    pub(crate) kind: Option<String>,
}

impl Job {
    /// The number of children, for an array job.
    pub(crate) fn array_size(&self) -> Option<u64> {
        self.request.pointer("/arrayProperties/size").and_then(Value::as_u64)
    }
}

/// A job and where its parts stand, while it is being checked.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) job: Job,
    pub(super) place: Place,
    /// Every other job that must be submitted before, with the place that says so.
    pub(super) after: Vec<(Place, String)>,
}

/// Reads the jobs and puts them in an order in which each comes after those that it needs.
pub(super) fn read(root: &Node, problems: &mut Vec<Problem>) -> Vec<Job> {
    let items = list(root, "jobs", problems);
    // Whatever else is wrong with the file is the likelier reason that none are found.
    if items.is_empty() && problems.is_empty() {
        let place = root.entries().iter().find(|(key, _)| key.text == "jobs").map_or(root.place, |(key, _)| key.place);
        problems.push(Problem::new(place, "there are no jobs").help("add at least one below `jobs:`"));
    }
    let parameters = parameters(root, problems);
    let drafts: Vec<Draft> = items.iter().filter_map(|item| draft(item, &parameters, problems)).collect();
    check_names(&drafts, problems);
    check_pairs(&drafts, problems);
    order::arrange(drafts, problems)
}

fn parameters(root: &Node, problems: &mut Vec<Problem>) -> serde_json::Map<String, Value> {
    let read = root.get("parameters").map(read_as::<std::collections::BTreeMap<String, String>>);
    match read {
        None => serde_json::Map::new(),
        Some(Ok(map)) => map.into_iter().map(|(key, value)| (key, Value::String(value))).collect(),
        Some(Err(problem)) => {
            problems.push(problem);
            serde_json::Map::new()
        }
    }
}

fn draft(item: &Node, defaults: &serde_json::Map<String, Value>, problems: &mut Vec<Problem>) -> Option<Draft> {
    let (api_dependencies, named) = split_dependencies(item, problems);
    let mut shaped = without(item, "dependsOn");
    if !matches!(item.content, Content::Map(_)) {
        shaped = item.clone();
    }
    add_default(&mut shaped, "jobQueue", DEFAULT_QUEUE);
    if let (Content::Map(entries), Some(node)) = (&mut shaped.content, api_dependencies) {
        entries
            .extend(item.entries().iter().find(|(key, _)| key.text == "dependsOn").map(|(key, _)| (key.clone(), node)));
    }
    let mut request = request::<SubmitJobRequest>(&shaped, problems)?;
    merge_parameters(&mut request, defaults);
    let name = text(item, "jobName")?.to_owned();
    let mut after: Vec<(Place, String)> =
        named.iter().map(|(place, dependency)| (*place, dependency.job.clone())).collect();
    after.extend(job_references(&shaped));
    let depends_on = named.into_iter().map(|(_, dependency)| dependency).collect();
    let place = item.get("jobName").map_or(item.place, |node| node.place);
    Some(Draft { job: Job { name, request, depends_on }, place, after })
}

/// The file's parameters apply where the job gives none of its own.
fn merge_parameters(request: &mut Value, defaults: &serde_json::Map<String, Value>) {
    if defaults.is_empty() {
        return;
    }
    let mut merged = defaults.clone();
    if let Some(Value::Object(own)) = request.get("parameters") {
        merged.extend(own.clone());
    }
    request["parameters"] = json!(merged);
}

#[derive(Deserialize)]
struct NamedDependency {
    job: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Separates dependencies in the API's shape from those on jobs of the file.
fn split_dependencies(item: &Node, problems: &mut Vec<Problem>) -> (Option<Node>, Vec<(Place, Dependency)>) {
    let Some(node) = item.get("dependsOn") else { return (None, Vec::new()) };
    let mut named = Vec::new();
    let mut others = Vec::new();
    for entry in list(item, "dependsOn", problems) {
        let Some(job) = entry.get("job") else {
            // Report unknown keys with `job` among those suggested.
            match refuse_unknown_keys(entry, &["job", "jobId", "type"]) {
                Ok(()) => others.push(entry.clone()),
                Err(problem) => problems.push(problem),
            }
            continue;
        };
        match read_as::<NamedDependency>(entry) {
            Ok(NamedDependency { job: name, kind }) => {
                check_kind(entry, kind.as_deref(), problems);
                named.push((job.place, Dependency { job: name, kind }));
            }
            Err(problem) => problems.push(problem),
        }
    }
    let api = (!others.is_empty()).then_some(Node { place: node.place, content: Content::List(others) });
    (api, named)
}

fn check_kind(entry: &Node, kind: Option<&str>, problems: &mut Vec<Problem>) {
    const KINDS: [&str; 2] = ["N_TO_N", "SEQUENTIAL"];
    if let Some(kind) = kind.filter(|kind| !KINDS.contains(kind)) {
        let place = entry.get("type").map_or(entry.place, |node| node.place);
        let message = format!("`{kind}` is not a type of dependency");
        problems.push(Problem::new(place, message).help_nearest(kind, KINDS.into_iter()));
    }
}

fn check_names(drafts: &[Draft], problems: &mut Vec<Problem>) {
    let names = || drafts.iter().map(|draft| draft.job.name.as_str());
    for (index, draft) in drafts.iter().enumerate() {
        if let Some(first) = drafts[..index].iter().find(|other| other.job.name == draft.job.name) {
            problems.push(
                Problem::new(draft.place, format!("a second job called `{}`", draft.job.name))
                    .help(format!("the first is on line {}: give each its own `jobName`", first.place.line)),
            );
        }
        for (place, other) in &draft.after {
            if names().all(|name| name != other) {
                let message = format!("no job in this file is called `{other}`");
                problems.push(Problem::new(*place, message).help_nearest(other, names()));
            }
        }
    }
}

/// N_TO_N pairs the children of two arrays of the same size (DEP-7).
fn check_pairs(drafts: &[Draft], problems: &mut Vec<Problem>) {
    for draft in drafts {
        for (dependency, (place, _)) in draft.job.depends_on.iter().zip(&draft.after) {
            let Some(other) = drafts.iter().find(|other| other.job.name == dependency.job) else { continue };
            if dependency.kind.as_deref() != Some("N_TO_N") || draft.job.array_size() == other.job.array_size() {
                continue;
            }
            let size = |job: &Job| job.array_size().map_or("no array".to_owned(), |size| format!("an array of {size}"));
            let message = format!(
                "N_TO_N needs two arrays of one size, but `{}` is {} and `{}` is {}",
                draft.job.name,
                size(&draft.job),
                other.job.name,
                size(&other.job),
            );
            problems.push(Problem::new(*place, message).help("leave out `type` to wait for the whole job"));
        }
    }
}
