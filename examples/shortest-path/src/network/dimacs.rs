//! DIMACS shortest-path files (`.gr`): `p sp NODES ARCS`, then `a FROM TO WEIGHT`, nodes from 1, comments with `c`.

use super::tntp::Line;
use super::{Draft, Error};

pub(super) fn parse(text: &str, file: &str) -> Result<Draft, Error> {
    let mut problem: Option<(u32, usize)> = None;
    let mut links = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let here = Line { file, number };
        let mut fields = line.split_whitespace();
        let mut next = || fields.next().unwrap_or_default();
        match (next(), problem) {
            ("" | "c", _) => {}
            ("p", None) => {
                if next() != "sp" {
                    return Err(here.malformed("`p sp NODES ARCS`", line));
                }
                problem = Some((here.number(next(), "a number of nodes")?, here.number(next(), "a number of arcs")?));
            }
            ("a", Some((nodes, _))) => {
                let (from, to) = (here.node(next(), nodes)?, here.node(next(), nodes)?);
                links.push((from, to, here.weight(next(), "a weight in column 4")?));
            }
            ("a", None) => return Err(missing_problem(file)),
            _ => return Err(here.malformed("`c COMMENT`, `a FROM TO WEIGHT` or one `p sp NODES ARCS`", line)),
        }
    }
    let (nodes, declared) = problem.ok_or_else(|| missing_problem(file))?;
    if declared != links.len() {
        return Err(Error::LinkCount { file: file.to_owned(), declared, found: links.len() });
    }
    Ok(Draft { nodes, first_through: 0, links })
}

fn missing_problem(file: &str) -> Error {
    Error::MissingHeader { file: file.to_owned(), expected: "`p sp NODES ARCS`" }
}
