//! The consumable resources in memory: how much is there, who holds what, which updates were made (spec section 21).
//! Pure bookkeeping: which attempt starts and which rows are written is decided elsewhere.

use crate::entity::{
    ConsumableHold, ConsumableKind, ConsumableNeed, ConsumableResource, ConsumableUpdate, QuantityOperation,
};
use longshore_types::{Name, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How long an update with a client token is remembered (`IDEM-2`).
const REMEMBERED_MS: u64 = 8 * 60 * 60 * 1_000;

/// An update by resource and client token.
type UpdateKey = (Name, String);

/// Every consumable resource.
#[derive(Debug, Default)]
pub(crate) struct Consumables {
    resources: BTreeMap<Name, ConsumableResource>,
    updates: BTreeMap<UpdateKey, ConsumableUpdate>,
    /// The keys of `updates`, oldest first.
    by_age: BTreeSet<(Timestamp, UpdateKey)>,
}

impl Consumables {
    /// Resources of which nothing is in use yet, and the updates that are remembered.
    pub(crate) fn restore(resources: Vec<ConsumableResource>, updates: Vec<ConsumableUpdate>) -> Self {
        let idle = |row: ConsumableResource| (row.name.clone(), ConsumableResource { in_use: 0, ..row });
        let mut restored = Self { resources: resources.into_iter().map(idle).collect(), ..Self::default() };
        updates.into_iter().for_each(|update| restored.remember(update));
        restored
    }

    pub(crate) fn get(&self, name: &Name) -> Option<&ConsumableResource> {
        self.resources.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &Name) -> Option<&mut ConsumableResource> {
        self.resources.get_mut(name)
    }

    /// Takes what an attempt needs; all of it is available (`CR-2`).
    pub(crate) fn take(&mut self, needs: &[ConsumableNeed]) -> Vec<ConsumableHold> {
        let hold = |need: &ConsumableNeed| {
            let row = self.resources.get_mut(&need.resource)?;
            assert!(row.available() >= need.quantity, "what is not available is not given");
            row.in_use += need.quantity;
            Some(ConsumableHold { resource: need.resource.clone(), creation: row.creation, quantity: need.quantity })
        };
        needs.iter().filter_map(hold).collect()
    }

    /// An attempt held this before the restart and holds it still.
    pub(crate) fn adopt(&mut self, holds: &[ConsumableHold]) {
        for hold in holds {
            if let Some(row) = self.held(hold) {
                row.in_use += hold.quantity;
            }
        }
    }

    /// Takes back what an attempt held, or what was made of it: nothing, if it is not replenishable (`CR-2`). What was
    /// held of a resource that was deleted is given back to nothing (`CR-4`).
    pub(crate) fn give_back(&mut self, holds: &[ConsumableHold]) {
        for hold in holds {
            let Some(row) = self.held(hold) else { continue };
            assert!(row.in_use >= hold.quantity, "what is given back was in use");
            row.in_use -= hold.quantity;
            if row.kind == ConsumableKind::NonReplenishable {
                row.total = row.total.saturating_sub(hold.quantity);
            }
        }
    }

    fn held(&mut self, hold: &ConsumableHold) -> Option<&mut ConsumableResource> {
        self.resources.get_mut(&hold.resource).filter(|row| row.creation == hold.creation)
    }

    pub(crate) fn len(&self) -> usize {
        self.resources.len()
    }

    pub(crate) fn put(&mut self, resource: ConsumableResource) {
        self.resources.insert(resource.name.clone(), resource);
    }

    /// Deletes a resource; the keys of its updates, which are forgotten with it.
    pub(crate) fn delete(&mut self, name: &Name) -> Vec<UpdateKey> {
        self.resources.remove(name);
        let first = (name.clone(), String::new());
        let keys = self.updates.range(first..).map(|(key, _)| key.clone()).take_while(|(of, _)| of == name);
        let keys: Vec<UpdateKey> = keys.collect();
        keys.iter().for_each(|key| self.forget(key));
        keys
    }

    /// The update that is remembered under this token.
    pub(crate) fn update(&self, resource: &Name, token: &str, now: Timestamp) -> Option<&ConsumableUpdate> {
        self.row(resource, token).filter(|update| now.since_ms(update.at) < REMEMBERED_MS)
    }

    /// The same, as long as it has a row.
    pub(crate) fn row(&self, resource: &Name, token: &str) -> Option<&ConsumableUpdate> {
        self.updates.get(&(resource.clone(), token.to_owned()))
    }

    pub(crate) fn remember(&mut self, update: ConsumableUpdate) {
        let key = (update.resource.clone(), update.token.clone());
        self.by_age.insert((update.at, key.clone()));
        self.updates.insert(key, update);
    }

    /// Forgets updates that are too old to be made again; their keys.
    pub(crate) fn forget_updates(&mut self, now: Timestamp) -> Vec<UpdateKey> {
        let old = self.by_age.iter().take_while(|(at, _)| now.since_ms(*at) >= REMEMBERED_MS);
        let keys: Vec<UpdateKey> = old.map(|(_, key)| key.clone()).collect();
        keys.iter().for_each(|key| self.forget(key));
        keys
    }

    fn forget(&mut self, key: &UpdateKey) {
        if let Some(update) = self.updates.remove(key) {
            self.by_age.remove(&(update.at, key.clone()));
        }
    }
}

/// The total after an update; `None` if it would be negative (`CR-3`).
pub(crate) fn updated_total(row: &ConsumableResource, operation: QuantityOperation, quantity: u64) -> Option<u64> {
    match (operation, row.kind) {
        (QuantityOperation::Set, ConsumableKind::Replenishable) => Some(quantity),
        // What is available is set: what is in use is as good as gone.
        (QuantityOperation::Set, ConsumableKind::NonReplenishable) => Some(row.in_use.saturating_add(quantity)),
        (QuantityOperation::Add, _) => Some(row.total.saturating_add(quantity)),
        (QuantityOperation::Remove, ConsumableKind::Replenishable) => row.total.checked_sub(quantity),
        (QuantityOperation::Remove, ConsumableKind::NonReplenishable) => {
            row.available().checked_sub(quantity).map(|available| row.in_use + available)
        }
    }
}

#[cfg(test)]
mod tests;
