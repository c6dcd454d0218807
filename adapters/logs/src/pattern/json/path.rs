//! `$.a.b[0]["c d"]`: where in a JSON object to look.

use crate::pattern::scan::Scan;
use serde_json::Value;

/// The steps from the object to the value.
#[derive(Debug)]
pub(crate) struct Path(Vec<Step>);

#[derive(Debug)]
enum Step {
    Member(String),
    Element(usize),
}

impl Path {
    /// The value, if there is one.
    pub(super) fn find<'v>(&self, object: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(object, |value, step| match step {
            Step::Member(name) => value.as_object()?.get(name),
            Step::Element(place) => value.as_array()?.get(*place),
        })
    }
}

/// Reads a path, which begins with `$`.
pub(super) fn parse(scan: &mut Scan<'_>) -> Option<Path> {
    if !scan.take("$") {
        return None;
    }
    let mut steps = Vec::new();
    loop {
        if scan.take(".") {
            let name = scan.take_while(|character| character.is_alphanumeric() || matches!(character, '_' | '-'))?;
            steps.push(Step::Member(name.to_owned()));
        } else if scan.take("[") {
            steps.push(bracketed(scan)?);
        } else {
            return Some(Path(steps)).filter(|path| !path.0.is_empty());
        }
    }
}

fn bracketed(scan: &mut Scan<'_>) -> Option<Step> {
    let step = match scan.first()? {
        '"' => Step::Member(scan.quoted()?),
        _ => Step::Element(scan.take_while(|character| character.is_ascii_digit())?.parse().ok()?),
    };
    scan.take("]").then_some(step)
}
