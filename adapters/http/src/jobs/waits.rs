//! Why jobs wait, for DescribeJobs and ListJobs: a sentence for those that have no status reason of their own. Asked of the control
//! plane for the ids at hand; when it has no answer quickly, the sentence is left out.

use crate::services::BatchService;
use longshore_engine::{Answer, Question};
use longshore_store::JobView;
use longshore_types::{JobRef, JobStatus};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a description waits for explanations.
const PATIENCE: Duration = Duration::from_millis(250);

/// Sentences by job.
pub(super) type Waits = BTreeMap<JobRef, String>;

/// What to say about those of the jobs that wait and do not say why.
pub(super) async fn waits_of(service: &BatchService, views: &[JobView]) -> Waits {
    let silent = views.iter().filter(|view| {
        let run = view.run();
        let waiting = matches!(run.status, JobStatus::Submitted | JobStatus::Pending | JobStatus::Runnable);
        waiting && run.status_reason.is_none()
    });
    let jobs: Vec<JobRef> = silent.map(JobView::reference).collect();
    if jobs.is_empty() {
        return Waits::new();
    }
    let asked = tokio::time::timeout(PATIENCE, service.commander.ask(Question::StatusReasons(jobs.clone()))).await;
    let Ok(Some(Answer::Reasons(reasons))) = asked else { return Waits::new() };
    jobs.into_iter().zip(reasons).filter_map(|(job, reason)| Some((job, reason?))).collect()
}
