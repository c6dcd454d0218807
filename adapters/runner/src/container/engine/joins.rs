//! Whose namespaces a container of an engine is in, if not its own or the host's: those of a container that was made for that.

use super::keeper::{Keeper, Means, NetworkMeans};
use super::{ByEngine, DATA_DIR, OF_AGENT};
use crate::container::failure::Failure;
use crate::container::settings::Settings;
use crate::container::{Site, connect};
use crate::network::NetworkMode;
use crate::network::together::{self, Key};
use longshore_agent::Launch;
use longshore_docker::{Engine, Image, Namespace, Wanted};
use std::sync::Arc;

/// They last as long as the container does, and its task.
#[derive(Debug, Default)]
pub(super) struct Joins {
    network: Option<Arc<Keeper>>,
    pids: Option<Arc<Keeper>>,
    ipc: Option<Arc<Keeper>>,
}

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Asks<'a> {
    pub(super) site: &'a Site,
    pub(super) by_engine: &'a ByEngine,
    pub(super) engine: &'a Arc<Engine>,
    pub(super) image: &'a Image,
    pub(super) launch: &'a Launch,
    pub(super) settings: &'a Settings,
}

impl Joins {
    /// Makes what is not there yet.
    pub(super) fn find(asks: Asks<'_>) -> Result<Self, Failure> {
        let Asks { site, launch, settings, .. } = asks;
        let isolated = connect::mode(site.network, settings)? == NetworkMode::Isolated;
        let of_task = together::of_task(launch.attempt, &launch.container);
        let of_network = together::of_job((launch.attempt, launch.job), &launch.container);
        let network = isolated.then(|| asks.keeper(of_network, true)).transpose()?;
        // Of a container that is all of its attempt, what its task has is its own (`MC-6`).
        let shares = |mode: &Option<String>| of_task.is_some() && mode.as_ref().is_some_and(|mode| mode == "task");
        let task = |mode| shares(mode).then(|| asks.keeper(of_task, isolated && of_network == of_task)).transpose();
        Ok(Self { network, pids: task(&settings.pid_mode)?, ipc: task(&settings.ipc_mode)? })
    }

    /// Puts a container there.
    pub(super) fn put(&self, wanted: &mut Wanted) {
        let of = |keeper: &Arc<Keeper>| Namespace::Of(keeper.id().to_owned());
        if let Some(keeper) = &self.network {
            keeper.connect(wanted);
        }
        if let Some(keeper) = &self.pids {
            wanted.pids = of(keeper);
        }
        if let Some(keeper) = &self.ipc {
            wanted.ipc = of(keeper);
            // It is there already.
            wanted.shared_memory_bytes = None;
        }
    }
}

impl Asks<'_> {
    /// One for whoever is together, that has a network besides or not.
    fn keeper(self, key: Option<Key>, has_network: bool) -> Result<Arc<Keeper>, Failure> {
        let Self { site, by_engine, engine, image, launch, settings } = self;
        let output = launch.container.output;
        let name = format!("{output}-together");
        let labels = by_engine.labels(launch.attempt);
        by_engine.keepers.of(key, (launch.attempt, &launch.container), || {
            let means = Means {
                engine,
                name: by_engine.name(&name),
                // Not its attempt's: other nodes of its job may outlive that.
                labels: labels
                    .into_iter()
                    .filter(|(label, _)| [OF_AGENT, DATA_DIR].contains(&label.as_str()))
                    .collect(),
                image: &image.id,
                data_dir: &site.shared.data_dir,
                shared_memory_bytes: settings.linux_parameters.shared_memory_size.map(|mib| mib << 20),
            };
            let network = has_network.then(|| NetworkMeans {
                networks: &site.networks,
                reach: &launch.container.reach,
                directory: site.directory.join(&name),
            });
            Keeper::make(means, network)
        })
    }
}
