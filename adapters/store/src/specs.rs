//! Jobs out of the text of their rows. Most jobs of a queue run what many others do, and what they run is most of a row: it
//! is decoded once for all of them, and they share it in memory.

use longshore_engine::entity::{Job, JobSpec};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Specs by the text that they were decoded from.
#[derive(Debug, Default)]
pub(crate) struct Specs {
    known: BTreeMap<Box<str>, Arc<JobSpec>>,
}

impl Specs {
    /// How many are kept: where every job runs something else, keeping them is in vain.
    const MOST: usize = 4_096;

    /// The job in a document.
    pub(crate) fn job(&mut self, doc: &str) -> Result<Job, serde_json::Error> {
        let job: Job<&RawValue> = serde_json::from_str(doc)?;
        let spec = self.get(job.spec.get())?;
        Ok(job.with_spec(spec))
    }

    fn get(&mut self, text: &str) -> Result<Arc<JobSpec>, serde_json::Error> {
        if let Some(spec) = self.known.get(text) {
            return Ok(Arc::clone(spec));
        }
        let spec: Arc<JobSpec> = Arc::new(serde_json::from_str(text)?);
        if self.known.len() == Self::MOST {
            self.known.clear();
        }
        self.known.insert(text.into(), Arc::clone(&spec));
        Ok(spec)
    }
}
