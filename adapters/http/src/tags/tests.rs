//! Tags of everything that has some, as clients see them, and the way to a job that has ended.

use crate::failure::Failure;
use crate::jobs::fixture::{Bench, JOB, context, job, job_row};
use crate::tags::tag_resource;
use crate::testing::{Answer, Live, Running};
use longshore_api_batch::types::TagResourceRequest;
use longshore_engine::command::{LookedUpRow, TagResource, Taggable};
use longshore_engine::entity::Tags;
use longshore_engine::{Command, Error, Response};
use serde_json::{Value, json};

fn arn(resource: &str) -> String {
    format!("arn:aws:batch:us-east-1:123456789012:{resource}")
}

/// A request on the tags of a resource, its ARN encoded as clients do it.
async fn send(server: &Running, method: &str, resource: &str, rest: (&str, Value)) -> Answer {
    let (query, body) = rest;
    let arn = arn(resource).replace(':', "%3A").replace('/', "%2F").replace('#', "%23");
    server.send(method, &format!("/v1/tags/{arn}{query}"), &[], &body.to_string()).await
}

async fn tag(server: &Running, resource: &str, tags: Value) -> Answer {
    send(server, "POST", resource, ("", json!({ "tags": tags }))).await
}

async fn list(server: &Running, resource: &str) -> Value {
    let answer = send(server, "GET", resource, ("", json!({}))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["tags"].clone()
}

/// A server with an environment `ce`, a queue `q`, a definition `d` and a job that waits, and the job's id.
async fn server() -> (Running, String) {
    let server = Live::start().await;
    let resources = json!({
        "type": "EC2", "minvCpus": 0, "maxvCpus": 4, "instanceTypes": ["optimal"], "subnets": ["s"],
        "securityGroupIds": ["g"], "instanceRole": "r", "tags": { "instance": "x" },
    });
    let environment = json!({
        "computeEnvironmentName": "ce", "type": "MANAGED", "computeResources": resources, "tags": { "a": "1" },
    });
    server.ok("CreateComputeEnvironment", environment).await;
    let order = json!([{ "order": 1, "computeEnvironment": "ce" }]);
    let queue = json!({ "jobQueueName": "q", "priority": 1, "computeEnvironmentOrder": order, "tags": { "a": "1" } });
    server.ok("CreateJobQueue", queue).await;
    let needs = json!([{ "type": "VCPU", "value": "1" }, { "type": "MEMORY", "value": "64" }]);
    let container = json!({ "image": "host", "resourceRequirements": needs });
    let definition = json!({
        "jobDefinitionName": "d", "type": "container", "containerProperties": container, "tags": { "a": "1" },
    });
    server.ok("RegisterJobDefinition", definition).await;
    server.ok("CreateSchedulingPolicy", json!({ "name": "p", "tags": { "a": "1" } })).await;
    server.ok("CreateConsumableResource", json!({ "consumableResourceName": "r", "tags": { "a": "1" } })).await;
    let job = json!({ "jobName": "j", "jobQueue": "q", "jobDefinition": "d", "tags": { "a": "1" } });
    let job = server.ok("SubmitJob", job).await["jobId"].as_str().unwrap().to_owned();
    (server, job)
}

#[tokio::test]
async fn tag_2_tags_are_put_over_taken_off_and_listed() {
    let (server, job) = server().await;
    let job = format!("job/{job}");
    let others = ["scheduling-policy/p", "consumable-resource/r"];
    for resource in ["compute-environment/ce", "job-queue/q", "job-definition/d:1", &job].into_iter().chain(others) {
        assert_eq!(list(&server, resource).await, json!({ "a": "1" }), "{resource}");
        let answer = tag(&server, resource, json!({ "a": "2", "b c": "3", "d": "" })).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "{}"), "{resource}");
        assert_eq!(list(&server, resource).await, json!({ "a": "2", "b c": "3", "d": "" }));
        let answer = send(&server, "DELETE", resource, ("?tagKeys=a&tagKeys=b%20c&tagKeys=e", json!({}))).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "{}"), "{resource}");
        assert_eq!(list(&server, resource).await, json!({ "d": "" }));
    }
}

#[tokio::test]
async fn tag_2_job_that_has_ended_is_tagged_like_any_other() {
    let (server, job) = server().await;
    server.ok("CancelJob", json!({ "jobId": job, "reason": "no" })).await;
    let resource = format!("job/{job}");
    assert_eq!(tag(&server, &resource, json!({ "b": "2" })).await.status, 200);
    assert_eq!(send(&server, "DELETE", &resource, ("?tagKeys=a", json!({}))).await.status, 200);
    let described = server.ok("DescribeJobs", json!({ "jobs": [job] })).await["jobs"][0].clone();
    assert_eq!((&described["tags"], &described["status"]), (&json!({ "b": "2" }), &json!("FAILED")));
}

