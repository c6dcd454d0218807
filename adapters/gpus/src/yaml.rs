//! YAML as a JSON value, for specifications that tools have written: one document, plain words as the core schema reads them.
//! Aliases are refused: no tool writes them, and they could make a small file large.

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value};

/// Deeper nesting than any specification has; guards the stack.
const DEPTH_MAX: usize = 32;

/// Why a text is not read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    #[error("not YAML: {0}")]
    Syntax(String),
    #[error("an alias, a second document, a key that is no text, or too deep nesting, which no specification has")]
    Shape,
}

pub(crate) fn parse(text: &str) -> Result<Value, Error> {
    let mut events = Events(Parser::new_from_str(text));
    let mut found = None;
    loop {
        match events.next()? {
            Event::StreamEnd => return Ok(found.unwrap_or(Value::Null)),
            Event::DocumentStart(_) if found.is_some() => return Err(Error::Shape),
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            event => found = Some(events.value(event, 0)?),
        }
    }
}

struct Events<'a>(Parser<'a, StrInput<'a>>);

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<Event<'a>, Error> {
        match self.0.next() {
            Some(Ok((event, _place))) => Ok(event),
            Some(Err(error)) => Err(Error::Syntax(error.to_string())),
            None => Ok(Event::StreamEnd),
        }
    }

    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<Value, Error> {
        if depth > DEPTH_MAX {
            return Err(Error::Shape);
        }
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => Ok(plain(&text)),
            Event::Scalar(text, ..) => Ok(Value::String(text.into_owned())),
            Event::SequenceStart(..) => self.list(depth),
            Event::MappingStart(..) => self.map(depth),
            _ => Err(Error::Shape),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Error> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::Array(items)),
                event => items.push(self.value(event, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, Error> {
        let mut members = Map::new();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => return Ok(Value::Object(members)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(Error::Shape),
            };
            let event = self.next()?;
            members.insert(key, self.value(event, depth + 1)?);
        }
    }
}

/// A word without quotes: nothing, a truth value, a whole number, or itself.
fn plain(text: &str) -> Value {
    let based =
        |prefix: &str, base| text.strip_prefix(prefix).and_then(|digits| i64::from_str_radix(digits, base).ok());
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match text.parse().ok().or_else(|| based("0o", 8)).or_else(|| based("0x", 16)) {
            Some(number) => Value::from(number),
            None => Value::String(text.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn document_becomes_the_same_in_json() {
        let text = "---\nkind: nvidia.com/gpu\ndevices:\n- name: \"0\"\n  nodes: [{path: /dev/a, fileMode: 438, minor: 0o10}]\n- {}\n";
        let expected = json!({
            "kind": "nvidia.com/gpu",
            "devices": [{ "name": "0", "nodes": [{ "path": "/dev/a", "fileMode": 438, "minor": 8 }] }, {}],
        });
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn what_could_grow_or_has_no_place_in_json_is_refused() {
        assert_eq!(parse("a: &x [1]\nb: *x\n"), Err(Error::Shape));
        assert_eq!(parse("a: 1\n---\nb: 2\n"), Err(Error::Shape));
        assert!(matches!(parse("a: [1"), Err(Error::Syntax(_))));
        assert_eq!(parse(&"[".repeat(100)), Err(Error::Shape));
    }
}
