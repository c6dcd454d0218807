//! `--network`: where the network of containers is, as the operator writes it.

use serde::Deserialize;
use std::fmt;

/// Where containers' network is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Network {
    /// The host's
    #[default]
    Host,
    /// One of their own, with the endpoints of AWS that they are given and nothing else
    Isolated,
}

impl From<Network> for longshore_runner::NetworkMode {
    fn from(network: Network) -> Self {
        match network {
            Network::Host => Self::Host,
            Network::Isolated => Self::Isolated,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Host => "host",
            Self::Isolated => "isolated",
        })
    }
}
