//! Images of an engine, got once however many containers wait for them. As Amazon ECS does by default, a tag is asked for again,
//! and if that fails the image that is there is used.

use crate::container::failure::Failure;
use longshore_docker::{DockerCredentials, Engine, Image, Name};
use longshore_images::{Credentials, Flights, Keychain, Reference};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The registry in the names of images that were made on this machine and are nowhere else.
const OF_THIS_MACHINE: &str = "localhost";

pub(super) struct Images {
    keychain: Keychain,
    /// How long a tag is taken to stand for the same image.
    fresh_for: Duration,
    asked_for: Mutex<BTreeMap<String, Instant>>,
    pulls: Flights<Result<Image, String>>,
}

impl Images {
    pub(super) fn new(keychain: Keychain, fresh_for: Duration) -> Self {
        Self { keychain, fresh_for, asked_for: Mutex::default(), pulls: Flights::default() }
    }

    /// An image, pulled if need be.
    pub(super) fn get(
        &self,
        engine: &Engine,
        reference: &Reference,
        credentials: Option<Credentials>,
    ) -> Result<Image, Failure> {
        let name = name(reference);
        let image = match self.fresh(engine, reference, &name) {
            Some(image) => Ok(image),
            None => self.pulls.share(&name.to_string(), || {
                // Whoever pulled it just before we came may have made it fresh.
                self.fresh(engine, reference, &name).map_or_else(|| self.pull(engine, reference, credentials), Ok)
            }),
        };
        image.map_err(|error| Failure::Pull { error })
    }

    /// The image, if its registry need not be asked.
    fn fresh(&self, engine: &Engine, reference: &Reference, name: &Name) -> Option<Image> {
        let asked_for = self.asked_for.lock().unwrap_or_else(PoisonError::into_inner);
        let at = asked_for.get(&name.to_string()).copied();
        drop(asked_for);
        let is_known = reference.digest().is_some()
            || reference.registry() == OF_THIS_MACHINE
            || at.is_some_and(|at| at.elapsed() < self.fresh_for);
        is_known.then(|| engine.image(name).ok().flatten()).flatten()
    }

    fn pull(&self, engine: &Engine, reference: &Reference, given: Option<Credentials>) -> Result<Image, String> {
        let name = name(reference);
        let credentials = given.or_else(|| self.keychain.credentials(reference)).map(told);
        let pulled = engine.pull(&name, credentials).map_err(|error| error.to_string());
        let image = engine.image(&name).map_err(|error| error.to_string())?;
        let image = match (pulled, image) {
            (Ok(()), Some(image)) => image,
            (Ok(()), None) => return Err(format!("the engine has pulled {name} and has no such image")),
            (Err(error), None) => return Err(error),
            (Err(error), Some(image)) => {
                tracing::warn!(image = %name, error, "using the image that is here");
                image
            }
        };
        self.asked_for.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_string(), Instant::now());
        Ok(image)
    }
}

fn name(reference: &Reference) -> Name {
    let repository = format!("{}/{}", reference.registry(), reference.repository());
    Name { repository, version: reference.wanted() }
}

fn told(credentials: Credentials) -> DockerCredentials {
    match credentials {
        Credentials::Password { username, password } => {
            DockerCredentials { username: Some(username), password: Some(password), ..DockerCredentials::default() }
        }
        Credentials::IdentityToken(token) => {
            DockerCredentials { identitytoken: Some(token), ..DockerCredentials::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_spelled_out_for_the_engine() {
        let name_of = |text: &str| name(&text.parse().unwrap()).to_string();
        assert_eq!(name_of("busybox"), "docker.io/library/busybox:latest");
        let digest = format!("sha256:{}", "0".repeat(64));
        assert_eq!(name_of(&format!("r.io:5000/x:1@{digest}")), format!("r.io:5000/x@{digest}"));
    }
}
