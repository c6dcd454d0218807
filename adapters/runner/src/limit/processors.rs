//! A control group's part in version 1's hierarchy for processors: its weight against others.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

/// The kernel's bounds of `cpu.shares`, and of version 2's `cpu.weight` less one.
const SHARES: (u64, u64) = (2, 262_144);
const WEIGHTS: u64 = 9_999;

/// For one attempt at a time.
#[derive(Debug)]
pub(super) struct Processors {
    directory: PathBuf,
    members: File,
}

impl Processors {
    pub(super) fn make(directory: PathBuf) -> io::Result<Self> {
        match fs::create_dir(&directory) {
            // An OCI runtime may have made it before us.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        let members = File::options().write(true).open(directory.join("cgroup.procs"))?;
        Ok(Self { directory, members })
    }

    pub(super) fn share(&self, shares: u64) -> io::Result<()> {
        fs::write(self.directory.join("cpu.shares"), shares.clamp(SHARES.0, SHARES.1).to_string())
    }

    /// Shares as version 2 weighs them: the ends of one scale are those of the other.
    pub(super) fn weight(shares: u64) -> u64 {
        let shares = shares.clamp(SHARES.0, SHARES.1);
        1 + (shares - SHARES.0) * WEIGHTS / (SHARES.1 - SHARES.0)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn members(&self) -> BorrowedFd<'_> {
        self.members.as_fd()
    }

    pub(super) fn remove(&self) {
        let _still_in_use = fs::remove_dir(&self.directory);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weight_has_the_ends_of_its_scale() {
        assert_eq!([2, 1_024, 262_144, u64::MAX].map(Processors::weight), [1, 39, 10_000, 10_000]);
    }
}
