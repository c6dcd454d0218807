//! Reads conditions. `&&` binds before `||`.
//!
//! ```text
//! { any }    any = all ("||" all)*    all = one ("&&" one)*    one = "(" any ")" | path test
//! test = ("=" | "!=" | "<" | "<=" | ">" | ">=") operand | IS (NULL | TRUE | FALSE) | [NOT] EXISTS
//! ```

use super::path;
use super::{Comparison, Condition, Operand, State};
use crate::pattern::scan::Scan;

/// Deeper conditions are refused: nobody writes them, and the parser calls itself.
const MAX_DEPTH: usize = 32;

/// The longer operators come first.
const OPERATORS: [(&str, Comparison); 6] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("!=", Comparison::NotEqual),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

/// Reads `{ … }` and nothing after it.
pub(in crate::pattern) fn parse(text: &str) -> Option<Condition> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut scan = Scan(inner);
    let condition = any(&mut scan, 0)?;
    scan.skip_space();
    scan.0.is_empty().then_some(condition)
}

fn any(scan: &mut Scan<'_>, depth: usize) -> Option<Condition> {
    let mut conditions = vec![all(scan, depth)?];
    while after_space(scan, "||") {
        conditions.push(all(scan, depth)?);
    }
    if conditions.len() == 1 { conditions.pop() } else { Some(Condition::Any(conditions)) }
}

fn all(scan: &mut Scan<'_>, depth: usize) -> Option<Condition> {
    let mut conditions = vec![one(scan, depth)?];
    while after_space(scan, "&&") {
        conditions.push(one(scan, depth)?);
    }
    if conditions.len() == 1 { conditions.pop() } else { Some(Condition::All(conditions)) }
}

fn one(scan: &mut Scan<'_>, depth: usize) -> Option<Condition> {
    if after_space(scan, "(") {
        let condition = if depth < MAX_DEPTH { any(scan, depth + 1)? } else { return None };
        return after_space(scan, ")").then_some(condition);
    }
    let path = path::parse(scan)?;
    if scan.keyword("IS") {
        let states = [("NULL", State::Null), ("TRUE", State::True), ("FALSE", State::False)];
        let state = states.into_iter().find(|(word, _)| scan.keyword(word))?.1;
        return Some(Condition::Is(path, state));
    }
    if scan.keyword("NOT") {
        return scan.keyword("EXISTS").then_some(Condition::Is(path, State::Missing));
    }
    if scan.keyword("EXISTS") {
        return Some(Condition::Is(path, State::Existing));
    }
    let comparison = OPERATORS.into_iter().find(|(sign, _)| after_space(scan, sign))?.1;
    scan.skip_space();
    let operand = operand(scan)?;
    let is_ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let has_order = matches!(operand, Operand::Number(_));
    (has_order || !is_ordered).then_some(Condition::Compare(path, comparison, operand))
}

fn operand(scan: &mut Scan<'_>) -> Option<Operand> {
    match scan.first()? {
        '"' => scan.quoted().map(|text| Operand::Text(text.split('*').map(ToOwned::to_owned).collect())),
        '%' => scan.regex().map(Operand::Regex),
        _ => {
            let is_bare = |character: char| !character.is_whitespace() && !"()&|{}\"%=<>!".contains(character);
            let word = scan.take_while(is_bare)?;
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
            let text = || Operand::Text(word.split('*').map(ToOwned::to_owned).collect());
            Some(number.map_or_else(text, Operand::Number))
        }
    }
}

fn after_space(scan: &mut Scan<'_>, text: &str) -> bool {
    scan.skip_space();
    scan.take(text)
}
