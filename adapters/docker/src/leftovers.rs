//! What a dead process of ours left with an engine: found by its labels, and removed.

use crate::{Engine, Error};
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use std::collections::HashMap;

impl Engine {
    /// Kills and removes every container that has all of some labels, running or not, then every such volume. Answers how
    /// many containers that were.
    pub fn remove_labelled(&self, labels: &[(String, String)]) -> Result<usize, Error> {
        let filters = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let filters = HashMap::<_, Vec<String>>::from([("label", filters)]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let left = self.wait(self.docker.list_containers(Some(options))).map_err(Error::from)?;
        let ids: Vec<String> = left.into_iter().filter_map(|one| one.id).collect();
        remove_all(ids.clone(), |id| self.remove_container(id))?;
        let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
        let left = self.wait(self.docker.list_volumes(Some(options))).map_err(Error::from)?;
        // Podman lists volumes that have any of the labels.
        let volumes = left.volumes.unwrap_or_default().into_iter().filter(|volume| has_all(&volume.labels, labels));
        volumes.map(|volume| self.remove_volume(&volume.name)).fold(Ok(()), Result::and)?;
        Ok(ids.len())
    }

    /// Removes a container, whatever it is doing; one that is not there is removed.
    pub(crate) fn remove_container(&self, id: &str) -> Result<(), Error> {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        gone(self.wait(self.docker.remove_container(id, Some(options))).map_err(Error::from))
    }

    /// Removes a volume; one that is not there is removed.
    pub fn remove_volume(&self, name: &str) -> Result<(), Error> {
        let options = RemoveVolumeOptionsBuilder::new().force(true).build();
        gone(self.wait(self.docker.remove_volume(name, Some(options))).map_err(Error::from))
    }
}

/// One whose namespaces others are in can be removed only after them, and nobody says whose they are.
fn remove_all(mut ids: Vec<String>, remove: impl Fn(&str) -> Result<(), Error>) -> Result<(), Error> {
    while !ids.is_empty() {
        let before = ids.len();
        let mut refusal = Ok(());
        ids.retain(|id| {
            let removed = remove(id);
            let stays = removed.is_err();
            refusal = std::mem::replace(&mut refusal, Ok(())).and(removed);
            stays
        });
        if ids.len() == before {
            return refusal;
        }
    }
    Ok(())
}

fn has_all(found: &HashMap<String, String>, labels: &[(String, String)]) -> bool {
    labels.iter().all(|(name, value)| found.get(name) == Some(value))
}

fn gone(removed: Result<(), Error>) -> Result<(), Error> {
    match removed {
        Err(error) if error.is_not_found() => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// The third is there for the second, and that for the first.
    #[test]
    fn container_that_others_need_is_removed_after_them() {
        let there = RefCell::new(vec!["c", "b", "a"]);
        let busy = || Err(Error::Refused { status: 409, message: "others need it".into() });
        let remove = |id: &str| {
            let mut there = there.borrow_mut();
            there.pop_if(|last| *last == id).map(|_| ()).map_or_else(busy, Ok)
        };
        remove_all(["c", "b", "a"].map(str::to_owned).into(), remove).unwrap();
        assert!(there.borrow().is_empty());
        let error = remove_all(["c", "b"].map(str::to_owned).into(), |_| busy()).unwrap_err();
        assert_eq!(error.to_string(), "others need it");
    }

    #[test]
    fn volume_of_another_attempt_has_not_all_labels() {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let labels = [label("agent", "a"), label("attempt", "1")];
        assert!(has_all(&HashMap::from(labels.clone()), &labels));
        assert!(!has_all(&HashMap::from([label("agent", "a"), label("attempt", "2")]), &labels));
        assert!(!has_all(&HashMap::from([label("agent", "a")]), &labels));
    }
}
