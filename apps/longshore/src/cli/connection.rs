//! `--endpoint` and the client it gives, shared by every verb that talks to a server.

use crate::client::{Client, Credentials, DEFAULT_ENDPOINT, Error};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Connection {
    /// The server's address [default: AWS_ENDPOINT_URL_BATCH, AWS_ENDPOINT_URL, else http://127.0.0.1:4566]
    #[arg(long, env = "LONGSHORE_ENDPOINT", value_name = "URL", hide_env_values = true)]
    pub(crate) endpoint: Option<String>,
}

impl Connection {
    /// A client for the server that the arguments and the environment name.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        Client::new(&self.resolve(variable), Credentials::from_env(variable))
    }

    fn resolve(&self, variable: impl Fn(&str) -> Option<String>) -> String {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let given = self.endpoint.clone().filter(|endpoint| !endpoint.is_empty());
        given
            .or_else(|| set("AWS_ENDPOINT_URL_BATCH"))
            .or_else(|| set("AWS_ENDPOINT_URL"))
            .unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned())
    }
}

pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(flag: Option<&str>, environment: &[(&str, &str)], expected: &str) {
        let connection = Connection { endpoint: flag.map(str::to_owned) };
        let resolved = connection
            .resolve(|name| environment.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()));
        assert_eq!(resolved, expected);
    }

    #[test]
    fn endpoint_given_twice_the_nearer_one_wins() {
        let both = [("AWS_ENDPOINT_URL", "http://general"), ("AWS_ENDPOINT_URL_BATCH", "http://batch")];
        check(Some("http://flag"), &both, "http://flag");
        check(None, &both, "http://batch");
        check(None, &both[..1], "http://general");
        check(None, &[("AWS_ENDPOINT_URL", "")], DEFAULT_ENDPOINT);
    }
}
