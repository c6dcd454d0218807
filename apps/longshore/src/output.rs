//! The one place that writes to the terminal. stdout carries data, stderr talk; colour only where a terminal shows it
//! (`NO_COLOR` and `CLICOLOR` are respected). A reader that goes away ends the program quietly, as with any filter.

mod table;
pub(crate) mod time;

use std::io::{IsTerminal, Write};

pub(crate) use table::Table;

/// Marks for talk; plain words carry the meaning, colour only helps the eye.
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[1;31m";
const CYAN: &str = "\x1b[36m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

/// A line of data.
pub(crate) fn data(line: impl AsRef<str>) {
    let mut out = anstream::stdout().lock();
    quit_if_closed(writeln!(out, "{}", line.as_ref()));
}

/// Data as JSON, indented, on stdout.
pub(crate) fn json(value: &serde_json::Value) {
    data(format!("{value:#}"));
}

/// Text that a program wrote, exactly as it is, on stdout.
pub(crate) fn raw(text: &str) {
    let mut out = std::io::stdout().lock();
    quit_if_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// A line of talk.
pub(crate) fn say(line: impl AsRef<str>) {
    // Nobody is left to be told when stderr is gone.
    let _ = writeln!(anstream::stderr().lock(), "{}", line.as_ref());
}

/// A warning: something is not as expected, but the work goes on.
pub(crate) fn warn(line: impl AsRef<str>) {
    say(format!("{YELLOW}warning{RESET}: {}", line.as_ref()));
}

/// An error with its causes; lines that begin with `help:` stand out.
pub(crate) fn error(error: &anyhow::Error) {
    say(format!("{RED}error{RESET}: {}", with_help_marked(&describe(error))));
}

/// The message and its causes, without those that the message already holds.
fn describe(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn with_help_marked(text: &str) -> String {
    text.replace("\nhelp: ", &format!("\n{CYAN}help{RESET}: "))
}

/// Text that stands out on a terminal.
pub(crate) fn bold(text: &str) -> String {
    format!("{BOLD}{text}{RESET}")
}

/// A job status in its colour.
pub(crate) fn status(status: &str) -> String {
    match status {
        "FAILED" => format!("{RED}{status}{RESET}"),
        "SUCCEEDED" => format!("\x1b[32m{status}{RESET}"),
        "RUNNING" | "STARTING" => format!("{CYAN}{status}{RESET}"),
        _ => status.to_owned(),
    }
}

/// Whether progress bars make sense.
pub(crate) fn talk_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Ends the program when nobody reads stdout any more (`longshore jobs | head`).
fn quit_if_closed(result: std::io::Result<()>) {
    if let Err(error) = result {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        say(format!("{RED}error{RESET}: cannot write to stdout: {error}"));
        std::process::exit(1);
    }
}

#[cfg(test)]
mod tests;
