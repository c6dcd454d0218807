//! What a job's tags ask of data staging.

use crate::entity::Tags;
use longshore_protocol::Staging;

/// Turns the staging of `s3://` arguments on.
const STAGE: &str = "longshore:stage";
/// Which of them are outputs: options, or beginnings of URIs, with spaces between.
const OUTPUTS: &str = "longshore:outputs";

/// None for a job whose arguments are left alone.
pub(super) fn of(tags: &Tags) -> Option<Staging> {
    let wanted = tags.get(STAGE).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let outputs = || tags.get(OUTPUTS).map(String::as_str).unwrap_or_default().split_whitespace();
    wanted.then(|| Staging { outputs: outputs().map(ToOwned::to_owned).collect() })
}

#[cfg(test)]
mod tests;
