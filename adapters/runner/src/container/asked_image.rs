//! Which image a container asks for, and as whom it is pulled.

use super::Site;
use super::failure::Failure;
use super::settings::Settings;
use crate::failure as process_failure;
use longshore_images::{Credentials, Reference};
use longshore_protocol::StartContainer;

/// The credentials are those that the job itself names (`SEC-2`).
pub(super) fn asked_image(
    site: &Site,
    container: &StartContainer,
    settings: &Settings,
) -> Result<(Reference, Option<Credentials>), Failure> {
    let reference = container.image.parse();
    let reference = reference.map_err(|error: longshore_images::Error| Failure::Pull { error: error.chain() })?;
    let secret = settings.repository_credentials.as_ref().map(|asked| &asked.credentials_parameter);
    let found = secret.map(|name| site.secrets.credentials(name)).transpose();
    let found = found.map_err(|error| process_failure::Failure::Secret { error: error.to_string() })?;
    Ok((reference, found.map(|(username, password)| Credentials::Password { username, password })))
}
