//! Who we are to a registry: given with a job, or as `docker login` and `podman login` have left it. Read anew for each pull, so
//! that a new login counts at once. It never writes.

use crate::Reference;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// A user and a password, or a token that stands for both.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// For basic authentication and to get tokens with.
    Password {
        /// Who.
        username: String,
        /// The secret.
        password: String,
    },
    /// A refresh token, as some registries give at login.
    IdentityToken(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(…)")
    }
}

/// Where credentials are looked for.
#[derive(Clone, Debug, Default)]
pub struct Keychain {
    /// Files of the form of Docker's `config.json`; the first that knows the registry decides.
    pub files: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct ConfigFile {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

impl Keychain {
    /// The files that Docker and Podman use for this user.
    pub fn of_user() -> Self {
        let variable = |name| std::env::var_os(name).map(PathBuf::from);
        let home = variable("HOME").unwrap_or_default();
        let docker = variable("DOCKER_CONFIG").unwrap_or_else(|| home.join(".docker"));
        let podman = variable("XDG_RUNTIME_DIR").map(|directory| directory.join("containers/auth.json"));
        let files = [variable("REGISTRY_AUTH_FILE"), Some(docker.join("config.json")), podman];
        Self { files: files.into_iter().flatten().collect() }
    }

    /// What is known for the registry of an image; a file that is missing or broken knows nothing.
    pub fn credentials(&self, reference: &Reference) -> Option<Credentials> {
        self.files.iter().find_map(|path| {
            let text = fs::read_to_string(path).ok()?;
            match serde_json::from_str::<ConfigFile>(&text) {
                Ok(file) => file.credentials(reference),
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "this file of registry credentials is not understood");
                    None
                }
            }
        })
    }
}

impl ConfigFile {
    /// The entry for the repository, else for what it is below, else for the registry.
    fn credentials(&self, reference: &Reference) -> Option<Credentials> {
        let name = format!("{}/{}", reference.registry(), reference.repository());
        let prefixes = std::iter::successors(Some(name.as_str()), |prefix| Some(prefix.rsplit_once('/')?.0));
        let mut keys: Vec<String> = prefixes.map(str::to_owned).collect();
        if reference.registry() == "docker.io" {
            // Docker keeps what is for its hub under `https://index.docker.io/v1/`.
            keys.extend(["index.docker.io", "registry-1.docker.io"].map(str::to_owned));
        }
        let host_of = |key: &str| {
            let rest = key.trim_start_matches("https://").trim_start_matches("http://");
            rest.trim_end_matches('/').trim_end_matches("/v1").trim_end_matches("/v2").to_owned()
        };
        let is_for = |name: &str, key: &str| name == key || host_of(name) == key;
        let found = keys.iter().find_map(|key| self.auths.iter().find(|(name, _)| is_for(name, key)));
        found?.1.credentials()
    }
}

impl Entry {
    fn credentials(&self) -> Option<Credentials> {
        if !self.identitytoken.is_empty() {
            return Some(Credentials::IdentityToken(self.identitytoken.clone()));
        }
        let decoded = base64_simd::STANDARD.decode_to_vec(self.auth.trim().as_bytes()).unwrap_or_default();
        let decoded = String::from_utf8(decoded).unwrap_or_default();
        let (username, password) = decoded.split_once(':').unwrap_or((&self.username, &self.password));
        let password = password.trim_end_matches('\0');
        (!username.is_empty())
            .then(|| Credentials::Password { username: username.to_owned(), password: password.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_for(file: &str, image: &str) -> Option<String> {
        let file: ConfigFile = serde_json::from_str(file).unwrap();
        file.credentials(&image.parse().unwrap()).map(|credentials| match credentials {
            Credentials::Password { username, password } => format!("{username}:{password}"),
            Credentials::IdentityToken(token) => token,
        })
    }

    #[test]
    fn entry_of_the_closest_name_is_used() {
        let file = r#"{"auths":{"r.io":{"auth":"YTpi"},"r.io/team":{"username":"t","password":"p"},"https://s.io/v2/":{"identitytoken":"tok"}}}"#;
        assert_eq!(user_for(file, "r.io/x"), Some("a:b".into()));
        assert_eq!(user_for(file, "r.io/team/x"), Some("t:p".into()));
        assert_eq!(user_for(file, "s.io/x"), Some("tok".into()));
        assert_eq!(user_for(file, "r.io.evil/x"), None);
        assert_eq!(user_for(file, "busybox"), None);
    }

    #[test]
    fn docker_hub_has_a_name_of_its_own() {
        let file = r#"{"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"}},"credsStore":"x"}"#;
        assert_eq!(user_for(file, "busybox"), Some("a:b".into()));
        assert_eq!(user_for(file, "r.io/busybox"), None);
    }

    #[test]
    fn entry_kept_elsewhere_is_no_entry() {
        assert_eq!(user_for(r#"{"auths":{"r.io":{}},"credHelpers":{}}"#, "r.io/x"), None);
    }
}
