//! `--container-engine`: who runs containers, as the operator writes it.

use longshore_runner::ContainerEngine;
use serde::Deserialize;
use std::fmt;
use std::str::FromStr;

/// Who runs containers: `auto`, `none`, or the address of an engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Engine(pub(crate) ContainerEngine);

impl FromStr for Engine {
    type Err = <ContainerEngine as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl TryFrom<String> for Engine {
    type Error = <Self as FromStr>::Err;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
