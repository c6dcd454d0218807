//! TNTP link files (`*_net.tntp`): metadata in angle brackets, then one link a line, nodes from 1.

use super::decimal::{Decimal, Invalid};
use super::{Draft, Error, Weight};

/// Metadata that matters here.
#[derive(Default)]
struct Header {
    nodes: Option<u32>,
    first_through: Option<u32>,
    links: Option<usize>,
}

pub(super) fn parse(text: &str, file: &str, weight: Weight) -> Result<Draft, Error> {
    let mut lines = text.lines().zip(1..).map(|(line, number)| (number, line.trim()));
    let header = read_header(&mut lines, file)?;
    let nodes = header
        .nodes
        .ok_or_else(|| Error::MissingHeader { file: file.to_owned(), expected: "`<NUMBER OF NODES> n`" })?;
    let mut links = Vec::with_capacity(header.links.unwrap_or(0).min(text.len()));
    for (number, line) in lines {
        let fields = line.split('~').next().unwrap_or_default().trim_end_matches(';').trim();
        if !fields.is_empty() {
            links.push(Line { file, number }.link(fields, nodes, weight)?);
        }
    }
    match header.links {
        Some(declared) if declared != links.len() => {
            Err(Error::LinkCount { file: file.to_owned(), declared, found: links.len() })
        }
        _ => Ok(Draft { nodes, first_through: header.first_through.unwrap_or(1).saturating_sub(1).min(nodes), links }),
    }
}

fn read_header<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>, file: &str) -> Result<Header, Error> {
    let mut header = Header::default();
    for (number, line) in lines {
        let here = Line { file, number };
        let Some((key, value)) = line.strip_prefix('<').and_then(|rest| rest.split_once('>')) else {
            if line.is_empty() || line.starts_with('~') {
                continue;
            }
            return Err(here.malformed("`<KEY> value` or `<END OF METADATA>`", line));
        };
        let value = value.split_whitespace().next().unwrap_or_default();
        match key.trim().to_ascii_uppercase().as_str() {
            "END OF METADATA" => return Ok(header),
            "NUMBER OF NODES" => header.nodes = Some(here.number(value, "a number of nodes")?),
            "FIRST THRU NODE" => header.first_through = Some(here.number(value, "the first node to pass through")?),
            "NUMBER OF LINKS" => header.links = Some(here.number(value, "a number of links")?),
            _ => {}
        }
    }
    Err(Error::MissingHeader { file: file.to_owned(), expected: "`<END OF METADATA>`" })
}

/// One line, for messages.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) file: &'a str,
    pub(super) number: usize,
}

impl Line<'_> {
    fn link(self, fields: &str, nodes: u32, weight: Weight) -> Result<(u32, u32, Decimal), Error> {
        let mut columns = fields.split_whitespace();
        let from = self.node(columns.next().unwrap_or_default(), nodes)?;
        let to = self.node(columns.next().unwrap_or_default(), nodes)?;
        let (skipped, expected) = match weight {
            Weight::Length => (1, "a length in column 4"),
            Weight::FreeFlowTime => (2, "a free-flow time in column 5"),
        };
        Ok((from, to, self.weight(columns.nth(skipped).unwrap_or_default(), expected)?))
    }

    /// A node of the file (from 1) as one of ours (from 0).
    pub(super) fn node(self, text: &str, nodes: u32) -> Result<u32, Error> {
        let node: u64 = self.number(text, "a node number")?;
        match u32::try_from(node) {
            Ok(inside) if (1..=nodes).contains(&inside) => Ok(inside - 1),
            _ => Err(Error::NodeOutOfRange { file: self.file.to_owned(), line: self.number, node, nodes }),
        }
    }

    pub(super) fn weight(self, text: &str, expected: &'static str) -> Result<Decimal, Error> {
        Decimal::parse(text).map_err(|invalid| match invalid {
            Invalid::NotANumber => self.malformed(expected, text),
            Invalid::Negative => {
                Error::NegativeWeight { file: self.file.to_owned(), line: self.number, found: text.to_owned() }
            }
        })
    }

    pub(super) fn number<T: std::str::FromStr>(self, text: &str, expected: &'static str) -> Result<T, Error> {
        text.parse().map_err(|_| self.malformed(expected, text))
    }

    pub(super) fn malformed(self, expected: &'static str, found: &str) -> Error {
        let found = found.chars().take(60).collect();
        Error::Malformed { file: self.file.to_owned(), line: self.number, expected, found }
    }
}
