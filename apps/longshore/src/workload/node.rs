//! YAML as a tree in which every value and key knows its place. One document per file; anchors and aliases work,
//! tags and merge keys do not exist here. What the values mean is decided by the one who reads the tree.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::source::{Place, Problem};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// `plain` text has no quotes and may stand for null, a truth value or a number.
    Text {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) place: Place,
    pub(crate) text: String,
}

impl Node {
    /// The value of `key`, if this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| k.text == key).map(|(_, value)| value)
    }

    /// The entries of a map; none for anything else.
    pub(crate) fn entries(&self) -> &[(Key, Node)] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// What it is, in words for messages.
    pub(crate) fn describe(&self) -> String {
        match &self.content {
            Content::Text { text, plain: true } if is_null(text) => "nothing".to_owned(),
            Content::Text { text, .. } => format!("`{text}`"),
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a map".to_owned(),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Text { text, plain: true } if is_null(text))
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Reads the one document of `text`.
pub(crate) fn parse(text: &str) -> Result<Node, Problem> {
    let mut builder = Builder { parser: Parser::new_from_str(text), anchors: Vec::new(), nodes: 0 };
    let mut root = None;
    loop {
        let (event, span) = builder.next()?;
        match event {
            Event::StreamEnd => break,
            Event::DocumentStart(_) if root.is_some() => {
                return Err(Problem::new(place(&span), "a second document")
                    .help("a workload file holds one document: take out the `---`"));
            }
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            event => root = Some(builder.node(event, span, 0)?),
        }
    }
    root.ok_or_else(|| Problem::new(Place { line: 1, column: 1, width: 1 }, "the file is empty"))
}

/// Deeper nesting than any API shape has; guards the stack.
const DEPTH_MAX: usize = 64;
/// More values than any sensible file has; guards against aliases that multiply.
const NODES_MAX: usize = 1_000_000;

struct Builder<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: Vec<(usize, Node)>,
    nodes: usize,
}

impl<'a> Builder<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), Problem> {
        match self.parser.next() {
            Some(Ok(pair)) => Ok(pair),
            Some(Err(error)) => {
                let at = error.marker();
                let place = Place { line: at.line().max(1), column: at.col() + 1, width: 1 };
                let problem = Problem::new(place, format!("not YAML: {}", error.info()));
                Err(problem.help("look here and just before for a bracket, quote or colon, or for the indentation"))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Problem> {
        let place = place(&span);
        self.nodes += 1;
        if depth > DEPTH_MAX || self.nodes > NODES_MAX {
            return Err(Problem::new(place, "too deep or too large"));
        }
        let (content, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let plain = style == ScalarStyle::Plain;
                (Content::Text { text: text.into_owned(), plain }, anchor)
            }
            Event::SequenceStart(anchor, _) => (self.list(depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.map(depth)?, anchor),
            Event::Alias(anchor) => return self.alias(anchor, place),
            other => return Err(Problem::new(place, format!("unexpected {other:?}"))),
        };
        let node = Node { place, content };
        if anchor != 0 {
            self.anchors.push((anchor, node.clone()));
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Content, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Content::List(items)),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Content, Problem> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Content::Map(entries)),
                Event::Scalar(text, ..) => Key { place: place(&span), text: text.into_owned() },
                _ => return Err(Problem::new(place(&span), "a key that is not a simple text")),
            };
            if let Some((first, _)) = entries.iter().find(|(other, _)| other.text == key.text) {
                return Err(Problem::new(key.place, format!("`{}` for the second time", key.text))
                    .help(format!("it is already given on line {}: keep one of them", first.place.line)));
            }
            let (event, span) = self.next()?;
            entries.push((key, self.node(event, span, depth + 1)?));
        }
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<Node, Problem> {
        let found = self.anchors.iter().rev().find(|(id, _)| *id == anchor).map(|(_, node)| node.clone());
        let node = found.ok_or_else(|| Problem::new(place, "an alias without its anchor"))?;
        self.nodes += size(&node);
        Ok(node)
    }
}

fn size(node: &Node) -> usize {
    match &node.content {
        Content::Text { .. } => 1,
        Content::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Content::Map(entries) => 1 + entries.iter().map(|(_, value)| size(value)).sum::<usize>(),
    }
}

fn place(span: &Span) -> Place {
    let width = if span.start.line() == span.end.line() { span.end.col().saturating_sub(span.start.col()) } else { 1 };
    Place { line: span.start.line().max(1), column: span.start.col() + 1, width: width.max(1) }
}
