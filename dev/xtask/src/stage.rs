//! Running commands as named, timed stages: what runs is said first, a failure names its stage and what to do.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_owned()
}

/// A command at the root, its output going where ours goes.
pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = show(command);
    crate::output::talk(&format!("$ {shown}"));
    let status = command.status().with_context(|| format!("failed to start `{shown}`; is it installed?"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Stages that have run, with their times.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    done: Vec<(&'static str, Duration)>,
}

impl Stages {
    /// Runs a stage; on failure the error names it.
    pub(crate) fn run(&mut self, name: &'static str, stage: impl FnOnce() -> Result<()>) -> Result<()> {
        crate::output::talk(&format!("\n── {name} ──"));
        let start = Instant::now();
        let result = stage().with_context(|| format!("stage `{name}` failed"));
        self.done.push((name, start.elapsed()));
        result
    }

    /// A line per stage.
    pub(crate) fn summary(&self) -> String {
        let line = |(name, time): &(&str, Duration)| format!("{name:<12} {:>7.1} s", time.as_secs_f64());
        let total = self.done.iter().map(|(_, time)| time).sum::<Duration>();
        let lines: Vec<String> = self.done.iter().map(line).chain([line(&("total", total))]).collect();
        lines.join("\n")
    }
}
