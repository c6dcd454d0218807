//! The first process of a container that wants one to bury its orphans and pass signals on (`initProcessEnabled`, Docker's
//! `--init`): a small static program of the host, shown to the container.

use super::failure::Failure;
use std::path::PathBuf;

/// Programs that need nothing of an image, by name on PATH.
const PROGRAMS: [&str; 3] = ["docker-init", "tini-static", "catatonit"];
/// Where Docker shows it.
pub(super) const SEEN_AT: &str = "/sbin/docker-init";

/// The host's.
pub(super) fn find() -> Result<PathBuf, Failure> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = PROGRAMS.iter().flat_map(|name| std::env::split_paths(&path).map(move |place| place.join(name)));
    let found = candidates.into_iter().find(|file| file.is_file());
    found.ok_or_else(|| Failure::Create {
        what: "find an init process",
        error: format!("none of {} is installed on the host; apt-get install tini", PROGRAMS.join(", ")),
    })
}

/// A command under it.
pub(super) fn over(command: Vec<String>) -> Vec<String> {
    [SEEN_AT.to_owned(), "--".to_owned()].into_iter().chain(command).collect()
}
