//! From bytes to a checked request, and from an answer to bytes.

use crate::generated::violation::{Validate, Violation};
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};

/// A request as it came, as far as an operation can tell.
#[derive(Clone, Debug, Default)]
pub struct Input<'a> {
    /// The body: a JSON object, or nothing, which means an empty one.
    pub body: &'a [u8],
    /// What the path says after the operation's own part, decoded.
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
}

impl Input<'_> {
    /// What the path says after the operation's own part; `None` when it says nothing.
    pub(crate) fn rest(&self) -> Option<String> {
        if self.path.is_empty() { None } else { Some(self.path.clone()) }
    }

    /// The values of a query parameter; `None` when it does not occur.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        let values = self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone());
        let values: Vec<String> = values.collect();
        if values.is_empty() { None } else { Some(values) }
    }
}

/// Why a request has no answer.
#[derive(Debug)]
pub enum Rejection<F> {
    /// The body is not a JSON object of the right form.
    Malformed(serde_json::Error),
    /// The request breaks a rule of the model.
    Violation(Violation),
    /// The operation failed.
    Failed(F),
    /// The answer could not be written.
    Unwritable(serde_json::Error),
}

/// The request in `input`; `fill` adds what is not in the body.
pub(crate) fn read<T: DeserializeOwned + Default + Validate, F>(
    input: &Input<'_>,
    fill: impl FnOnce(&mut T),
) -> Result<T, Rejection<F>> {
    let body = input.body.trim_ascii();
    let mut request = match body.first() {
        None => T::default(),
        Some(b'{') => serde_json::from_slice(body).map_err(Rejection::Malformed)?,
        Some(_) => return Err(Rejection::Malformed(serde_json::Error::custom("the body is not a JSON object"))),
    };
    fill(&mut request);
    request.validate().map_err(Rejection::Violation)?;
    Ok(request)
}

/// The answer as it goes out.
pub(crate) fn write<T: Serialize, F>(answer: Result<T, F>) -> Result<Vec<u8>, Rejection<F>> {
    serde_json::to_vec(&answer.map_err(Rejection::Failed)?).map_err(Rejection::Unwritable)
}
