//! Hostile requests to all that decodes them: each is carried out or refused; none ends the server.

use crate::context::Context;
use crate::failure::Failure;
use crate::testing::{Answers, quotas};
use crate::{BatchService, LogsService, batch, logs, route, sts};
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Uri};
use longshore_hostile::Hostile;
use longshore_logs::LogReader;
use longshore_store::Store;
use std::sync::Arc;

const INPUTS: usize = 20_000;

/// Target and body.
const BATCH: &[&str] = &[
    r#"/v1/submitjob
{"jobName":"a","jobQueue":"q","jobDefinition":"d:1","arrayProperties":{"size":3},"dependsOn":[{"jobId":"6a9f0f9e-8c0f-4c47-9b3d-0a52f6b3c0de","type":"N_TO_N"}],"retryStrategy":{"attempts":3,"evaluateOnExit":[{"onExitCode":"1*","action":"RETRY"}]},"timeout":{"attemptDurationSeconds":60},"containerOverrides":{"command":["echo","Ref::x"],"environment":[{"name":"A","value":"b"}],"resourceRequirements":[{"type":"VCPU","value":"0.5"},{"type":"MEMORY","value":"64"}]},"parameters":{"x":"y"},"tags":{"a":"b"},"shareIdentifier":"s","schedulingPriorityOverride":9}"#,
    r#"/v1/submitjob
{"jobName":"n","jobQueue":"arn:aws:batch:us-east-1:123456789012:job-queue/q","jobDefinition":"d","nodeOverrides":{"numNodes":2,"nodePropertyOverrides":[{"targetNodes":"0:1","containerOverrides":{"command":["a"]}}]},"consumableResourcePropertiesOverride":{"consumableResourceList":[{"consumableResource":"c","quantity":2}]}}"#,
    r#"/v1/registerjobdefinition
{"jobDefinitionName":"d","type":"container","platformCapabilities":["EC2"],"containerProperties":{"image":"busybox:1","command":["sh","-c","true"],"resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"64"}],"volumes":[{"name":"v","host":{"sourcePath":"/tmp"}}],"mountPoints":[{"sourceVolume":"v","containerPath":"/v","readOnly":true}],"ulimits":[{"name":"nofile","softLimit":1,"hardLimit":2}],"linuxParameters":{"sharedMemorySize":64,"tmpfs":[{"containerPath":"/t","size":1,"mountOptions":["rw"]}]},"secrets":[{"name":"s","valueFrom":"arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}],"user":"1000:1000"}}"#,
    r#"/v1/registerjobdefinition
{"jobDefinitionName":"m","type":"multinode","nodeProperties":{"numNodes":2,"mainNode":0,"nodeRangeProperties":[{"targetNodes":"0:","container":{"image":"host","resourceRequirements":[{"type":"VCPU","value":"1"}]}}]}}"#,
    r#"/v1/registerjobdefinition
{"jobDefinitionName":"e","type":"container","eksProperties":{"podProperties":{"containers":[{"image":"i","resources":{"limits":{"cpu":"0.25","memory":"64Mi"},"requests":{"cpu":"250m"}},"env":[{"name":"A","value":"b"}]}],"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Gi"}}]}}}"#,
    r#"/v1/registerjobdefinition
{"jobDefinitionName":"t","type":"container","ecsProperties":{"taskProperties":[{"containers":[{"name":"a","image":"i","dependsOn":[{"containerName":"b","condition":"START"}]},{"name":"b","image":"i","essential":false}]}]}}"#,
    r#"/v1/createcomputeenvironment
{"computeEnvironmentName":"ce","type":"MANAGED","state":"ENABLED","computeResources":{"type":"EC2","minvCpus":0,"maxvCpus":4,"instanceTypes":["optimal"],"subnets":["s"],"securityGroupIds":["g"],"instanceRole":"r"},"updatePolicy":{"jobExecutionTimeoutMinutes":30}}"#,
    r#"/v1/createjobqueue
{"jobQueueName":"q","priority":1,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"ce"}],"jobStateTimeLimitActions":[{"reason":"r","state":"RUNNABLE","maxTimeSeconds":600,"action":"CANCEL"}]}"#,
    r#"/v1/createschedulingpolicy
{"name":"p","fairsharePolicy":{"shareDecaySeconds":3600,"computeReservation":10,"shareDistribution":[{"shareIdentifier":"a*","weightFactor":0.25}]}}"#,
    r#"/v1/listjobs
{"jobQueue":"q","jobStatus":"RUNNING","maxResults":7,"nextToken":"eyJhIjoxfQ==","filters":[{"name":"AFTER_CREATED_AT","values":["1700000000000"]}]}"#,
    r#"/v1/describejobs
{"jobs":["6a9f0f9e-8c0f-4c47-9b3d-0a52f6b3c0de:3","6a9f0f9e-8c0f-4c47-9b3d-0a52f6b3c0de#1"]}"#,
    r#"/v1/updateconsumableresource
{"consumableResource":"c","operation":"ADD","quantity":9,"clientToken":"t"}"#,
    r#"/v1/submitservicejob
{"jobName":"a","jobQueue":"q","serviceJobType":"SAGEMAKER_TRAINING","serviceRequestPayload":"{\"TrainingJobName\":\"a\"}","timeoutConfig":{"attemptDurationSeconds":60}}"#,
    r#"/v1/createquotashare
{"quotaShareName":"s","jobQueue":"q","capacityLimits":[{"maxCapacity":3,"capacityUnit":"NUM_INSTANCES"}],"resourceSharingConfiguration":{"strategy":"LEND_AND_BORROW","borrowLimit":50},"preemptionConfiguration":{"inSharePreemption":"ENABLED"}}"#,
    r#"/v1/tags/arn%3Aaws%3Abatch%3Aus-east-1%3A123456789012%3Ajob-queue%2Fq?tagKeys=a&tagKeys=b
{"tags":{"a":"b"}}"#,
    r#"/v1/terminatejobs
{"jobIds":["6a9f0f9e-8c0f-4c47-9b3d-0a52f6b3c0de"],"reason":"r"}"#,
];

