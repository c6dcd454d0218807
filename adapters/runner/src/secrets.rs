//! Values of secrets for containers (`SEC-1`, `SEC-2`): a file, else the agent's environment. They are looked up on the host that runs
//! the container, at its start, so they are in no message, no row and no answer.
//!
//! A secret is named as AWS names it: by the ARN of Secrets Manager (with `:json-key:version-stage:version-id` after it, if at
//! all), by the ARN or name of a parameter. The file is a JSON object from such names, or the plain names in them, to values: texts,
//! or objects whose members a `json-key` chooses. In the environment it is `LONGSHORE_SECRET_` and the plain name in capitals.

use longshore_protocol::StartContainer;
use serde_json::{Map, Value};
use std::fs;
use std::path::PathBuf;

const VARIABLE: &str = "LONGSHORE_SECRET_";
/// Fields of a secret's ARN before its name: `arn:aws:secretsmanager:region:account:secret:`.
const FIELDS_BEFORE_NAME: usize = 6;
/// Secrets Manager appends a dash and so many characters to a name.
const SUFFIX: usize = 6;

/// Where secrets are looked for.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// Read at every look-up, so that a change counts at once.
    pub file: Option<PathBuf>,
}

/// Why there is no value, in ECS's words with ours after them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("secret {0:?} is not known on this host: put it into the file of secrets, or set {1}")]
    Unknown(String, String),
    #[error("secret {name:?} has no member {key:?}")]
    NoMember { name: String, key: String },
    #[error("the file of secrets {} cannot be read: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("the settings of the container are not understood")]
    Settings,
    #[error("secret {0:?} is not an object with a username and a password")]
    NotCredentials(String),
}

impl Secrets {
    /// Sets the variables that a container gets from secrets. What is reserved stays (`ENV-3`).
    pub(crate) fn fill(&self, container: &mut StartContainer) -> Result<(), Error> {
        let Some(asked) = container.settings.0.get("secrets").and_then(Value::as_array) else { return Ok(()) };
        let mut variables = Vec::with_capacity(asked.len());
        for secret in asked {
            let text = |member: &str| secret[member].as_str().ok_or(Error::Settings);
            variables.push((text("name")?.to_owned(), self.value(text("valueFrom")?)?));
        }
        variables.retain(|(name, _)| !name.starts_with("AWS_BATCH_"));
        container.environment.extend(variables);
        Ok(())
    }

    /// The user and the password that are a secret (`SEC-2`).
    pub(crate) fn credentials(&self, name: &str) -> Result<(String, String), Error> {
        let not = || Error::NotCredentials(name.to_owned());
        let value: Value = serde_json::from_str(&self.value(name)?).map_err(|_| not())?;
        let member = |key: &str| value[key].as_str().map(str::to_owned).ok_or_else(not);
        Ok((member("username")?, member("password")?))
    }

    fn value(&self, asked: &str) -> Result<String, Error> {
        let Named { names, key } = Named::of(asked);
        let file = self.read()?;
        let plain = names.last().map_or(asked, String::as_str);
        let variable = variable(plain);
        let found = names.iter().find_map(|name| file.get(name).cloned());
        let found = found.or_else(|| std::env::var(&variable).ok().map(Value::String));
        let found = found.ok_or_else(|| Error::Unknown(plain.to_owned(), variable))?;
        match key {
            None => Ok(text(&found)),
            Some(key) => {
                let object = match &found {
                    Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
                    other => other.clone(),
                };
                let none = || Error::NoMember { name: plain.to_owned(), key: key.clone() };
                object.get(&key).map(text).ok_or_else(none)
            }
        }
    }

    fn read(&self) -> Result<Map<String, Value>, Error> {
        let Some(path) = &self.file else { return Ok(Map::new()) };
        let read = fs::read(path).map_err(|error| error.to_string());
        let parsed = read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
        parsed.map_err(|reason| Error::File { path: path.clone(), reason })
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn variable(plain: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    format!("{VARIABLE}{}", plain.trim_start_matches('/').chars().map(letter).collect::<String>())
}

/// A secret's names, the exact one first and the plain one last, and the member of it that is wanted.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    names: Vec<String>,
    key: Option<String>,
}

impl Named {
    fn of(asked: &str) -> Self {
        let fields: Vec<&str> = asked.split(':').collect();
        if !asked.starts_with("arn:") || fields.len() < FIELDS_BEFORE_NAME {
            return Self { names: vec![asked.to_owned()], key: None };
        }
        if fields[2] == "secretsmanager" && fields.len() > FIELDS_BEFORE_NAME {
            let name = fields[FIELDS_BEFORE_NAME];
            let whole = fields[..=FIELDS_BEFORE_NAME].join(":");
            let key = fields.get(FIELDS_BEFORE_NAME + 1).filter(|key| !key.is_empty());
            let names = vec![asked.to_owned(), whole, name.to_owned(), without_suffix(name).to_owned()];
            return Self { names, key: key.map(|key| (*key).to_owned()) };
        }
        let parameter = asked.split_once(":parameter").map_or(asked, |(_, name)| name);
        let plain = parameter.trim_start_matches('/');
        Self { names: vec![asked.to_owned(), parameter.to_owned(), plain.to_owned()], key: None }
    }
}

fn without_suffix(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((plain, suffix)) if suffix.len() == SUFFIX => plain,
        _ => name,
    }
}

#[cfg(test)]
mod tests;
