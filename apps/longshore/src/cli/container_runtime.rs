//! `--container-runtime`: what runs containers, as the operator writes it.

use serde::Deserialize;
use std::fmt;

/// What runs containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ContainerRuntime {
    /// The first of the others that works
    #[default]
    Auto,
    /// The agent's own launcher
    Own,
    /// The program `crun`
    Crun,
    /// The program `runc`
    Runc,
}

impl ContainerRuntime {
    /// What a runner is told, the preferred first.
    pub(crate) fn names(self) -> Vec<String> {
        match self {
            Self::Auto => longshore_runner::CONTAINER_RUNTIMES.map(str::to_owned).to_vec(),
            one => vec![one.to_string()],
        }
    }
}

impl fmt::Display for ContainerRuntime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Auto => "auto",
            Self::Own => "own",
            Self::Crun => "crun",
            Self::Runc => "runc",
        })
    }
}
