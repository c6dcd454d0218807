//! Whatever a host may have written is named by a row, so that it is removed with its job.

use crate::testing::World;
use longshore_types::{AttemptId, JobRef};
use std::collections::{BTreeMap, BTreeSet};

/// What names the outputs of the attempts that hosts were told to run, with whose they are.
#[derive(Default)]
pub(super) struct Outputs(BTreeMap<AttemptId, JobRef>);

impl Outputs {
    /// An attempt is given back, which says that nothing of it has started.
    pub(super) fn comes_back(&mut self, world: &World, job: JobRef) {
        for container in &world.running[&job].containers {
            self.0.remove(&container.output);
        }
    }

    pub(super) fn audit(&mut self, world: &World) {
        for (job, start) in &world.running {
            self.0.extend(start.containers.iter().map(|container| (container.output, *job)));
        }
        let streams: BTreeSet<AttemptId> = world.rows.log_streams.values().map(|stream| stream.attempt).collect();
        for (output, job) in &self.0 {
            let named = streams.contains(output) || world.run(*job).outputs().any(|named| named == *output);
            assert!(named, "no row of {job} names the output {output}");
        }
    }
}
