//! Counting what outputs take. Those of attempts that run are looked at, as many as there are; those of the others count from
//! the end of their attempt until they are removed. A round goes through the directories, one by one; what is told
//! meanwhile is taken in between, so that nothing counts twice or not at all.

use super::Told;
use longshore_runner::{index_path, output_path};
use longshore_types::AttemptId;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Outputs are in so many directories, by the first byte of their attempt's id.
const DIRECTORIES: usize = 256;
/// What `blocks` counts.
const BLOCK_BYTES: u64 = 512;

pub(super) struct Count {
    data_dir: PathBuf,
    running: BTreeSet<AttemptId>,
    /// Of attempts that do not run.
    ended: u64,
    round: Option<Round>,
}

/// A round under way.
#[derive(Default)]
struct Round {
    ended: u64,
    /// The next directory.
    next: usize,
}

impl Count {
    pub(super) fn new(data_dir: PathBuf, running: Vec<AttemptId>) -> Self {
        Self { data_dir, running: running.into_iter().collect(), ended: 0, round: None }
    }

    /// Everything, by looking at what grows.
    pub(super) fn bytes(&self) -> u64 {
        let growing: u64 = self.running.iter().map(|attempt| taken(&self.data_dir, *attempt)).sum();
        self.ended + growing
    }

    pub(super) fn take_in(&mut self, told: Told) {
        match told {
            Told::Began(attempt) => drop(self.running.insert(attempt)),
            Told::Ended(attempt) => {
                self.running.remove(&attempt);
                let bytes = taken(&self.data_dir, attempt);
                self.ended += bytes;
                if let Some(round) = self.round.as_mut().filter(|round| directory(attempt) < round.next) {
                    round.ended += bytes;
                }
            }
            Told::Removed(attempt, bytes) => {
                self.ended = self.ended.saturating_sub(bytes);
                if let Some(round) = self.round.as_mut().filter(|round| directory(attempt) < round.next) {
                    round.ended = round.ended.saturating_sub(bytes);
                }
            }
        }
    }

    /// Looks at every file. What has been told by now is not in what was counted before.
    pub(super) fn round(&mut self, mut told: impl FnMut() -> Vec<Told>) {
        self.round = Some(Round::default());
        for number in 0..DIRECTORIES {
            told().into_iter().for_each(|told| self.take_in(told));
            let bytes = self.directory_bytes(&self.data_dir.join(format!("output/{number:02x}")));
            if let Some(round) = &mut self.round {
                round.ended += bytes;
                round.next = number + 1;
            }
        }
        self.ended = self.round.take().map_or(0, |round| round.ended);
    }

    /// What the files of attempts that do not run take.
    fn directory_bytes(&self, path: &Path) -> u64 {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let ended = entries.filter(|entry| {
            let name = entry.path().file_stem().and_then(|stem| stem.to_str()?.parse::<AttemptId>().ok());
            name.is_none_or(|attempt| !self.running.contains(&attempt))
        });
        ended.map(|entry| entry.metadata().map_or(0, |file| file.blocks() * BLOCK_BYTES)).sum()
    }
}

fn directory(attempt: AttemptId) -> usize {
    usize::from_str_radix(&attempt.to_string()[..2], 16).unwrap_or(DIRECTORIES)
}

/// What an attempt's output takes on the disk, with its index; nothing if it is not there.
pub(super) fn taken(data_dir: &Path, attempt: AttemptId) -> u64 {
    let files = [output_path(data_dir, attempt), index_path(data_dir, attempt)];
    files.iter().map(|path| fs::metadata(path).map_or(0, |file| file.blocks() * BLOCK_BYTES)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: u64 = 4_096;

    /// A data directory in which each of these attempts has printed so many pages.
    fn site(printed: &[(u8, u64)]) -> tempfile::TempDir {
        let site = tempfile::tempdir().unwrap();
        printed.iter().for_each(|(number, pages)| print(&site, *number, *pages));
        site
    }

    fn print(site: &tempfile::TempDir, number: u8, pages: u64) {
        let path = output_path(site.path(), attempt(number));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(&path).unwrap();
        let bytes = vec![b'x'; usize::try_from(pages * PAGE).unwrap()];
        std::io::Write::write_all(&mut &file, &bytes).unwrap();
        file.sync_all().unwrap();
    }

    /// Its output is in the directory of that number.
    fn attempt(number: u8) -> AttemptId {
        AttemptId::from_random(u128::from(number) << 120 | 1)
    }

    #[test]
    fn running_and_ended_outputs_are_counted_as_they_grow_and_go() {
        let site = site(&[(1, 1), (2, 2)]);
        let mut count = Count::new(site.path().to_owned(), vec![attempt(2)]);
        count.round(Vec::new);
        assert_eq!(count.bytes(), 3 * PAGE);
        print(&site, 2, 4);
        assert_eq!(count.bytes(), 5 * PAGE, "what grows is looked at");
        count.take_in(Told::Ended(attempt(2)));
        count.take_in(Told::Began(attempt(3)));
        print(&site, 3, 1);
        assert_eq!(count.bytes(), 6 * PAGE);
        count.take_in(Told::Removed(attempt(1), PAGE));
        assert_eq!(count.bytes(), 5 * PAGE);
    }

    /// Every moment of a round: before, at and after the directory that what happens is in.
    #[test]
    fn what_happens_during_a_round_counts_once() {
        for moment in 0..=4 {
            let site = site(&[(1, 1), (2, 2), (3, 4)]);
            let mut count = Count::new(site.path().to_owned(), vec![attempt(2)]);
            let mut calls = 0;
            count.round(|| {
                calls += 1;
                if calls != moment + 1 {
                    return Vec::new();
                }
                print(&site, 2, 8);
                fs::remove_file(output_path(site.path(), attempt(3))).unwrap();
                vec![Told::Ended(attempt(2)), Told::Removed(attempt(3), 4 * PAGE)]
            });
            assert_eq!(count.bytes(), 9 * PAGE, "at directory {moment}");
        }
    }

    #[test]
    fn round_finds_what_nobody_told_of() {
        let site = site(&[(1, 1)]);
        let mut count = Count::new(site.path().to_owned(), Vec::new());
        count.round(Vec::new);
        print(&site, 9, 2);
        assert_eq!(count.bytes(), PAGE);
        count.round(Vec::new);
        assert_eq!(count.bytes(), 3 * PAGE);
    }
}
