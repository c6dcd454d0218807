//! What the model itself requires of a request, and where a request falls short.

use std::fmt;

/// A request that breaks a rule of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The member, as `containerProperties.volumes[0].name`.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is required and not there.
    Missing,
    /// It is none of the values that it may have.
    NotOneOf {
        /// What it is.
        value: String,
        /// What it may be.
        valid: &'static [&'static str],
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, problem } = self;
        match problem {
            Problem::Missing => write!(formatter, "{path} is required."),
            Problem::NotOneOf { value, valid } => {
                write!(formatter, "{path} {value} is not valid. Valid values are: [{}]", valid.join(", "))
            }
        }
    }
}

impl std::error::Error for Violation {}

impl Violation {
    /// The same violation, seen from the structure whose member holds it.
    pub(crate) fn within(self, member: &str) -> Self {
        let Self { path, problem } = self;
        let path = match path.chars().next() {
            None => member.to_owned(),
            Some('[') => format!("{member}{path}"),
            Some(_) => format!("{member}.{path}"),
        };
        Self { path, problem }
    }

    /// The same violation, seen from the list whose item holds it.
    pub(crate) fn at(self, index: usize) -> Self {
        let Self { path, problem } = self;
        let path = if path.is_empty() || path.starts_with('[') {
            format!("[{index}]{path}")
        } else {
            format!("[{index}].{path}")
        };
        Self { path, problem }
    }
}

/// A structure that can be checked.
pub(crate) trait Check {
    fn check(&self) -> Result<(), Violation>;
}

pub(crate) fn required<T>(value: &Option<T>, member: &'static str) -> Result<(), Violation> {
    match value {
        Some(_) => Ok(()),
        None => Err(Violation { path: member.to_owned(), problem: Problem::Missing }),
    }
}

pub(crate) fn one_of(value: &str, valid: &'static [&'static str]) -> Result<(), Violation> {
    if valid.contains(&value) {
        return Ok(());
    }
    Err(Violation { path: String::new(), problem: Problem::NotOneOf { value: value.to_owned(), valid } })
}
