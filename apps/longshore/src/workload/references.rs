//! What the jobs, queues and definitions of a file refer to must be there: in the file, on every fresh server, or, where
//! the server is not ours, possibly there.

use super::Context;
use super::expand::job_references;
use super::node::{Content, Node};
use super::shape::text;
use super::source::{Place, Problem};

/// What every fresh server has.
const BUILT_IN: &str = "host";
const BUILT_IN_QUEUE: &str = "default";

/// Reports names that nothing has, and names that two things of a kind have.
pub(super) fn check(root: &Node, context: &Context, problems: &mut Vec<Problem>) {
    check_queues(root, context, problems);
    check_definitions(root, context, problems);
    for (key, section) in root.entries().iter().filter(|(key, _)| key.text != "jobs") {
        for (place, name) in job_references(section) {
            let message = format!("`${{jobs.{name}.id}}` is not known in `{}`", key.text);
            problems.push(Problem::new(place, message).help("the id of a job can be used below `jobs:` only"));
        }
    }
}

fn check_queues(root: &Node, context: &Context, problems: &mut Vec<Problem>) {
    report_twice(&names(root, "computeEnvironments", "computeEnvironmentName"), "compute environment", problems);
    let mut queues = names(root, "jobQueues", "jobQueueName");
    report_twice(&queues, "job queue", problems);
    queues.push((Place::default(), BUILT_IN_QUEUE));
    if !context.server_exists {
        report_missing(&names(root, "jobs", "jobQueue"), "job queue", &queues, problems);
    }
}

fn check_definitions(root: &Node, context: &Context, problems: &mut Vec<Problem>) {
    let mut definitions = names(root, "jobDefinitions", "jobDefinitionName");
    report_twice(&definitions, "job definition", problems);
    definitions.push((Place::default(), BUILT_IN));
    if !context.server_exists {
        report_missing(&names(root, "jobs", "jobDefinition"), "job definition", &definitions, problems);
    }
}

/// The texts of `key` in the items of a section, with their places.
fn names<'a>(root: &'a Node, section: &str, key: &str) -> Vec<(Place, &'a str)> {
    let Some(Node { content: Content::List(items), .. }) = root.get(section) else { return Vec::new() };
    items.iter().filter_map(|item| Some((item.get(key)?.place, text(item, key)?))).collect()
}

fn report_twice(names: &[(Place, &str)], what: &str, problems: &mut Vec<Problem>) {
    for (index, (place, name)) in names.iter().enumerate() {
        if let Some((first, _)) = names[..index].iter().find(|(_, other)| other == name) {
            problems.push(
                Problem::new(*place, format!("a second {what} called `{name}`"))
                    .help(format!("the first is on line {}: give each its own name", first.line)),
            );
        }
    }
}

fn report_missing(used: &[(Place, &str)], what: &str, known: &[(Place, &str)], problems: &mut Vec<Problem>) {
    for (place, reference) in used {
        let name = plain_name(reference);
        if known.iter().all(|(_, other)| *other != name) {
            let message = format!("no {what} is called `{name}`");
            problems.push(Problem::new(*place, message).help_nearest(name, known.iter().map(|(_, name)| *name)));
        }
    }
}

/// The name in `name`, `name:revision` or an ARN of either.
fn plain_name(reference: &str) -> &str {
    let last =
        if reference.starts_with("arn:") { reference.rsplit('/').next().unwrap_or(reference) } else { reference };
    last.split(':').next().unwrap_or(last)
}
