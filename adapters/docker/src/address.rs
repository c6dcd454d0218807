//! Where an engine listens: a socket of this machine. Volumes, devices and addresses of the host mean nothing to an engine
//! elsewhere, so there is no other kind.

use crate::Error;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

const SCHEME: &str = "unix://";
/// Where engines of the whole machine listen.
const OF_MACHINE: [&str; 2] = ["/var/run/docker.sock", "/run/podman/podman.sock"];
/// Where engines of a user listen, below `$XDG_RUNTIME_DIR`.
const OF_USER: [&str; 2] = ["docker.sock", "podman/podman.sock"];

/// The path of an engine's socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(PathBuf);

impl Address {
    /// Where to look for an engine, the likeliest first: `$DOCKER_HOST`, the machine's engines, the user's.
    pub fn candidates() -> Vec<Self> {
        candidates(|name| std::env::var_os(name))
    }

    /// The socket.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

fn candidates(variable: impl Fn(&str) -> Option<OsString>) -> Vec<Address> {
    let told = variable("DOCKER_HOST").and_then(|told| told.to_str()?.parse().ok());
    let of_machine = OF_MACHINE.into_iter().map(|path| Address(path.into()));
    let own = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
    let of_user = own.into_iter().flat_map(|own| OF_USER.map(|name| Address(own.join(name))));
    told.into_iter().chain(of_machine).chain(of_user).collect()
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{SCHEME}{}", self.0.display())
    }
}

impl FromStr for Address {
    type Err = Error;

    /// Reads `unix:///path` or a path from the root.
    fn from_str(text: &str) -> Result<Self, Error> {
        let path = text.strip_prefix(SCHEME).unwrap_or(text);
        match path.starts_with('/') {
            true => Ok(Self(path.into())),
            false => Err(Error::Address { text: text.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_a_socket_with_or_without_its_scheme() {
        for text in ["unix:///run/podman/podman.sock", "/run/podman/podman.sock"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), "unix:///run/podman/podman.sock");
        }
    }

    #[test]
    fn engine_elsewhere_is_refused() {
        let refusal = "tcp://10.0.0.1:2375".parse::<Address>().unwrap_err().to_string();
        assert!(refusal.contains("tcp://10.0.0.1:2375") && refusal.contains("unix://"), "{refusal}");
    }

    #[test]
    fn candidates_begin_with_what_the_environment_says() {
        let set = |name: &str| match name {
            "DOCKER_HOST" => Some("unix:///told".into()),
            _ => Some("/run/user/1000".into()),
        };
        let found: Vec<String> = candidates(set).iter().map(|one| one.path().display().to_string()).collect();
        let expected = [
            "/told",
            "/var/run/docker.sock",
            "/run/podman/podman.sock",
            "/run/user/1000/docker.sock",
            "/run/user/1000/podman/podman.sock",
        ];
        assert_eq!(found, expected);
        assert_eq!(candidates(|_| Some("tcp://elsewhere:1".into())).len(), 4, "one that is elsewhere is not taken");
    }
}
