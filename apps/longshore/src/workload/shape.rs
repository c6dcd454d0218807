//! Checks a value of the file against a request shape of the Batch API and turns it into that request's JSON.
//! What the shape itself cannot say (names, references) is checked elsewhere.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::node::{Content, Key, Node};
use super::read::read;
use super::source::Problem;

/// The JSON of `node` read as a `T`, or nothing and a problem.
pub(super) fn request<T>(node: &Node, problems: &mut Vec<Problem>) -> Option<Value>
where
    T: DeserializeOwned + Serialize,
{
    match read::<T>(node) {
        Ok(typed) => serde_json::to_value(typed).ok(),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// Each item of the list called `key` at the top of the file, read as a `T`.
pub(super) fn requests<T>(root: &Node, key: &str, problems: &mut Vec<Problem>) -> Vec<Value>
where
    T: DeserializeOwned + Serialize,
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
