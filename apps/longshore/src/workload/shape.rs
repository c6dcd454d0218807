//! Checks a value of the file against a request shape of the Batch API, its rules included, and turns it into that
//! request's JSON. What the shape itself cannot say (names, references) is checked elsewhere.

use longshore_api_batch::{Rule, Validate, Violation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::node::{Content, Key, Node};
use super::read::read;
use super::source::Problem;

/// The JSON of `node` read as a `T`, or nothing and a problem.
pub(super) fn request<T>(node: &Node, problems: &mut Vec<Problem>) -> Option<Value>
where
    T: DeserializeOwned + Serialize + Validate,
{
    let checked = read::<T>(node).and_then(|typed| match typed.validate() {
        Ok(()) => Ok(typed),
        Err(violation) => Err(locate(node, &violation)),
    });
    match checked {
        Ok(typed) => serde_json::to_value(typed).ok(),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// The problem with the part of `node` that breaks a rule of the API.
fn locate(node: &Node, violation: &Violation) -> Problem {
    let (found, rest) = follow(node, &violation.path);
    match &violation.rule {
        Rule::Missing => {
            let member = rest.rsplit(['.', ']']).next().unwrap_or(rest);
            Problem::new(found.place, format!("`{member}` is missing")).help(format!("add `{member}:` here"))
        }
        Rule::NotOneOf { value, allowed } => {
            Problem::new(found.place, format!("`{value}` is not one of the values allowed here"))
                .help_nearest(value, allowed.iter().copied())
        }
        _ => Problem::new(found.place, violation.to_string().trim_end_matches('.')),
    }
}

/// Goes down a path like `a.b[2].c` as far as there is something, and gives the rest.
fn follow<'a, 'p>(mut node: &'a Node, mut path: &'p str) -> (&'a Node, &'p str) {
    loop {
        let step = match &node.content {
            Content::Map(entries) => {
                let name = path.strip_prefix('.').unwrap_or(path);
                // Keys may hold dots themselves: the longest that fits is meant.
                let fits = |key: &Key| matches!(name.strip_prefix(&key.text), Some(rest) if ends_step(rest));
                let fitting = entries.iter().filter(|(key, _)| fits(key)).max_by_key(|(key, _)| key.text.len());
                fitting.map(|(key, value)| (value, &name[key.text.len()..]))
            }
            Content::List(items) => path.strip_prefix('[').and_then(|rest| {
                let (index, rest) = rest.split_once(']')?;
                Some((items.get(index.parse::<usize>().ok()?)?, rest))
            }),
            Content::Text { .. } => None,
        };
        match step {
            Some((value, rest)) => (node, path) = (value, rest),
            None => return (node, path),
        }
    }
}

fn ends_step(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['.', '['])
}

/// Each item of the list called `key` at the top of the file, read as a `T`.
pub(super) fn requests<T>(root: &Node, key: &str, problems: &mut Vec<Problem>) -> Vec<Value>
where
    T: DeserializeOwned + Serialize + Validate,
{
    list(root, key, problems).iter().filter_map(|item| request::<T>(item, problems)).collect()
}

/// The items of the list called `key`; none if it is absent.
pub(super) fn list<'a>(root: &'a Node, key: &str, problems: &mut Vec<Problem>) -> &'a [Node] {
    match root.get(key) {
        None => &[],
        Some(Node { content: Content::List(items), .. }) => items,
        Some(node) if node.is_null() => &[],
        Some(node) => {
            problems.push(
                Problem::new(node.place, format!("expected a list, found {}", node.describe()))
                    .help(format!("write the items of `{key}` below it, each after `- `")),
            );
            &[]
        }
    }
}

/// The text of `key` in a map.
pub(super) fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    match node.get(key) {
        Some(value @ Node { content: Content::Text { text, .. }, .. }) if !value.is_null() => Some(text),
        _ => None,
    }
}

/// A copy of a map without `key`.
pub(super) fn without(node: &Node, key: &str) -> Node {
    let entries: Vec<(Key, Node)> = node.entries().iter().filter(|(k, _)| k.text != key).cloned().collect();
    Node { place: node.place, content: Content::Map(entries) }
}

/// Adds `key: text` to a map that has no such key.
pub(super) fn add_default(node: &mut Node, key: &str, text: &str) {
    let place = node.place;
    let missing = node.get(key).is_none();
    if let (true, Content::Map(entries)) = (missing, &mut node.content) {
        let value = Node { place, content: Content::Text { text: text.to_owned(), plain: false } };
        entries.push((Key { place, text: key.to_owned() }, value));
    }
}
