//! What is told of a server that runs: metrics, readiness, and whether its disk has room. It puts together what others count
//! and know; names and kinds of metrics are in `longshore-metrics`.

mod tally;

pub(super) use tally::Tally;

use super::commander::LoopHandle;
use super::disk::Disk;
use longshore_engine::entity::Ending;
use longshore_engine::{Answer, Census, Question};
use longshore_http::{Answered, BoxFuture, Commander, Exposition, Observer, Refusal};
use longshore_metrics::{Host, Metrics, Now, Queue};
use longshore_store::{ActiveJobs, Reader};
use longshore_types::JobStatus;
use std::sync::Arc;
use std::time::Duration;

/// How long the control loop may take to answer before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(2);

/// Watches one server.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    metrics: Arc<Metrics>,
    control: LoopHandle,
    reader: Reader,
    disk: Arc<Disk>,
}

/// The metrics of a server that has just begun.
pub(super) fn metrics() -> anyhow::Result<Arc<Metrics>> {
    let metrics = Metrics::new(env!("CARGO_PKG_VERSION"))?;
    metrics.happened.announce(&JobStatus::ALL.map(JobStatus::as_str), &Ending::ALL.map(Ending::as_str));
    Ok(Arc::new(metrics))
}

impl Watch {
    pub(super) fn new(metrics: Arc<Metrics>, control: LoopHandle, reader: Reader, disk: Arc<Disk>) -> Self {
        Self { metrics, control, reader, disk }
    }

    /// `None` when the control loop does not answer in time.
    async fn census(&self) -> Option<Box<Census>> {
        match tokio::time::timeout(PATIENCE, self.control.ask(Question::Census)).await {
            Ok(Some(Answer::Census(census))) => Some(census),
            _ => None,
        }
    }

    async fn text(self) -> String {
        let census = self.census().await;
        let render = move || {
            // Without the database the rest is told all the same.
            let jobs = self.reader.active_jobs().unwrap_or_default();
            let ready = census.is_some() && self.disk.has_room();
            let hosts = census.as_deref().map(hosts);
            let now = Now { queues: queues(census.as_deref(), jobs), hosts, paths: self.disk.paths(), ready };
            self.metrics.render(&now)
        };
        tokio::task::spawn_blocking(render).await.unwrap_or_default()
    }
}

impl Observer for Watch {
    fn answered(&self, answered: Answered) {
        let Answered { api, operation, code, took } = answered;
        self.metrics.happened.request((api, operation), code, took);
    }

    fn refused(&self, refusal: Refusal) {
        self.metrics.happened.refusal(match refusal {
            Refusal::Overload => "overload",
            Refusal::Disk => "disk",
        });
    }

    fn has_room(&self) -> bool {
        self.disk.has_room()
    }

    fn readiness(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async {
            if self.census().await.is_none() {
                Err(format!("the control plane has not answered for {} seconds", PATIENCE.as_secs()))
            } else if self.disk.has_room() {
                Ok(())
            } else {
                Err("the disk of the data directory is nearly full; submissions are refused".to_owned())
            }
        })
    }

    fn exposition(&self) -> BoxFuture<'_, Exposition> {
        let watch = self.clone();
        Box::pin(async move { (longshore_metrics::CONTENT_TYPE, watch.text().await) })
    }
}

fn queues(census: Option<&Census>, jobs: Vec<ActiveJobs>) -> Vec<Queue> {
    let runnable = |name: &str| {
        let all = census.into_iter().flat_map(|census| &census.runnable);
        all.into_iter().find(|(queue, _)| queue.as_str() == name).map_or(0, |(_, count)| *count)
    };
    let queue = |(name, counts): ActiveJobs| Queue {
        runnable: runnable(&name),
        jobs: counts.into_iter().map(|(status, count)| (status.as_str(), count)).collect(),
        name,
    };
    jobs.into_iter().map(queue).collect()
}

fn hosts(census: &Census) -> Host {
    Host {
        connected: census.hosts_connected,
        away: census.hosts_away,
        vcpu_milli: census.capacity.vcpu_milli,
        vcpu_milli_used: census.used.vcpu_milli,
        memory_mib: census.capacity.memory_mib,
        memory_mib_used: census.used.memory_mib,
        gpus: census.capacity.gpus,
        gpus_used: census.used.gpus,
        attempts: census.attempts,
        ahead: census.ahead,
        jobs_in_memory: census.jobs,
    }
}