#[tokio::test]
async fn arr_8_children_and_nodes_are_refused() {
    let (server, job) = server().await;
    for resource in [format!("job/{job}:0"), format!("job/{job}#1")] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = send(&server, method, &resource, ("?tagKeys=a", json!({ "tags": { "a": "1" } }))).await;
            assert_eq!((answer.status, answer.error_type()), (400, "ClientException"));
            let expected = "ARNs for child jobs of array and MNP jobs aren't supported";
            assert_eq!(answer.json()["message"], expected);
        }
    }
}

#[tokio::test]
async fn tag_2_unknown_resources_are_refused_in_the_same_words_by_all_three() {
    let (server, _) = server().await;
    let job = format!("job/{JOB}");
    for (resource, text) in [
        ("compute-environment/x", "ComputeEnvironment x not found.".to_owned()),
        ("job-queue/x", "JobQueue x not found.".to_owned()),
        ("scheduling-policy/x", "SchedulingPolicy x not found.".to_owned()),
        ("consumable-resource/x", "ConsumableResource x not found.".to_owned()),
        ("job-definition/d:2", "JobDefinition d:2 not found.".to_owned()),
        (&job, format!("Job {JOB} not found.")),
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = send(&server, method, resource, ("?tagKeys=a", json!({ "tags": { "a": "1" } }))).await;
            assert_eq!((answer.status, answer.error_type()), (400, "ClientException"));
            let message = answer.json()["message"].as_str().unwrap().to_owned();
            assert!(message.contains(&text), "{message}");
        }
    }
}

#[tokio::test]
async fn tag_1_what_is_no_arn_of_something_with_tags_is_refused() {
    let (server, _) = server().await;
    for resource in ["job-definition/d", "job/x", "rocket/r", "job-queue/q/rocket/s", "job-queue"] {
        let answer = tag(&server, resource, json!({ "a": "1" })).await;
        assert_eq!((answer.status, answer.error_type()), (400, "ClientException"));
        let arn = arn(resource);
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&format!("resourceArn {arn} is not the ARN of a compute environment")));
    }
    let answer = server.send("POST", "/v1/tags/q", &[], r#"{"tags": {"a": "1"}}"#).await;
    assert_eq!(answer.status, 400, "names are not taken for ARNs");
}

/// Tags the job `JOB` over a control plane that first asks for these stamps.
async fn tag_ended(bench: &Bench, stamps: &[u64]) -> Result<(), Failure> {
    for stamp in stamps {
        bench.answer(Err(Error::LookUpRow { job: JOB.parse().unwrap(), stamp: *stamp }.into()));
    }
    bench.answer(Ok(Response::Done));
    let tags = Some(Tags::from([("a".to_owned(), "1".to_owned())]));
    let request = TagResourceRequest { resource_arn: Some(arn(&format!("job/{JOB}"))), tags };
    tag_resource(&bench.service, &context(), request).await.map(drop)
}

fn asked(looked_up: Option<LookedUpRow>) -> Command {
    let tags = Tags::from([("a".to_owned(), "1".to_owned())]);
    Command::TagResource(Box::new(TagResource { resource: Taggable::Job(JOB.parse().unwrap()), tags, looked_up }))
}

#[tokio::test]
async fn row_of_an_ended_job_is_read_as_often_as_it_is_asked_for() {
    let row = json!({ "run": { "status": "SUCCEEDED" } });
    let bench = Bench::new(vec![job(&row)]);
    tag_ended(&bench, &[3, 4]).await.unwrap();
    let read = |stamp| asked(Some(LookedUpRow { stamp, row: Some(Box::new(job_row(&row))) }));
    assert_eq!(bench.asked(), [asked(None), read(3), read(4)]);
}

#[tokio::test]
async fn job_that_never_was_is_looked_up_and_not_found() {
    let bench = Bench::new(Vec::new());
    tag_ended(&bench, &[0]).await.unwrap();
    assert_eq!(bench.asked(), [asked(None), asked(Some(LookedUpRow { stamp: 0, row: None }))]);
}

#[tokio::test]
async fn row_that_changes_every_time_is_given_up() {
    let bench = Bench::new(Vec::new());
    let failure = tag_ended(&bench, &[0; 9]).await.unwrap_err();
    assert_eq!((failure.kind(), bench.asked().len()), ("ServerException", 8));
}
