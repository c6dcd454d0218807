//! Filter patterns (`CWL-3`): words, or a condition on a JSON message. Parsed once, then only matched.

mod json;
mod scan;
mod terms;

use crate::error::Error;
use json::Condition;
use terms::Terms;

/// A pattern that messages match or not.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// Words and phrases.
    Terms(Terms),
    /// `{ … }`: a condition on the members of a JSON object.
    Json(Condition),
}

impl Pattern {
    /// Reads a pattern; an empty one matches everything.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let parsed =
            if text.starts_with('{') { json::parse(text).map(Self::Json) } else { terms::parse(text).map(Self::Terms) };
        parsed.ok_or(Error::InvalidFilterPattern)
    }

    /// Whether a message matches.
    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Self::Terms(terms) => terms.matches(message),
            Self::Json(condition) => json::matches(condition, message),
        }
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
