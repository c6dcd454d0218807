//! Where a container asks what it is and for its role's credentials, in the variables that SDKs and tools know (`ENV-2`, `CRD-1`).

use crate::config::Config;
use longshore_protocol::{Runtime, StartContainer};
use longshore_types::JobRef;

/// The operator's credentials, which would hide those of the role from SDKs.
const OPERATORS: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/// Variables of the operator's that name an endpoint begin so.
const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

/// Adds the variables, and what a network of the container's own has to reach. With a role the operator's credentials go, the job's own stay.
pub(super) fn tell(config: &Config, job: JobRef, container: &mut StartContainer) {
    let Some(endpoint) = &config.task_endpoint else { return };
    if container.runtime == Runtime::Oci {
        let named = config.job_environment.iter().filter(|(name, _)| name.starts_with(ENDPOINT_URL));
        let others = named.map(|(_, url)| url).filter(|url| *url != endpoint);
        container.reach = std::iter::once(endpoint).chain(others).cloned().collect();
    }
    let place = |kind: &str| format!("{endpoint}/longshore/ecs/{kind}/{job}/{}", container.output);
    let mut variables = vec![("ECS_CONTAINER_METADATA_URI_V4".to_owned(), place("v4"))];
    let role = ["jobRoleArn", "taskRoleArn"].iter().find_map(|member| container.settings.0.get(*member)?.as_str());
    if role.is_some_and(|role| !role.is_empty()) {
        variables.push(("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), place("credentials")));
        let mut left = config.job_environment.len();
        container.environment.retain(|(name, _)| {
            let of_operator = left > 0;
            left = left.saturating_sub(1);
            !(of_operator && OPERATORS.contains(&name.as_str()))
        });
    }
    container.environment.extend(variables);
}

#[cfg(test)]
mod tests {
    use super::*;
    use longshore_protocol::Runtime;
    use longshore_types::{AttemptId, Document, JobId};
    use serde_json::{Map, Value};

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect()
    }

    fn told(operators: &[(&str, &str)], role: Option<&str>, own: &[(&str, &str)]) -> StartContainer {
        let operators = pairs(operators);
        let config = Config {
            task_endpoint: Some("http://here".into()),
            job_environment: operators.clone(),
            ..Config::default()
        };
        let settings: Map<String, Value> =
            role.map(|role| ("jobRoleArn".to_owned(), role.into())).into_iter().collect();
        let mut container = StartContainer {
            environment: operators.into_iter().chain(pairs(own)).collect(),
            settings: Document(settings),
            ..StartContainer::only(AttemptId::from_random(10), Runtime::Oci, "i")
        };
        tell(&config, JobRef::Job(JobId::from_random(0)), &mut container);
        container
    }

    fn variables(role: Option<&str>, own: &[(&str, &str)]) -> Vec<(String, String)> {
        let operators = [("AWS_ACCESS_KEY_ID", "op"), ("AWS_SECRET_ACCESS_KEY", "op"), ("AWS_REGION", "r")];
        told(&operators, role, own).environment
    }

    #[test]
    fn endpoints_of_the_operator_are_reached_and_not_those_of_the_job() {
        let operators =
            [("AWS_ENDPOINT_URL", "http://here"), ("AWS_ENDPOINT_URL_S3", "http://s3"), ("AWS_REGION", "r")];
        let container = told(&operators, None, &[("AWS_ENDPOINT_URL_LOGS", "http://elsewhere")]);
        assert_eq!(container.reach, ["http://here", "http://s3"]);
    }

    #[test]
    fn env_2_metadata_has_an_address_for_each_container() {
        let uri = "http://here/longshore/ecs/v4/00000000-0000-4000-8000-000000000000/0000000000000000000000000000000a";
        assert_eq!(variables(None, &[]).last(), Some(&("ECS_CONTAINER_METADATA_URI_V4".into(), uri.into())));
    }

    #[test]
    fn crd_1_role_takes_the_place_of_the_operators_credentials() {
        let with_role = variables(Some("arn:aws:iam::000000000000:role/r"), &[("AWS_ACCESS_KEY_ID", "own")]);
        let names: Vec<&str> = with_role.iter().map(|(name, _)| name.as_str()).collect();
        let expected =
            ["AWS_REGION", "AWS_ACCESS_KEY_ID", "ECS_CONTAINER_METADATA_URI_V4", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        assert_eq!(names, expected);
        assert_eq!(with_role[1].1, "own");
    }
}
