//! Images of an engine: what is there, and getting what is not.

use crate::{Engine, Error};
use bollard::auth::DockerCredentials;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures::TryStreamExt;
use std::fmt;

/// An image by name, spelled out: registry and all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// `docker.io/library/busybox`.
    pub repository: String,
    /// A tag, or a digest with its algorithm before it.
    pub version: String,
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let between = if self.version.contains(':') { '@' } else { ':' };
        write!(formatter, "{}{between}{}", self.repository, self.version)
    }
}

/// An image that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// What the engine calls it: it stays the same image while a name may come to stand for another.
    pub id: String,
    /// What it says to run: its ENTRYPOINT,
    pub entrypoint: Vec<String>,
    /// and its CMD.
    pub command: Vec<String>,
    /// What asks a container of it to end, if not SIGTERM.
    pub stop_signal: Option<String>,
}

impl Engine {
    /// An image, if it is there.
    pub fn image(&self, name: &Name) -> Result<Option<Image>, Error> {
        let found = match self.wait(self.docker.inspect_image(&name.to_string())).map_err(Error::from) {
            Err(error) if error.is_not_found() => return Ok(None),
            found => found?,
        };
        let config = found.config.unwrap_or_default();
        Ok(Some(Image {
            id: found.id.unwrap_or_default(),
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            stop_signal: config.stop_signal.filter(|signal| !signal.is_empty()),
        }))
    }

    /// Gets an image from its registry, as who the credentials say: a user with a password, or a token.
    pub fn pull(&self, name: &Name, credentials: Option<DockerCredentials>) -> Result<(), Error> {
        let options = CreateImageOptionsBuilder::new().from_image(&name.repository).tag(&name.version).build();
        let credentials = credentials.map(|credentials| addressed(credentials, &name.repository));
        let progress = self.docker.create_image(Some(options), None, credentials);
        self.wait(progress.try_for_each(|_| async { Ok(()) })).map_err(Error::from)
    }
}

/// With the registry that they are for.
fn addressed(credentials: DockerCredentials, repository: &str) -> DockerCredentials {
    let registry = repository.split('/').next().map(str::to_owned);
    DockerCredentials { serveraddress: registry, ..credentials }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_written_with_its_tag_or_digest() {
        let name = |version: &str| Name { repository: "r.io/x".into(), version: version.into() }.to_string();
        assert_eq!(name("1"), "r.io/x:1");
        assert_eq!(name("sha256:00"), "r.io/x@sha256:00");
    }

    #[test]
    fn credentials_are_for_the_registry_of_the_image() {
        let given = DockerCredentials { username: Some("u".into()), ..DockerCredentials::default() };
        let told = addressed(given, "127.0.0.1:5000/x");
        assert_eq!((told.serveraddress.as_deref(), told.username.as_deref()), (Some("127.0.0.1:5000"), Some("u")));
    }
}
