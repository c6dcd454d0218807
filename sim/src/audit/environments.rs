//! Environments are not used beyond what clients have said that they may be (`CE-11`), whatever the server has made of it.

use super::Audit;
use crate::script::Line;
use crate::violation::{Rule, Violation, require};
use crate::world::World;
use longshore_types::Name;

/// The environment that a command is about, and what that may use from then on, if the command says so.
fn asked(line: &Line) -> Option<(Name, Option<u64>)> {
    let about = matches!(line.verb.as_str(), "create-environment" | "update-environment" | "delete-environment");
    let name = line.object.parse().ok().filter(|_| about)?;
    Some((name, line.number("max").and_then(|most| u64::try_from(most).ok())))
}

impl Audit {
    /// A client was answered: what it had asked for is so.
    pub(crate) fn note_limit(&mut self, line: &Line) {
        match asked(line) {
            Some((name, Some(most))) => drop(self.limits.insert(name, most)),
            Some((name, None)) if line.verb == "delete-environment" => drop(self.limits.remove(&name)),
            _ => {}
        }
    }

    /// A client is never answered: what it had asked for may be so.
    pub(crate) fn doubt_limit(&mut self, line: &Line) {
        if let Some((name, Some(asked))) = asked(line)
            && let Some(most) = self.limits.get_mut(&name)
        {
            *most = asked.max(*most);
        }
    }

    /// Nobody knows any more what was said.
    pub(crate) fn forget_limits(&mut self) {
        self.limits.clear();
    }
}

impl World {
    /// No environment is used for more than it was, but up to its limit.
    pub(crate) fn audit_live(&mut self) -> Result<(), Violation> {
        let Some(server) = &self.server else { return Ok(()) };
        let engine = server.control.engine();
        for (name, environment) in engine.environments() {
            let used = engine.fleet().environment_used_milli(name);
            let before = self.audit.used.insert(name.clone(), used).unwrap_or(0);
            let Some(compute) = environment.compute.as_ref().filter(|_| used > before) else { continue };
            let own = u64::try_from(compute.max_vcpus).unwrap_or(0);
            let most = self.limit(name).map_or(own, |told| told.min(own)) * 1_000;
            let text = || format!("{used} milli-vCPU of {name} are in use, and it may use {most}");
            require(used <= most, Rule::Environments, text)?;
        }
        Ok(())
    }

    /// What clients know that an environment may use, or have asked for and were not answered yet.
    fn limit(&self, name: &Name) -> Option<u64> {
        let told = self.audit.limits.get(name)?;
        let open = self.client.open.values().filter_map(|(line, _)| asked(line));
        let wanted = open.filter(|(of, _)| of == name).filter_map(|(_, most)| most);
        Some(wanted.fold(*told, u64::max))
    }
}
