//! Scenario files: a script, a line of three dashes, and what came of it when it was last recorded.

use crate::outcome::{self, Outcome};
use crate::script::{self, Script};

/// What stands between a script and its outcome.
const RULE: &str = "---";

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What happens.
    pub script: Script,
    /// The script as it is written, comments and all.
    text: String,
    /// What came of it when it was recorded; `None` if it never was.
    pub recorded: Option<String>,
}

impl Scenario {
    /// Reads a file's text.
    ///
    /// # Errors
    /// What is not understood of the script.
    pub fn parse(text: &str) -> Result<Self, script::Error> {
        let separator = format!("\n{RULE}\n");
        let (written, recorded) = match text.split_once(&separator) {
            Some((script, recorded)) => (format!("{script}\n"), Some(recorded.to_owned())),
            None => (text.to_owned(), None),
        };
        Ok(Self { script: written.parse()?, text: written, recorded })
    }

    /// Runs it; `told` asks for the story in words.
    pub fn run(&self, told: bool) -> Outcome {
        outcome::run(&self.script, told)
    }

    /// The file as it would be recorded with this outcome.
    pub fn record(&self, outcome: &Outcome) -> String {
        format!("{}{RULE}\n{}", self.text, told(outcome))
    }

    /// Whether what came of it is what was recorded.
    pub fn is_as_recorded(&self, outcome: &Outcome) -> bool {
        self.recorded.as_deref() == Some(told(outcome).as_str())
    }
}

/// An outcome as it is recorded.
pub fn told(outcome: &Outcome) -> String {
    let broken = outcome.violation.iter().map(|violation| format!("broken: {violation}"));
    outcome.seen.iter().cloned().chain(broken).map(|line| format!("{line}\n")).collect()
}
