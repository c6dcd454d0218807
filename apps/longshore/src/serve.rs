//! What `longshore serve` does, once it is composed from the rings below.

use crate::cli::ServeOptions;

/// Not composed yet: says so.
pub(crate) fn run(options: ServeOptions) -> anyhow::Result<()> {
    anyhow::bail!("longshore serve is not part of this build (asked for {options:?})")
}
