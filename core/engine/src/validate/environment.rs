//! `environment` of definitions and overrides (`SUB-13`).

use super::require;
use crate::entity::EnvironmentVariable;
use crate::error::Error;

/// Every variable has a name, and none takes one that the service sets itself.
pub(crate) fn environment(variables: &[EnvironmentVariable]) -> Result<(), Error> {
    for EnvironmentVariable { name, .. } in variables {
        require(!name.is_empty(), "Environment variable name is required.")?;
        // AWS's text for reserved names is not known.
        require(
            !name.starts_with("AWS_BATCH"),
            format!("Environment variable name {name} is not valid. Names starting with AWS_BATCH are reserved."),
        )?;
        let passable = !name.contains(['=', '\0']);
        require(passable, format!("Environment variable name {name:?} is not valid. It cannot contain = or NUL."))?;
    }
    let has_nul = |variable: &EnvironmentVariable| variable.value.as_ref().is_some_and(|value| value.contains('\0'));
    match variables.iter().find(|variable| has_nul(variable)) {
        Some(EnvironmentVariable { name, .. }) => {
            Err(Error::invalid(format!("Value of environment variable {name} is not valid. It cannot contain NUL.")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
