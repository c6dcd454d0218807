//! Every scenario file comes out as it was recorded. `longshore sim --record FILE` records anew.

use longshore_sim::{Scenario, told};
use std::path::PathBuf;

/// Fewer would mean that the directory was not found.
const LEAST: usize = 51;

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios")).expect("the directory is there");
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}

#[test]
fn scenario_files_come_out_as_recorded_and_break_no_rule() {
    let files = files();
    assert!(files.len() >= LEAST, "{} scenarios", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        let scenario = Scenario::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let outcome = scenario.run(false);
        assert_eq!(outcome.violation, None, "{}", file.display());
        let recorded = scenario.recorded.as_deref().unwrap_or("nothing");
        assert_eq!(told(&outcome), recorded, "{}", file.display());
    }
}
