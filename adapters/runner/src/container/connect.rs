//! Which network a container is in: what its job asks for, within what the operator lets containers have.

use super::Site;
use super::bundle::Bundle;
use super::failure::Failure;
use super::settings::Settings;
use super::spec::Spec;
use crate::network::{Network, NetworkMode};
use longshore_protocol::StartContainer;
use longshore_types::{AttemptId, JobRef};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// None for the host's.
pub(super) fn network(
    site: &Site,
    (attempt, job): (AttemptId, JobRef),
    container: &StartContainer,
    settings: &Settings,
) -> Result<Option<Arc<Network>>, Failure> {
    match mode(site.network, settings)? {
        NetworkMode::Host => Ok(None),
        NetworkMode::Isolated => {
            let network = site.networks.of((attempt, job), container);
            network.map(Some).map_err(Failure::create("make its network"))
        }
    }
}

/// A task can ask for the host's (`MC-6`), a pod for either (`EKS-3`). What the operator keeps containers from they do not get.
pub(super) fn mode(operators: NetworkMode, settings: &Settings) -> Result<NetworkMode, Failure> {
    let of_task = settings.network_mode.as_ref().filter(|mode| *mode == "host").map(|_| "networkMode host");
    let of_pod = settings.host_network.filter(|of_host| *of_host).map(|_| "hostNetwork true");
    match (operators, of_task.or(of_pod)) {
        (NetworkMode::Isolated, Some(asked)) => {
            let error = format!("{asked}: this host keeps containers off its own network");
            Err(Failure::Create { what: "give it the host's network", error })
        }
        (NetworkMode::Isolated, None) => Ok(NetworkMode::Isolated),
        (NetworkMode::Host, _) if settings.host_network == Some(false) => Ok(NetworkMode::Isolated),
        (NetworkMode::Host, _) => Ok(NetworkMode::Host),
    }
}

/// Puts a container into a network.
pub(super) fn put<'a>(spec: Spec<'a>, network: &Network, bundle: &Bundle) -> Result<Spec<'a>, Failure> {
    let Spec { environment, mut extras, .. } = spec;
    let files = network.files(bundle.directory()).map_err(Failure::create("make its network"))?;
    let mount = |(path, target): (PathBuf, &str)| json!({ "destination": target, "type": "bind", "source": path, "options": ["bind", "ro", "nosuid", "nodev"] });
    let mut mounts: Vec<Value> = files.map(mount).into();
    mounts.append(&mut extras.mounts);
    extras.mounts = mounts;
    extras.network = Some(network.path());
    Ok(Spec { environment: network.environment(environment), extras, ..spec })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operators: NetworkMode, (task, pod): (Option<&str>, Option<bool>), expected: Result<NetworkMode, &str>) {
        let settings = Settings { network_mode: task.map(str::to_owned), host_network: pod, ..Settings::default() };
        let found = mode(operators, &settings).map_err(|failure| failure.to_string());
        let expected = expected.map_err(|asked| {
            format!(
                "CannotCreateContainerError: give it the host's network: {asked}: this host keeps containers off its own network"
            )
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn network_is_the_operators_where_the_job_does_not_say() {
        check(NetworkMode::Host, (None, None), Ok(NetworkMode::Host));
        check(NetworkMode::Isolated, (None, None), Ok(NetworkMode::Isolated));
    }

    #[test]
    fn eks_3_pod_chooses_unless_the_operator_keeps_it_off_the_hosts() {
        check(NetworkMode::Host, (None, Some(false)), Ok(NetworkMode::Isolated));
        check(NetworkMode::Host, (None, Some(true)), Ok(NetworkMode::Host));
        check(NetworkMode::Isolated, (None, Some(false)), Ok(NetworkMode::Isolated));
        check(NetworkMode::Isolated, (None, Some(true)), Err("hostNetwork true"));
    }

    #[test]
    fn mc_6_task_may_ask_for_the_hosts() {
        check(NetworkMode::Host, (Some("host"), None), Ok(NetworkMode::Host));
        check(NetworkMode::Isolated, (Some("host"), None), Err("networkMode host"));
    }
}
