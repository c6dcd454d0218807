//! Problems of a workload file, each at its place in the text: what is wrong, the line, and what to do about it.
//! It knows nothing of what a workload means.

use std::fmt;

/// Where something stands in the file: lines and columns from 1, width in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) width: usize,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Problem {
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a "did you mean", if there is a near miss among `known`.
    pub(crate) fn help_nearest<'a>(self, given: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        match nearest(given, known.clone()) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => {
                let names: Vec<_> = known.map(|name| format!("`{name}`")).collect();
                if names.is_empty() { self } else { self.help(format!("known here: {}", names.join(", "))) }
            }
        }
    }
}

/// The file as the user named it, and its text.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// All that is wrong with a file, ready to be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) struct Problems {
    source_text: Source,
    problems: Vec<Problem>,
}

impl Problems {
    /// Takes the problems in the order of the file.
    pub(crate) fn new(source_text: Source, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.place);
        problems.dedup();
        Self { source_text, problems }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            write_problem(f, &self.source_text, problem)?;
        }
        Ok(())
    }
}

fn write_problem(f: &mut fmt::Formatter<'_>, source: &Source, problem: &Problem) -> fmt::Result {
    let Place { line, column, width } = problem.place;
    write!(f, "{}:{line}:{column}: {}", source.name, problem.message)?;
    if let Some(text) = source.text.lines().nth(line.saturating_sub(1)) {
        let text = text.replace('\t', " ");
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        let room = text.chars().count().saturating_sub(column - 1).max(1);
        let carets = "^".repeat(width.clamp(1, room));
        write!(f, "\n{gutter} |\n{number} | {text}\n{gutter} | {}{carets}", " ".repeat(column - 1))?;
    }
    match &problem.help {
        Some(help) => write!(f, "\nhelp: {help}"),
        None => Ok(()),
    }
}

/// The name that the user most likely meant.
pub(crate) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|name| (strsim::damerau_levenshtein(&given.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 4 && *distance < given.chars().count())
        .min()
        .map(|(_, name)| name)
}
