//! `longshore limits`: every limit, with its default, AWS's value and the rule it comes from.

use super::Exit;
use crate::output::{self, Table};
use longshore_types::{Limits, UNLIMITED};
use serde_json::{Value, json};

/// List the limits of the server: what `serve --limit NAME=VALUE` can set
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  longshore limits
  longshore serve --limit array-size=20000 --limit queues=10
  longshore serve --aws-limits --limit submit-rate=unlimited")]
pub(crate) struct Args {
    /// The values that `serve --aws-limits` enforces, not the defaults
    #[arg(long)]
    aws: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let limits = Limits::catalogue();
    if args.json {
        let entry = |limit: &longshore_types::Limit| {
            json!({
                "name": limit.name(), "default": number(limit.standard), "aws": number(limit.aws), "rule": limit.rule,
                "what": limit.what,
            })
        };
        output::json(&json!({ "limits": limits.iter().map(entry).collect::<Vec<_>>() }));
        return Ok(Exit::Success);
    }
    let mut table = Table::new(&["NAME", "VALUE", "RULE", "BOUNDS"]);
    for limit in &limits {
        let value = if args.aws { limit.aws } else { limit.standard };
        table.row(vec![limit.name(), shown(value), limit.rule.to_owned(), limit.what.to_owned()]);
    }
    output::data(table.render());
    Ok(Exit::Success)
}

/// A limit's value for people.
pub(super) fn shown(value: u64) -> String {
    if value == UNLIMITED { "unlimited".to_owned() } else { value.to_string() }
}

/// For programs: a number, or nothing where nothing is bounded.
fn number(value: u64) -> Value {
    if value == UNLIMITED { Value::Null } else { json!(value) }
}

#[cfg(test)]
mod tests {
    //! The documentation lists what the code has.

    use super::*;

    #[test]
    fn documentation_has_every_limit_with_its_values() {
        let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/limits.md");
        let text = std::fs::read_to_string(guide).unwrap();
        let listed: Vec<&str> =
            text.lines().filter(|line| line.starts_with("| `") && !line.starts_with("| `--")).collect();
        let row = |limit: &longshore_types::Limit| {
            let (name, rule, what) = (limit.name(), limit.rule, limit.what);
            format!("| `{name}` | {} | {} | {rule} | {what} |", shown(limit.standard), shown(limit.aws))
        };
        assert_eq!(listed, Limits::catalogue().iter().map(row).collect::<Vec<_>>());
    }
}
