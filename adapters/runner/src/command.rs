//! What the kernel is asked to execute for a container: candidates along PATH, arguments, environment. Pure.

use crate::failure::Failure;
use longshore_protocol::StartContainer;
use std::collections::BTreeMap;
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;

/// Where programs are looked for if neither the job nor the agent has a PATH.
const DEFAULT_PATH: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A command as `execve` takes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Files to try in turn.
    pub(crate) candidates: Vec<CString>,
    pub(crate) arguments: Vec<CString>,
    pub(crate) environment: Vec<CString>,
}

impl Command {
    pub(crate) fn of(start: &StartContainer, inherited: &[(OsString, OsString)]) -> Result<Self, Failure> {
        let Some(program) = start.command.first() else {
            return Err(Failure::NoCommand { image: start.image.clone() });
        };
        let environment = environment(start, inherited);
        let path = environment.get(b"PATH".as_slice()).copied().unwrap_or(DEFAULT_PATH);
        let candidates = candidates(program.as_bytes(), path).map(text).collect::<Result<_, _>>()?;
        let arguments = start.command.iter().map(|argument| text(argument.as_bytes().to_vec()));
        let entries = environment.iter().map(|(name, value)| text([*name, *value].join(&b'=')));
        Ok(Self {
            candidates,
            arguments: arguments.collect::<Result<_, _>>()?,
            environment: entries.collect::<Result<_, _>>()?,
        })
    }
}

/// A container's command, whose variables are all its own.
pub(crate) fn contained(arguments: &[String], environment: &[String]) -> Result<Command, Failure> {
    let program = arguments.first().map_or(&[][..], |program| program.as_bytes());
    let path = environment.iter().rev().find_map(|entry| entry.strip_prefix("PATH="));
    let texts = |texts: &[String]| texts.iter().map(|one| text(one.as_bytes().to_vec())).collect::<Result<_, _>>();
    let path = path.map_or(DEFAULT_PATH, str::as_bytes);
    Ok(Command {
        candidates: candidates(program, path).map(text).collect::<Result<_, _>>()?,
        arguments: texts(arguments)?,
        environment: texts(environment)?,
    })
}

/// The job's variables, later entries winning, over the inherited ones.
fn environment<'a>(start: &'a StartContainer, inherited: &'a [(OsString, OsString)]) -> BTreeMap<&'a [u8], &'a [u8]> {
    let inherited = inherited.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    let own = start.environment.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    inherited.chain(own).collect()
}

fn text(bytes: Vec<u8>) -> Result<CString, Failure> {
    CString::new(bytes).map_err(|_| Failure::NulByte)
}

/// A name with a slash is a path; any other is looked for along PATH, where an empty entry is the working directory.
fn candidates<'a>(program: &'a [u8], path: &'a [u8]) -> Box<dyn Iterator<Item = Vec<u8>> + 'a> {
    if program.contains(&b'/') {
        return Box::new(std::iter::once(program.to_vec()));
    }
    let directories = path.split(|byte| *byte == b':').filter(move |_| !program.is_empty());
    Box::new(directories.map(move |directory| match directory {
        b"" => [b".", program].join(&b'/'),
        _ => [directory, program].join(&b'/'),
    }))
}

#[cfg(test)]
mod tests;
