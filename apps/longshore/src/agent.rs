//! What `longshore agent` does, once it is composed from the rings below.

use crate::cli::AgentOptions;

/// Not composed yet: says so.
pub(crate) fn run(options: AgentOptions) -> anyhow::Result<()> {
    anyhow::bail!("longshore agent is not part of this build (asked for {options:?})")
}
