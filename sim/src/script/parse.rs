//! Reading scripts. A line that is not understood is an error that names the line and what would be understood.

use super::{Line, Script, VERBS, duration_ms};
use crate::setting::SETTINGS;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Why a text is no script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The line has no such verb.
    #[error("line {line}: there is no verb {verb:?}")]
    Verb {
        /// Which line.
        line: usize,
        /// The word in the verb's place.
        verb: String,
    },
    /// The verb has no such option.
    #[error("line {line}: {verb} has no option {option:?}; it has: {known}")]
    Option {
        /// Which line.
        line: usize,
        /// The verb.
        verb: &'static str,
        /// The option that it does not have.
        option: String,
        /// Those that it has.
        known: String,
    },
    /// The verb needs an object, or must not have one.
    #[error("line {line}: {verb} is written {usage}")]
    Object {
        /// Which line.
        line: usize,
        /// The verb.
        verb: &'static str,
        /// How it is written.
        usage: String,
    },
    /// A number, a time or a setting that is none.
    #[error("line {line}: {text:?} is not understood here")]
    Value {
        /// Which line.
        line: usize,
        /// What it says.
        text: String,
    },
    /// Times go back.
    #[error("line {line}: it happens before the line above it")]
    Order {
        /// Which line.
        line: usize,
    },
}

impl FromStr for Script {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut script =
            Self { title: Vec::new(), seed: 0, settings: BTreeMap::new(), until_ms: None, lines: Vec::new() };
        for (index, raw) in text.lines().enumerate() {
            let number = index + 1;
            let comment = raw.trim().strip_prefix('#');
            if let Some(comment) = comment.filter(|_| script.lines.is_empty() && script.settings.is_empty()) {
                script.title.push(comment.trim().to_owned());
            }
            let words: Vec<&str> = raw.split(" #").next().unwrap_or_default().split_whitespace().collect();
            if !(words.is_empty() || comment.is_some()) {
                take(&mut script, number, &words)?;
            }
        }
        Ok(script)
    }
}

fn take(script: &mut Script, line: usize, words: &[&str]) -> Result<(), Error> {
    let value = || Error::Value { line, text: words.join(" ") };
    match words {
        ["seed", seed] => script.seed = seed.parse().map_err(|_| value())?,
        ["until", time] => script.until_ms = Some(duration_ms(time).ok_or_else(value)?),
        ["set", name, setting] if SETTINGS.iter().any(|(known, ..)| known == name) => {
            script.settings.insert((*name).to_owned(), (*setting).to_owned());
        }
        [time, verb, rest @ ..] => {
            let at_ms = duration_ms(time).ok_or_else(value)?;
            if script.lines.last().is_some_and(|last| last.at_ms > at_ms) {
                return Err(Error::Order { line });
            }
            script.lines.push(action(line, at_ms, verb, rest)?);
        }
        _ => return Err(value()),
    }
    Ok(())
}

fn action(line: usize, at_ms: u64, verb: &str, rest: &[&str]) -> Result<Line, Error> {
    let known = VERBS.iter().find(|known| known.name == verb);
    let known = known.ok_or_else(|| Error::Verb { line, verb: verb.to_owned() })?;
    let (options, objects): (Vec<&str>, Vec<&str>) = rest.iter().partition(|word| word.contains('='));
    if objects.len() != usize::from(!known.object.is_empty()) {
        return Err(Error::Object { line, verb: known.name, usage: known.usage() });
    }
    let mut action = Line::new(at_ms, verb, objects.first().copied().unwrap_or_default());
    for option in options {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        if !known.options.contains(&name) {
            let (option, known_options) = (name.to_owned(), known.options.join(", "));
            return Err(Error::Option { line, verb: known.name, option, known: known_options });
        }
        action = action.with(name, value);
    }
    Ok(action)
}
