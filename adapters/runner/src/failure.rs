//! Why an attempt could not be started, in the words that users of containers know (spec table 4.1).

use rustix::io::Errno;
use std::fmt;
use std::path::{Path, PathBuf};

/// The longest part of a program's name that is shown; a reason has 255 characters (spec table 4.1).
const SHOWN: usize = 120;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It was stopped while it waited for its launch.
    Withdrawn,
    NoCommand {
        image: String,
    },
    NulByte,
    /// A secret that it needs could not be had (`SEC-1`).
    Secret {
        error: String,
    },
    /// It does not get GPUs.
    Gpus {
        error: String,
    },
    /// Limits are strict, and there are none here.
    Unlimited,
    /// Another user was asked for than the one that this runs as (`SUB-12`).
    OtherUser {
        asked: String,
    },
    Output {
        error: String,
    },
    /// The group with its memory limit could not be made or entered.
    Limit {
        error: String,
    },
    /// The working directory cannot be entered.
    Enter {
        directory: PathBuf,
        errno: Errno,
    },
    /// The kernel gave no process.
    Spawn {
        errno: Errno,
    },
    /// The process could not become the program.
    Execute {
        program: String,
        /// The file that was tried, if one was found.
        found: Found,
        errno: Errno,
    },
}

/// What there is under the program's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Directory,
    File,
}

impl Found {
    pub(crate) fn at(path: &Path) -> Self {
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => Self::Directory,
            Ok(_) => Self::File,
            Err(_) => Self::Nothing,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Output { error } => {
                write!(formatter, "CannotCreateContainerError: the output file could not be created: {error}")
            }
            Self::Limit { error } => {
                write!(formatter, "CannotCreateContainerError: the memory limit could not be set: {error}")
            }
            Self::Secret { error } => {
                write!(formatter, "ResourceInitializationError: unable to pull secrets or registry auth: {error}")
            }
            Self::Gpus { error } => write!(formatter, "CannotCreateContainerError: give it its GPUs: {error}"),
            Self::Unlimited => formatter.write_str(
                "CannotCreateContainerError: this host cannot limit memory, and its operator wants limits that hold",
            ),
            Self::Spawn { errno } => {
                write!(formatter, "CannotCreateContainerError: the host could not start a process: {}", text(*errno))
            }
            _ => {
                formatter.write_str("CannotStartContainerError: ")?;
                self.start_error(formatter)
            }
        }
    }
}

impl Failure {
    fn start_error(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Withdrawn => formatter.write_str("stopped before it was started"),
            Self::NoCommand { image } => {
                write!(formatter, "the image {image:?} has no command of its own: give the job a command")
            }
            Self::NulByte => formatter.write_str("the command or the environment has a NUL byte in it"),
            Self::OtherUser { asked } => {
                write!(formatter, "this host cannot run processes as user {asked:?}: leave `user` out of the job")
            }
            Self::Enter { directory, errno } => {
                write!(formatter, "chdir to {:?}: {}", shown(&directory.to_string_lossy()), text(*errno))
            }
            Self::Execute { program, found, errno } => {
                write!(formatter, "exec: {:?}: ", shown(program))?;
                execute_error(formatter, program, *found, *errno)
            }
            Self::Output { .. }
            | Self::Limit { .. }
            | Self::Spawn { .. }
            | Self::Secret { .. }
            | Self::Gpus { .. }
            | Self::Unlimited => Ok(()),
        }
    }
}

fn execute_error(formatter: &mut fmt::Formatter<'_>, program: &str, found: Found, errno: Errno) -> fmt::Result {
    match (found, errno) {
        (Found::Directory, _) => formatter.write_str("is a directory"),
        (Found::Nothing, Errno::NOENT | Errno::NOTDIR) if !program.contains('/') => {
            formatter.write_str("executable file not found in $PATH")
        }
        (Found::File, Errno::NOENT) => formatter.write_str("the interpreter that it names does not exist"),
        (_, Errno::TOOBIG) => formatter.write_str("argument list too long: pass large inputs as files"),
        (_, errno) => formatter.write_str(&text(errno)),
    }
}

fn shown(name: &str) -> String {
    name.chars().take(SHOWN).collect()
}

/// The kernel's words for an error, as containers show them: lower case, without its number.
pub(crate) fn text(errno: Errno) -> String {
    let text = std::io::Error::from(errno).to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    words.to_lowercase()
}

#[cfg(test)]
mod tests;
