//! Consumable resources from creation to deletion, as clients see them, and the jobs that need them.

use crate::testing::{Live, Running};
use serde_json::{Value, json};

fn arn(resource: &str) -> String {
    format!("arn:aws:batch:eu-west-1:123456789012:{resource}")
}

async fn create(server: &Running, name: &str, total: i64) {
    let resource = json!({ "consumableResourceName": name, "totalQuantity": total, "tags": { "k": "v" } });
    let created = server.ok("CreateConsumableResource", resource).await;
    let expected =
        json!({ "consumableResourceName": name, "consumableResourceArn": arn(&format!("consumable-resource/{name}")) });
    assert_eq!(created, expected);
}

/// A server with the resources `licence` and `Licence-2`, and a queue `q` in whose environment nothing runs.
async fn server() -> Running {
    let server = Live::start().await;
    create(&server, "licence", 5).await;
    create(&server, "Licence-2", 0).await;
    let resources = json!({ "type": "EC2", "maxvCpus": 4 });
    let environment = json!({
        "computeEnvironmentName": "ce", "type": "MANAGED", "computeResources": resources,
        "tags": { "longshore:provider": "local" },
    });
    server.ok("CreateComputeEnvironment", environment).await;
    let order = json!([{ "order": 1, "computeEnvironment": "ce" }]);
    server.ok("CreateJobQueue", json!({ "jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": order })).await;
    let needs = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    let definition = json!({
        "jobDefinitionName": "d", "type": "container",
        "containerProperties": { "image": "host", "resourceRequirements": needs },
        "consumableResourceProperties": properties(&[("licence", 2)]),
    });
    server.ok("RegisterJobDefinition", definition).await;
    server
}

fn properties(needs: &[(&str, i64)]) -> Value {
    let entry = |(resource, quantity): &(&str, i64)| json!({ "consumableResource": resource, "quantity": quantity });
    json!({ "consumableResourceList": needs.iter().map(entry).collect::<Vec<_>>() })
}

#[tokio::test]
async fn cr_1_resource_is_described_by_name_and_arn() {
    let server = server().await;
    let expected = json!({
        "consumableResourceName": "licence", "consumableResourceArn": arn("consumable-resource/licence"),
        "totalQuantity": 5, "inUseQuantity": 0, "availableQuantity": 5, "resourceType": "REPLENISHABLE",
        "createdAt": 1000, "tags": { "k": "v" },
    });
    for name in ["licence", &arn("consumable-resource/licence")] {
        let described = server.ok("DescribeConsumableResource", json!({ "consumableResource": name })).await;
        assert_eq!(described, expected);
    }
    let message = server.refused("DescribeConsumableResource", json!({ "consumableResource": "x" })).await;
    assert!(message.contains("ConsumableResource x not found."), "{message}");
}

#[tokio::test]
async fn cr_3_idem_2_update_answers_the_total_and_is_made_once() {
    let server = server().await;
    let update = json!({
        "consumableResource": arn("consumable-resource/licence"), "operation": "ADD", "quantity": 3, "clientToken": "t",
    });
    for _ in 0..2 {
        let updated = server.ok("UpdateConsumableResource", update.clone()).await;
        let expected = json!({
            "consumableResourceName": "licence", "consumableResourceArn": arn("consumable-resource/licence"),
            "totalQuantity": 8,
        });
        assert_eq!(updated, expected);
    }
}

#[tokio::test]
async fn cr_5_resources_are_listed_by_name_and_filtered_whatever_the_case() {
    let server = server().await;
    let names = |listed: &Value| -> Vec<String> {
        let resources = listed["consumableResources"].as_array().unwrap().iter();
        resources.map(|resource| resource["consumableResourceName"].as_str().unwrap().to_owned()).collect()
    };
    let first = server.ok("ListConsumableResources", json!({ "maxResults": 1 })).await;
    assert_eq!(names(&first), ["Licence-2"]);
    let rest = server.ok("ListConsumableResources", json!({ "nextToken": first["nextToken"] })).await;
    assert_eq!(names(&rest), ["licence"]);
    let filter = |value: &str| json!({ "filters": [{ "name": "CONSUMABLE_RESOURCE_NAME", "values": [value] }] });
    assert_eq!(names(&server.ok("ListConsumableResources", filter("LICENCE*")).await), ["Licence-2", "licence"]);
    assert_eq!(names(&server.ok("ListConsumableResources", filter("licence-2")).await), ["Licence-2"]);
    let unknown = json!({ "filters": [{ "name": "X", "values": ["y"] }] });
    let message = server.refused("ListConsumableResources", unknown).await;
    assert_eq!(message, "The filter X is not known. Filters are CONSUMABLE_RESOURCE_NAME.");
}

#[tokio::test]
async fn res_2_job_shows_what_it_needs_and_is_listed_by_it() {
    let server = server().await;
    let over = properties(&[(&arn("consumable-resource/Licence-2"), 1)]);
    let job = json!({
        "jobName": "j", "jobQueue": "q", "jobDefinition": "d", "consumableResourcePropertiesOverride": over,
    });
    let job = server.ok("SubmitJob", job).await["jobId"].clone();
    let described = server.ok("DescribeJobs", json!({ "jobs": [job] })).await["jobs"][0].clone();
    let (licence, second) = (arn("consumable-resource/licence"), arn("consumable-resource/Licence-2"));
    let expected = properties(&[(&licence, 2), (&second, 1)]);
    assert_eq!(described["consumableResourceProperties"], expected);
    let definitions = server.ok("DescribeJobDefinitions", json!({ "jobDefinitionName": "d" })).await;
    let definition = &definitions["jobDefinitions"][0];
    assert_eq!(definition["consumableResourceProperties"], properties(&[("licence", 2)]));
    let listed = server.ok("ListJobsByConsumableResource", json!({ "consumableResource": "licence" })).await;
    let summary = json!({
        "jobArn": arn(&format!("job/{}", job.as_str().unwrap())), "jobQueueArn": arn("job-queue/q"), "jobName": "j",
        "jobDefinitionArn": arn("job-definition/d:1"), "jobStatus": "RUNNABLE", "quantity": 2, "createdAt": 1000,
        "consumableResourceProperties": expected,
    });
    assert_eq!(listed, json!({ "jobs": [summary] }));
    let filter = |name: &str, value: &str| json!({ "consumableResource": "licence", "filters": [{ "name": name, "values": [value] }] });
    for (name, value, count) in [("JOB_STATUS", "RUNNABLE", 1), ("JOB_STATUS", "FAILED", 0), ("JOB_NAME", "J*", 1)] {
        let listed = server.ok("ListJobsByConsumableResource", filter(name, value)).await;
        assert_eq!(listed["jobs"].as_array().unwrap().len(), count, "{name} {value}");
    }
    let message = server.refused("ListJobsByConsumableResource", filter("JOB_STATUS", "X")).await;
    assert_eq!(message, "X is not a job status.");
}

#[tokio::test]
async fn cr_4_deleted_resource_is_gone_and_nothing_new_may_need_it() {
    let server = server().await;
    let deleted = json!({ "consumableResource": arn("consumable-resource/licence") });
    assert_eq!(server.ok("DeleteConsumableResource", deleted).await, json!({}));
    let job = json!({ "jobName": "j", "jobQueue": "q", "jobDefinition": "d" });
    let message = server.refused("SubmitJob", job).await;
    assert!(message.contains("ConsumableResource licence not found."), "{message}");
}
