//! How many files this process may have open: as many as it may at all, since each connection is one.

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are kept for other things than connections: the database, outputs of jobs, objects of S3, the agent.
const KEPT: u64 = 512;

/// The bounds on open files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenFiles {
    /// As found, for the agent, whose jobs are to have what they would have without us; none for no bound.
    pub(super) found: Option<u64>,
    raised: Option<u64>,
}

impl OpenFiles {
    /// Raises this process's bound as far as it may be.
    pub(super) fn raise() -> anyhow::Result<Self> {
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
        setrlimit(Resource::Nofile, raised).context("failed to raise the limit on open files")?;
        Ok(Self { found: limit.current, raised: limit.maximum })
    }

    /// How many connections there may be of those that are wanted; at least one.
    pub(super) fn connections(self, wanted: usize) -> usize {
        let most = self.raised.map_or(u64::MAX, |raised| raised.saturating_sub(KEPT).max(1));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if most < wanted && wanted != usize::MAX {
            tracing::warn!(connections = most, "the limit on open files (ulimit -Hn) allows for fewer connections");
        }
        wanted.min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_other_things() {
        let files = |raised| OpenFiles { found: Some(1_024), raised };
        assert_eq!(files(Some(20_000)).connections(16_384), 16_384);
        assert_eq!(files(Some(4_096)).connections(16_384), 3_584);
        assert_eq!(files(Some(100)).connections(16_384), 1);
        assert_eq!(files(None).connections(usize::MAX), usize::MAX);
    }
}
