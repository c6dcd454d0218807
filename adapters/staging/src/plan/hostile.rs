//! Hostile arguments and names of outputs: whatever they say, files are staged below the root and nowhere else.

use super::plan;
use longshore_hostile::Hostile;
use std::path::{Component, Path};

const INPUTS: usize = 10_000;

const EXAMPLES: &[&str] =
    &["s3://bucket/a/b.txt", "--output=s3://bucket/dir/", "NAME=s3://b/../..", "s3://b/k/..", "-o", "s3://b/a\0b/."];

#[test]
fn hostile_arguments_are_staged_below_the_root() {
    let mut inputs = Hostile::new(1, EXAMPLES.iter().copied()).texts();
    let mut staged = 0;
    for _ in 0..INPUTS / 4 {
        let command: Vec<String> = inputs.by_ref().take(3).collect();
        let outputs: Vec<String> = inputs.by_ref().take(1).collect();
        let plan = plan(&command, &outputs, Path::new("/stage"));
        assert_eq!(plan.command.len(), command.len());
        for transfer in plan.inputs.iter().chain(&plan.outputs) {
            staged += 1;
            assert!(transfer.place.components().all(|part| matches!(part, Component::Normal(_))), "{transfer:?}");
        }
    }
    assert!(staged > INPUTS / 20, "only {staged} were staged");
}
