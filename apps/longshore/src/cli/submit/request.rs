//! The SubmitJob request that the arguments of `submit` mean.

use serde_json::{Map, Value, json};

use super::Args;

impl Args {
    pub(super) fn request(&self) -> Value {
        let mut request = json!({
            "jobName": self.name.clone().unwrap_or_else(|| name_of(&self.command, &self.definition)),
            "jobQueue": self.queue,
            "jobDefinition": self.definition,
        });
        let overrides = self.overrides();
        if !overrides.is_empty() {
            request["containerOverrides"] = Value::Object(overrides);
        }
        if !self.param.is_empty() {
            request["parameters"] = map(&self.param);
        }
        if let Some(size) = self.array {
            request["arrayProperties"] = json!({ "size": size });
        }
        if !self.depends_on.is_empty() {
            request["dependsOn"] = self.dependencies();
        }
        if let Some(attempts) = self.attempts {
            request["retryStrategy"] = json!({ "attempts": attempts });
        }
        if let Some(timeout) = self.timeout {
            request["timeout"] = json!({ "attemptDurationSeconds": timeout.as_secs() });
        }
        if !self.tag.is_empty() {
            request["tags"] = map(&self.tag);
        }
        request
    }

    fn overrides(&self) -> Map<String, Value> {
        let mut overrides = Map::new();
        if !self.command.is_empty() {
            overrides.insert("command".to_owned(), json!(self.command));
        }
        if !self.env.is_empty() {
            let variables = self.env.iter().map(|(name, value)| json!({ "name": name, "value": value }));
            overrides.insert("environment".to_owned(), variables.collect());
        }
        let vcpus = self.vcpus.as_ref().map(|value| json!({ "type": "VCPU", "value": value }));
        let memory = self.memory.map(|mib| json!({ "type": "MEMORY", "value": mib.to_string() }));
        let needs: Vec<Value> = vcpus.into_iter().chain(memory).collect();
        if !needs.is_empty() {
            overrides.insert("resourceRequirements".to_owned(), Value::Array(needs));
        }
        overrides
    }

    fn dependencies(&self) -> Value {
        let each = self.depends_on.iter().map(|dependency| {
            let mut entry = Map::new();
            entry.extend(dependency.job_id.as_ref().map(|id| ("jobId".to_owned(), json!(id))));
            entry.extend(dependency.kind.as_ref().map(|kind| ("type".to_owned(), json!(kind))));
            Value::Object(entry)
        });
        each.collect()
    }
}

fn map(pairs: &[(String, String)]) -> Value {
    Value::Object(pairs.iter().map(|(key, value)| (key.clone(), json!(value))).collect())
}

/// `./bin/simulate --fast` is called `simulate`; names take letters, digits, hyphens and underscores (128 at most).
fn name_of(command: &[String], definition: &str) -> String {
    let program = command.first().map_or(definition, String::as_str);
    let last = program.rsplit('/').next().unwrap_or(program);
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    let name: String = last.chars().map(allowed).skip_while(|c| !c.is_ascii_alphanumeric()).take(128).collect();
    if name.is_empty() { "job".to_owned() } else { name }
}
