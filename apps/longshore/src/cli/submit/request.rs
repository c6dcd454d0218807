//! The SubmitJob request that the arguments of `submit` mean.

use longshore_api_batch::types::{
    ArrayProperties, ContainerOverrides, JobDependency, JobTimeout, KeyValuePair, ResourceRequirement, RetryStrategy,
    SubmitJobRequest,
};

use super::Args;

impl Args {
    pub(super) fn request(&self) -> SubmitJobRequest {
        SubmitJobRequest {
            job_name: Some(self.name.clone().unwrap_or_else(|| name_of(&self.command, &self.definition))),
            job_queue: Some(self.queue.clone()),
            job_definition: Some(self.definition.clone()),
            container_overrides: Some(self.overrides()).filter(|overrides| *overrides != ContainerOverrides::default()),
            parameters: not_empty(&self.param).map(|pairs| pairs.iter().cloned().collect()),
            array_properties: self.array.map(|size| ArrayProperties { size: Some(size) }),
            depends_on: self.dependencies(),
            retry_strategy: self
                .attempts
                .map(|attempts| RetryStrategy { attempts: Some(attempts), ..RetryStrategy::default() }),
            timeout: self
                .timeout
                .map(|timeout| JobTimeout { attempt_duration_seconds: i64::try_from(timeout.as_secs()).ok() }),
            tags: not_empty(&self.tag).map(|pairs| pairs.iter().cloned().collect()),
            ..SubmitJobRequest::default()
        }
    }

    fn overrides(&self) -> ContainerOverrides {
        let need = |kind: &str, value: String| ResourceRequirement { kind: Some(kind.to_owned()), value: Some(value) };
        let vcpus = self.vcpus.as_ref().map(|vcpus| need("VCPU", vcpus.clone()));
        let memory = self.memory.map(|mib| need("MEMORY", mib.to_string()));
        let needs: Vec<ResourceRequirement> = vcpus.into_iter().chain(memory).collect();
        let variable =
            |(name, value): &(String, String)| KeyValuePair { name: Some(name.clone()), value: Some(value.clone()) };
        ContainerOverrides {
            command: not_empty(&self.command).map(<[String]>::to_vec),
            environment: not_empty(&self.env).map(|pairs| pairs.iter().map(variable).collect()),
            resource_requirements: Some(needs).filter(|needs| !needs.is_empty()),
            ..ContainerOverrides::default()
        }
    }

    fn dependencies(&self) -> Option<Vec<JobDependency>> {
        let each = self.depends_on.iter();
        let all = each.map(|given| JobDependency { job_id: given.job_id.clone(), kind: given.kind.clone() });
        Some(all.collect::<Vec<_>>()).filter(|all| !all.is_empty())
    }
}

fn not_empty<T>(items: &[T]) -> Option<&[T]> {
    (!items.is_empty()).then_some(items)
}

/// `./bin/simulate --fast` is called `simulate`; names take letters, digits, hyphens and underscores (128 at most).
fn name_of(command: &[String], definition: &str) -> String {
    let program = command.first().map_or(definition, String::as_str);
    let last = program.rsplit('/').next().unwrap_or(program);
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
    let name: String = last.chars().map(allowed).skip_while(|c| !c.is_ascii_alphanumeric()).take(128).collect();
    if name.is_empty() { "job".to_owned() } else { name }
}
