//! Scheduling policies and consumable resources: where they are kept, and which of their rows have changed.

use super::Engine;
use super::dirty::Dirty;
use crate::change::Change;
use crate::entity::{ConsumableHold, ConsumableNeed, ConsumableResource, ConsumableUpdate, SchedulingPolicy};
use longshore_types::Name;
use std::collections::BTreeMap;

impl Engine {
    /// Scheduling policies by name.
    pub const fn policies(&self) -> &BTreeMap<Name, SchedulingPolicy> {
        &self.policies
    }

    pub(crate) fn put_policy(&mut self, policy: SchedulingPolicy) {
        self.dirty.policies.insert(policy.name.clone());
        self.policies.insert(policy.name.clone(), policy);
    }

    pub(crate) fn delete_policy(&mut self, name: &Name) {
        self.policies.remove(name);
        self.dirty.policies.insert(name.clone());
    }

    pub(crate) fn put_consumable(&mut self, resource: ConsumableResource) {
        self.dirty.consumables.insert(resource.name.clone());
        self.consumables.put(resource);
        self.unscheduled = true;
    }

    /// Forgets a resource and every update made of it.
    pub(crate) fn delete_consumable(&mut self, name: &Name) {
        self.dirty.consumables.insert(name.clone());
        self.dirty.consumable_updates.extend(self.consumables.delete(name));
    }

    /// To write a resource that has changed in nothing that placement looks at.
    pub(crate) fn touch_consumable(&mut self, name: Name) {
        self.dirty.consumables.insert(name);
    }

    /// Takes what an attempt that starts needs of consumable resources.
    pub(crate) fn take_consumables(&mut self, needs: &[ConsumableNeed]) -> Vec<ConsumableHold> {
        let holds = self.consumables.take(needs);
        self.dirty.consumables.extend(holds.iter().map(|hold| hold.resource.clone()));
        holds
    }

    /// Takes back what an attempt that has ended held of consumable resources.
    pub(crate) fn give_back_consumables(&mut self, holds: &[ConsumableHold]) {
        self.consumables.give_back(holds);
        self.dirty.consumables.extend(holds.iter().map(|hold| hold.resource.clone()));
    }

    /// Remembers an update, and forgets those that are too old to be made again.
    pub(crate) fn remember_update(&mut self, update: ConsumableUpdate) {
        self.dirty.consumable_updates.extend(self.consumables.forget_updates(update.at));
        self.dirty.consumable_updates.insert((update.resource.clone(), update.token.clone()));
        self.consumables.remember(update);
    }
}

pub(super) fn take_changes(engine: &Engine, dirty: &mut Dirty, changes: &mut Vec<Change>) {
    for name in std::mem::take(&mut dirty.policies) {
        changes.push(match engine.policies.get(&name) {
            Some(policy) => Change::PutPolicy(Box::new(policy.clone())),
            None => Change::DeletePolicy(name),
        });
    }
    for name in std::mem::take(&mut dirty.consumables) {
        changes.push(match engine.consumables.get(&name) {
            Some(resource) => Change::PutConsumable(Box::new(resource.clone())),
            None => Change::DeleteConsumable(name),
        });
    }
    for (resource, token) in std::mem::take(&mut dirty.consumable_updates) {
        changes.push(match engine.consumables.row(&resource, &token) {
            Some(update) => Change::PutConsumableUpdate(Box::new(update.clone())),
            None => Change::DeleteConsumableUpdate(resource, token),
        });
    }
}
