//! Names of images, read as Docker reads them: `busybox` is `docker.io/library/busybox:latest`. Pure.

use crate::{Digest, Error};
use std::fmt;
use std::str::FromStr;

const DOCKER_HUB: &str = "docker.io";
const TAG_MAX: usize = 128;
const REPOSITORY_MAX: usize = 255;

/// Where an image comes from and which one it is, spelled out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    registry: String,
    repository: String,
    /// None only beside a digest.
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// The registry's host, with its port if one was given; `docker.io` if none was.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path of the image in its registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The digest, which alone decides if there is one.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// What a registry is asked for: the digest, else the tag.
    pub fn wanted(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => "latest".to_owned(),
        }
    }

    /// The repository as users write it, without what Docker supplies.
    pub(crate) fn familiar_repository(&self) -> String {
        match (self.registry.as_str(), self.repository.strip_prefix("library/")) {
            (DOCKER_HUB, Some(official)) => official.to_owned(),
            (DOCKER_HUB, None) => self.repository.clone(),
            _ => format!("{}/{}", self.registry, self.repository),
        }
    }

    /// The name as users write it.
    pub fn familiar(&self) -> String {
        self.with_identity(self.familiar_repository())
    }

    fn with_identity(&self, mut name: String) -> String {
        if let Some(tag) = &self.tag {
            name.extend([":", tag]);
        }
        if let Some(digest) = &self.digest {
            name.extend(["@", &digest.to_string()]);
        }
        name
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.with_identity(format!("{}/{}", self.registry, self.repository)))
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(|_| invalid("invalid reference format"))?)),
            None => (text, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let (registry, path) = split_registry(name);
        let repository = match registry {
            DOCKER_HUB if !path.contains('/') => format!("library/{path}"),
            _ => path.to_owned(),
        };
        check(registry, &repository, tag)?;
        let tag = tag.or(digest.is_none().then_some("latest")).map(str::to_owned);
        Ok(Self { registry: registry.to_owned(), repository, tag, digest })
    }
}

/// The first component is a registry if it could not be a part of a repository's name.
fn split_registry(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some(("index.docker.io", path)) => (DOCKER_HUB, path),
        Some((first, path)) if first == "localhost" || first.contains(['.', ':']) => (first, path),
        _ => (DOCKER_HUB, name),
    }
}

fn invalid(problem: &'static str) -> Error {
    Error::InvalidReference { problem }
}

fn check(registry: &str, repository: &str, tag: Option<&str>) -> Result<(), Error> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let host_ok = registry.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    let tag_ok = tag.is_none_or(|tag| {
        let follows = |byte: u8| is_word(byte) || byte == b'.' || byte == b'-';
        tag.len() <= TAG_MAX && tag.bytes().next().is_some_and(is_word) && tag.bytes().all(follows)
    });
    if repository.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(invalid("invalid reference format: repository name must be lowercase"));
    }
    if repository.len() > REPOSITORY_MAX {
        return Err(invalid("repository name must not be more than 255 characters"));
    }
    if host_ok && tag_ok && repository.split('/').all(is_component) {
        Ok(())
    } else {
        Err(invalid("invalid reference format"))
    }
}

/// Letters and digits, between them single dots, up to two underscores or any number of dashes.
fn is_component(component: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let separators = component.split(|letter: char| letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let separator_ok = |part: &str| matches!(part, "." | "_" | "__") || part.bytes().all(|byte| byte == b'-');
    let ends_ok = |byte: Option<u8>| byte.is_some_and(is_alphanumeric);
    ends_ok(component.bytes().next()) && ends_ok(component.bytes().last()) && separators.into_iter().all(separator_ok)
}

#[cfg(test)]
mod tests;