const LOGS: &[&str] = &[
    r#"GetLogEvents
{"logGroupName":"/aws/batch/job","logStreamName":"d/default/6a9f0f9e8c0f4c479b3d0a52f6b3c0de","startFromHead":true,"limit":10,"nextToken":"f/0000000000000000000000000000000000000000000000000000000001/s"}"#,
    r#"FilterLogEvents
{"logGroupName":"/aws/batch/job","filterPattern":"{ ($.a = 1) && ($.b[0].c != \"x*\") || $.d IS NULL }","startTime":0,"endTime":9999999999999,"logStreamNamePrefix":"d"}"#,
    r#"FilterLogEvents
{"logGroupName":"/aws/batch/job","filterPattern":"[ip, user, ..., status = 4*, bytes > 10]"}"#,
    r#"DescribeLogStreams
{"logGroupName":"/aws/batch/job","orderBy":"LastEventTime","descending":true,"limit":3}"#,
];

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/batch/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date, Signature=4af8ccf8ba65456fb54836671f64e92b346fca92d97fca790da3b6c5a17b2da3";

/// The first line, and the rest.
fn lines(input: &[u8]) -> (&[u8], Bytes) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    (&input[..end], Bytes::copy_from_slice(input.get(end + 1..).unwrap_or_default()))
}

fn parts(method: &str, uri: Uri, header: (&str, &[u8])) -> Option<Parts> {
    let value = http::HeaderValue::from_bytes(header.1).ok()?;
    let request = Request::builder().method(method).uri(uri).header("host", "localhost").header(header.0, value);
    request.body(()).ok().map(|request| request.into_parts().0)
}

fn context() -> Context {
    Context::new("us-east-1", &"123456789012".into())
}

#[tokio::test]
async fn hostile_requests_of_batch_are_carried_out_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let reader = Store::open(directory.path().join("longshore.db")).unwrap().reader();
    let service = BatchService { commander: Arc::new(Answers::default()), reader, quotas: quotas() };
    let mut understood = 0;
    for (number, input) in Hostile::new(1, BATCH.iter().copied()).take(INPUTS).enumerate() {
        let (target, body) = lines(&input);
        let Ok(uri) = Uri::try_from(target) else { continue };
        let method = ["POST", "POST", "POST", "GET", "DELETE"][number % 5];
        let Some(parts) = parts(method, uri, ("x-amz-date", b"20150830T123600Z")) else { continue };
        let answer = batch::answer(&service, &context(), (&parts, &body)).await;
        let refused = matches!(answer, Err(Failure::Malformed { .. } | Failure::UnknownOperation { .. }));
        understood += usize::from(!refused);
    }
    assert!(understood > INPUTS / 20, "only {understood} were requests at all");
}

#[tokio::test]
async fn hostile_requests_of_logs_and_sts_are_carried_out_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let reader = Store::open(directory.path().join("longshore.db")).unwrap().reader();
    let service = LogsService { reader, output: LogReader::new(directory.path()) };
    let mut understood = 0;
    for input in Hostile::new(2, LOGS.iter().copied()).take(INPUTS / 2) {
        let (operation, body) = lines(&input);
        let target = [b"Logs_20140328.".as_slice(), operation].concat();
        let Some(parts) = parts("POST", Uri::from_static("/"), ("x-amz-target", &target)) else { continue };
        understood += usize::from(logs::answer(&service, &context(), (&parts, &body)).await.is_ok());
    }
    let query = "Action=GetCallerIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr";
    for input in Hostile::new(3, [query]).take(INPUTS / 2) {
        understood += usize::from(sts::answer(&context(), &Bytes::from(input)).is_ok());
    }
    assert!(understood > INPUTS / 20, "only {understood} were requests at all");
}

#[test]
fn hostile_signatures_are_refused() {
    let keys =
        crate::Keys::new([crate::AccessKey { id: "AKIDEXAMPLE".into(), secret: "s".into(), user: "ana".into() }]);
    let auth = crate::Auth::Keys(keys);
    let examples =
        [format!("/v1/submitjob?a=b&c=%20\n{AUTHORIZATION}"), format!("/v1/tags/arn%3Aaws\n{AUTHORIZATION}")];
    for input in Hostile::new(4, examples).take(INPUTS) {
        let (target, authorization) = lines(&input);
        let Ok(uri) = Uri::try_from(target) else { continue };
        let Some(mut parts) = parts("POST", uri, ("authorization", &authorization)) else { continue };
        // The rest of the line stands for what headers may hold.
        if let Ok(date) = http::HeaderValue::from_bytes(&authorization[authorization.len() / 2..]) {
            parts.headers.insert("x-amz-date", date);
        }
        let scope = route::scope(&parts);
        let target = route::target(&parts, scope.as_ref());
        assert!(auth.identify(&parts, &Bytes::from(input), &target).is_err());
    }
}
