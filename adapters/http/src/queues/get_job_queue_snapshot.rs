//! GetJobQueueSnapshot (`SNP-1`), from the control plane's memory: the order of a queue is not stored.

use super::KIND;
use crate::arn;
use crate::context::Context;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_api_batch::types::{
    FairshareCapacityUsage, FairshareCapacityUtilization, FairshareUtilizationDetail, FrontOfQueueDetail,
    FrontOfQueueJobSummary, GetJobQueueSnapshotRequest, GetJobQueueSnapshotResponse, QueueSnapshotCapacityUsage,
    QueueSnapshotUtilizationDetail,
};
use longshore_engine::{Answer, FrontJob, Question, QueueSnapshot, SharesInUse};

pub(crate) async fn get_job_queue_snapshot(
    service: &BatchService,
    context: &Context,
    request: GetJobQueueSnapshotRequest,
) -> Result<GetJobQueueSnapshotResponse, Failure> {
    let queue = request.job_queue.unwrap_or_default();
    let text = arn::name_of(KIND, &queue);
    // AWS's text is not known; this is that of the other operations on queues.
    let unknown = || Failure::Refused { text: format!("JobQueue {text} not found.") };
    let name = text.parse().map_err(|_| unknown())?;
    match service.commander.ask(Question::Snapshot(name)).await {
        Some(Answer::Snapshot(Some(snapshot))) => Ok(response(context, &snapshot)),
        Some(_) => Err(unknown()),
        None => Err(Failure::Stopping),
    }
}

fn response(context: &Context, snapshot: &QueueSnapshot) -> GetJobQueueSnapshotResponse {
    let at = Some(snapshot.at.as_millis());
    let job = |front: &FrontJob| FrontOfQueueJobSummary {
        job_arn: Some(arn::job(context, front.job)),
        earliest_time_at_position: Some(front.since.as_millis()),
    };
    let used = QueueSnapshotCapacityUsage {
        capacity_unit: Some("VCPU".to_owned()),
        quantity: Some(vcpus(snapshot.used_vcpu_milli)),
    };
    GetJobQueueSnapshotResponse {
        front_of_queue: Some(FrontOfQueueDetail {
            jobs: Some(snapshot.front.iter().map(job).collect()),
            last_updated_at: at,
        }),
        queue_utilization: Some(QueueSnapshotUtilizationDetail {
            total_capacity_usage: Some(vec![used]),
            fairshare_utilization: snapshot.shares.as_ref().map(shares),
            last_updated_at: at,
            ..QueueSnapshotUtilizationDetail::default()
        }),
        ..GetJobQueueSnapshotResponse::default()
    }
}

fn shares(shares: &SharesInUse) -> FairshareUtilizationDetail {
    let share = |(name, used): &(String, u64)| FairshareCapacityUtilization {
        share_identifier: Some(name.clone()),
        capacity_usage: Some(vec![FairshareCapacityUsage {
            capacity_unit: Some("VCPU".to_owned()),
            quantity: Some(vcpus(*used)),
        }]),
    };
    FairshareUtilizationDetail {
        active_share_count: i64::try_from(shares.active).ok(),
        top_capacity_utilization: Some(shares.top.iter().map(share).collect()),
    }
}

/// Whole thousandths up to four billion are exact.
fn vcpus(milli: u64) -> f64 {
    f64::from(u32::try_from(milli).unwrap_or(u32::MAX)) / 1_000.0
}
