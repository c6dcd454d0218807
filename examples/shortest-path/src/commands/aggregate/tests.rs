//! Aggregation of results that are complete, and of results that are not.

use super::*;
use crate::commands::Error as CommandError;
use crate::network::{Network, five_node};
use crate::search::{Algorithm, Plan, run as search};
use crate::share::Share;

/// A folder of results that lives as long as the test.
struct Results {
    folder: tempfile::TempDir,
    network: Network,
}

impl Results {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), network: five_node() }
    }

    fn of_array(id: &str, size: u32) -> Self {
        let results = Self::new();
        (0..size).for_each(|index| results.write(id, index, size));
        results
    }

    fn store(&self) -> Store {
        Store::Folder(self.folder.path().to_owned())
    }

    fn write(&self, id: &str, index: u32, size: u32) {
        let share = Share::new(index, size).unwrap();
        let plan = Plan { algorithm: Algorithm::Sweep, threads: 1, distances: false };
        let found = search(&self.network, share.origins(self.network.nodes), plan);
        let file = ResultFile::new(Subject::of(&self.network), share, found.outcomes, false);
        self.store().write(&result_name(id, index), &file.encode()).unwrap();
    }

    fn summary(&self, id: Option<&str>) -> Result<Summary, CommandError> {
        let (id, children) = find(&self.store(), id)?;
        let (subject, records) = read_all(&self.store(), &id, &children)?;
        Ok(Summary::new(&subject, &records))
    }

    fn check_error(&self, id: Option<&str>, expected: &str) {
        let message = self.summary(id).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn any_split_gives_the_same_bytes() {
    let single = Results::of_array("one", 1).summary(None).unwrap().to_json();
    for size in [2, 3, 5, 12, 32, 64] {
        assert_eq!(Results::of_array("many", size).summary(Some("many")).unwrap().to_json(), single, "{size} children");
    }
}

#[test]
fn missing_result_is_named_by_index_and_key() {
    let results = Results::of_array("job", 5);
    std::fs::remove_file(results.folder.path().join("job_3_shortest-path.spr")).unwrap();
    results.check_error(Some("job"), "the result of child 3 of 5 is missing: ");
    results.check_error(Some("job"), "/job_3_shortest-path.spr (1 missing in all)");
}

#[test]
fn result_under_anothers_name_is_refused() {
    let results = Results::of_array("job", 5);
    let [from, to] = [1, 2].map(|index| results.folder.path().join(result_name("job", index)));
    std::fs::copy(from, to).unwrap();
    results.check_error(None, "job_2_shortest-path.spr holds the result of child 1, not 2");
}

#[test]
fn result_of_an_array_of_another_size_is_refused() {
    let results = Results::of_array("job", 3);
    results.write("job", 2, 4);
    results.check_error(None, "job_2_shortest-path.spr is child 2 of 4, but ");
}

#[test]
fn result_of_another_network_is_refused() {
    let mut results = Results::of_array("job", 3);
    results.network.links[0].weight += 1;
    results.write("job", 1, 3);
    results.check_error(None, "were computed on different networks or weights");
}

#[test]
fn corrupted_result_is_refused() {
    let results = Results::of_array("job", 2);
    let path = results.folder.path().join("job_1_shortest-path.spr");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[50] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    results.check_error(None, "job_1_shortest-path.spr is damaged: checksum ");
}

#[test]
fn no_result_at_all_is_an_error() {
    Results::new().check_error(None, "there are no results at ");
    Results::of_array("job", 1).check_error(Some("other"), "there are no results at ");
}

#[test]
fn several_arrays_need_an_id_and_other_files_are_ignored() {
    let results = Results::of_array("one", 2);
    results.write("two", 0, 1);
    results.store().write("one_summary_shortest-path.json", b"{}").unwrap();
    results.store().write("one_07_shortest-path.spr", b"not canonical").unwrap();
    results.check_error(None, "there are results of several array jobs (one, two): say which");
    assert_eq!(results.summary(Some("one")).unwrap(), results.summary(Some("two")).unwrap());
}
