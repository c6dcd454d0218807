//! `longshore doctor`: says what is wrong with a data directory, and what to do about it.

use super::Exit;
use crate::data_home::data_home;
use crate::doctor::{self, Check, Report};
use crate::output::{self, Table};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Most problems of a kind that are shown to people.
const SHOWN: usize = 10;

/// Check a data directory: the database, the rules that its rows keep, and the outputs of jobs
///
/// It only reads, whether a server runs or not. Exits with 1 if it finds a problem.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  longshore doctor
  longshore doctor --data-dir /srv/longshore --json")]
pub(crate) struct Args {
    /// The server's data directory
    #[arg(long, env = "LONGSHORE_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let report = doctor::examine(&args.data_dir.clone().unwrap_or_else(data_home))?;
    if args.json {
        output::json(&as_json(&report));
    } else {
        show(&report);
    }
    Ok(if report.is_clean() { Exit::Success } else { Exit::Failure })
}

fn as_json(report: &Report) -> Value {
    let check = |check: &Check| {
        let problem = |it: &doctor::Problem| json!({ "subject": it.subject, "problem": it.problem });
        let problems: Vec<Value> = check.problems.iter().map(problem).collect();
        let advice = (!check.problems.is_empty()).then_some(check.advice);
        json!({ "name": check.name, "problems": problems, "advice": advice })
    };
    json!({
        "dataDir": report.data_dir.display().to_string(),
        "server": report.server,
        "checks": report.checks.iter().map(check).collect::<Vec<_>>(),
        "problems": report.problems(),
    })
}

fn show(report: &Report) {
    let used = report.server.as_ref().map_or("no server uses it".to_owned(), |pid| format!("in use by process {pid}"));
    output::say(format!("{}: {used}", report.data_dir.display()));
    let mut table = Table::new(&["CHECK", "RESULT"]);
    for check in &report.checks {
        let result = match check.problems.len() {
            0 => "ok".to_owned(),
            1 => "1 problem".to_owned(),
            many => format!("{many} problems"),
        };
        table.row(vec![check.name.to_owned(), result]);
    }
    output::data(table.render());
    for check in report.checks.iter().filter(|check| !check.problems.is_empty()) {
        output::data("");
        for problem in check.problems.iter().take(SHOWN) {
            output::data(format!("{}: {}: {}", check.name, problem.subject, problem.problem));
        }
        if let Some(more) = check.problems.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            output::data(format!("{}: and {more} more; --json shows all", check.name));
        }
        output::data(check.advice);
    }
}
