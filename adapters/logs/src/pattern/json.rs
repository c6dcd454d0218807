//! `{ ($.status >= 500 && $.path = "/api/*") || $.error NOT EXISTS }`: conditions on a message that is a JSON object.
//! A message that is none matches no condition.

mod parse;
mod path;

pub(super) use parse::parse;

use path::Path;
use serde_json::Value;
use std::cmp::Ordering;

/// A condition.
#[derive(Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Compare(Path, Comparison, Operand),
    Is(Path, State),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a member is compared with.
#[derive(Debug)]
pub(crate) enum Operand {
    Number(f64),
    /// The text between the asterisks: one part when there is none.
    Text(Vec<String>),
    Regex(regex::Regex),
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Null,
    True,
    False,
    Existing,
    Missing,
}

/// Whether a message is a JSON object that fulfils a condition.
pub(super) fn matches(condition: &Condition, message: &str) -> bool {
    let message = message.trim();
    let object = if message.starts_with('{') { serde_json::from_str::<Value>(message).ok() } else { None };
    object.is_some_and(|object| holds(condition, &object))
}

fn holds(condition: &Condition, object: &Value) -> bool {
    match condition {
        Condition::All(all) => all.iter().all(|condition| holds(condition, object)),
        Condition::Any(any) => any.iter().any(|condition| holds(condition, object)),
        Condition::Is(path, state) => is(path.find(object), *state),
        Condition::Compare(path, comparison, operand) => {
            path.find(object).is_some_and(|value| compares(value, *comparison, operand))
        }
    }
}

fn is(value: Option<&Value>, state: State) -> bool {
    match state {
        State::Null => value == Some(&Value::Null),
        State::True => value == Some(&Value::Bool(true)),
        State::False => value == Some(&Value::Bool(false)),
        State::Existing => value.is_some(),
        State::Missing => value.is_none(),
    }
}

fn compares(value: &Value, comparison: Comparison, operand: &Operand) -> bool {
    match operand {
        Operand::Number(number) => {
            let order = value.as_f64().and_then(|value| value.partial_cmp(number));
            order.map_or(comparison == Comparison::NotEqual, |order| fits(order, comparison))
        }
        Operand::Text(parts) => equals(value, comparison, |text| wildcard(parts, text)),
        Operand::Regex(regex) => equals(value, comparison, |text| regex.is_match(text)),
    }
}

fn fits(order: Ordering, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// Text is equal or not; it has no order (the parser sees to that).
fn equals(value: &Value, comparison: Comparison, test: impl Fn(&str) -> bool) -> bool {
    let equal = match value {
        Value::String(text) => test(text),
        Value::Number(number) => test(&number.to_string()),
        Value::Bool(flag) => test(if *flag { "true" } else { "false" }),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    };
    equal == (comparison == Comparison::Equal)
}

/// Whether `text` is the parts in this order, with anything in the places of the asterisks between them.
fn wildcard(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else { return parts.first().is_some_and(|only| only == text) };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}
