//! A job's pod as clients see it: what was registered and overridden, with the lists that AWS fills in, what the latest
//! attempt's containers show, and the attempts that are over (`DSC-5`, `EKS-8`).

use super::read::Environments;
use crate::document::echoed;
use crate::failure::Failure;
use longshore_api_batch::types::{
    EksAttemptContainerDetail, EksAttemptDetail, EksContainerDetail, EksPodPropertiesDetail, EksProperties,
    EksPropertiesDetail,
};
use longshore_engine::entity::{FinishedAttempt, FinishedContainer, Pod, Run};
use longshore_types::{AttemptId, Document, Timestamp};
use serde_json::json;

/// The pod as `eksProperties`, as it was registered.
pub(crate) fn properties(pod: &Pod) -> Result<EksProperties, Failure> {
    let members = [("podProperties".to_owned(), json!(pod.properties))];
    echoed(&Document(members.into_iter().collect()))
}

/// The pod of a job, with what its latest attempt shows.
pub(super) fn detail(pod: &Pod, run: &Run) -> Result<EksPropertiesDetail, Failure> {
    let shown: EksPodPropertiesDetail = echoed(&pod.properties)?;
    let latest = run.current.as_ref().map(|current| (current.id, current.host));
    let latest = latest.or_else(|| run.attempts.last().map(|last| (last.id, last.host)));
    let ended = if run.current.is_none() { run.attempts.last() } else { None };
    let ends = |skipped: usize, container: (usize, EksContainerDetail)| {
        let (index, container) = container;
        with_end(container, ended.and_then(|ended| ended.containers.get(skipped + index)))
    };
    let init = shown.init_containers.map(|listed| listed.into_iter().enumerate().map(|one| ends(0, one)).collect());
    let containers = shown.containers.unwrap_or_default().into_iter().enumerate();
    let shown = EksPodPropertiesDetail {
        containers: Some(containers.map(|one| ends(pod.init_containers, one)).collect()),
        init_containers: init,
        volumes: Some(shown.volumes.unwrap_or_default()),
        pod_name: latest.map(|(attempt, _)| name(attempt)),
        node_name: latest.map(|(_, host)| host.instance_id()),
        ..shown
    };
    Ok(EksPropertiesDetail { pod_properties: Some(shown) })
}

/// The lists that are always there, and how the container ended if it has.
fn with_end(container: EksContainerDetail, end: Option<&FinishedContainer>) -> EksContainerDetail {
    EksContainerDetail {
        args: Some(container.args.unwrap_or_default()),
        env: Some(container.env.unwrap_or_default()),
        volume_mounts: Some(container.volume_mounts.unwrap_or_default()),
        exit_code: end.and_then(|end| end.exit_code).map(i64::from),
        reason: end.and_then(reason),
        ..container
    }
}

/// The attempts that are over, oldest first.
pub(super) fn attempts(environments: &Environments, pod: &Pod, run: &Run) -> Vec<EksAttemptDetail> {
    run.attempts.iter().map(|attempt| finished(environments, pod, attempt)).collect()
}

fn finished(environments: &Environments, pod: &Pod, attempt: &FinishedAttempt) -> EksAttemptDetail {
    let cluster = environments.get(&attempt.environment).and_then(|found| found.document.0.get("eksConfiguration"));
    let of_cluster = |member: &str| Some(cluster?[member].as_str()?.to_owned());
    let own_namespace = pod.properties.0.get("metadata").and_then(|metadata| metadata["namespace"].as_str());
    let (init, others) = attempt.containers.split_at(pod.init_containers.min(attempt.containers.len()));
    EksAttemptDetail {
        containers: Some(others.iter().map(container).collect()),
        init_containers: Some(init.iter().map(container).collect()),
        eks_cluster_arn: of_cluster("eksClusterArn"),
        pod_name: Some(name(attempt.id)),
        pod_namespace: own_namespace.map(ToOwned::to_owned).or_else(|| of_cluster("kubernetesNamespace")),
        node_name: Some(attempt.host.instance_id()),
        started_at: attempt.started_at.map(Timestamp::as_millis),
        stopped_at: Some(attempt.stopped_at.as_millis()),
        status_reason: Some(attempt.status_reason.clone()),
    }
}

fn container(end: &FinishedContainer) -> EksAttemptContainerDetail {
    EksAttemptContainerDetail {
        name: Some(end.name.clone()),
        container_id: None,
        exit_code: end.exit_code.map(i64::from),
        reason: reason(end),
    }
}

/// Its own reason, else Kubernetes' word for how it exited.
fn reason(end: &FinishedContainer) -> Option<String> {
    let word = end.exit_code.map(|code| if code == 0 { "Completed" } else { "Error" });
    end.reason.clone().or_else(|| word.map(ToOwned::to_owned))
}

/// `aws-batch.` and a UUID, another one for every attempt.
fn name(attempt: AttemptId) -> String {
    let digits = attempt.to_string();
    let (first, rest) = digits.split_at(8);
    let parts: Vec<&str> =
        [(0, 4), (4, 8), (8, 12), (12, 24)].iter().filter_map(|&(from, to)| rest.get(from..to)).collect();
    format!("aws-batch.{first}-{}", parts.join("-"))
}

#[cfg(test)]
mod tests;
