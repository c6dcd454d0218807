"""What SubmitJob refuses, in AWS's words, and that nothing comes of it (spec sections 3.1 and 26.1)."""

import pytest

UNKNOWN = "00000000-0000-4000-8000-000000000000"
NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
TAGS = "Tags can only contain letters, numbers, spaces, and the following special characters: _ . : / = + - @"
SHARE = (
    "Job with shareIdentifier or schedulingPriority can onlybe submitted to job queue with fair share scheduling policy."
)


def override(**members):
    return {"containerOverrides": members}


REFUSALS = [
    # SUB-3, SUB-4
    ({"jobQueue": "nowhere"}, "JobQueue nowhere not found."),
    ({"jobDefinition": "nothing"}, "JobDefinition name nothing does not exist or is not in ACTIVE status"),
    ({"jobDefinition": "host:99"}, "JobDefinition name host:99 does not exist or is not in ACTIVE status"),
    # Names: spec section 2
    ({"jobName": "-x"}, "Job name should match valid pattern"),
    ({"jobName": "a b"}, "Job name should match valid pattern"),
    ({"jobName": "x" * 129}, "Job name should match valid pattern"),
    # SUB-5
    ({"jobDefinition": "on-fargate"}, "can not run Jobs with capability FARGATE."),
    # SUB-6
    ({"shareIdentifier": "a"}, SHARE),
    ({"schedulingPriorityOverride": 1}, SHARE),
    # SUB-8
    ({"arrayProperties": {"size": 1}}, "Array size must be between 2 and"),
    ({"arrayProperties": {"size": 1_000_001}}, "Array size must be between 2 and"),
    # SUB-9, RTY-8
    ({"retryStrategy": {"attempts": 0}}, "RetryAttempts must be between 1 and 10."),
    ({"retryStrategy": {"attempts": 11}}, "RetryAttempts must be between 1 and 10."),
    ({"retryStrategy": {}}, "RetryAttempts must be provided with retry strategy."),
    (
        {"retryStrategy": {"attempts": 2, "evaluateOnExit": [{"action": "EXIT"}]}},
        "EvaluateOnExit should contain at least one of onExitCode, onReason or onStatusReason",
    ),
    (
        {"retryStrategy": {"attempts": 2, "evaluateOnExit": [{"onReason": "x_y", "action": "EXIT"}]}},
        "Evaluate on exit condition contains restricted characters.",
    ),
    (
        {"timeout": {"attemptDurationSeconds": 59}},
        "AttemptDurationSeconds in Timeout must be at least 60 seconds.",
    ),
    # SUB-10
    (override(command=["echo", "Ref::x"]), "Unable to substitute value. No parameter found for reference x"),
    # SUB-13
    (override(environment=[{"value": "x"}]), "Environment variable name is required."),
    (override(environment=[{"name": "AWS_BATCH_JOB_ID", "value": "x"}]), "AWS_BATCH"),
    # SUB-14
    ({"tags": {"a": "b&c"}}, TAGS),
    # CPU-2
    (override(resourceRequirements=[{"type": "VCPU", "value": "0"}]), "vCPU must be at least 1, got 0."),
    # DEP-4, DEP-7
    ({"dependsOn": [{"jobId": UNKNOWN}]}, UNKNOWN),
    ({"dependsOn": [{"type": "SEQUENTIAL"}]}, "SEQUENTIAL"),
    # SUB-11
    ({"nodeOverrides": {"numNodes": 2}}, "Node overrides should only be set for multinode jobs."),
]


@pytest.fixture(scope="module", autouse=True)
def fargate_definition(batch):
    batch.register_job_definition(
        jobDefinitionName="on-fargate",
        type="container",
        platformCapabilities=["FARGATE"],
        containerProperties={
            "image": "busybox",
            "executionRoleArn": "arn:aws:iam::000000000000:role/x",
            "resourceRequirements": [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}],
        },
    )


@pytest.mark.parametrize("change, text", REFUSALS)
def test_bad_submission_is_refused_and_leaves_no_job(batch, change, text):
    """Section 26.1: ClientException, 400, and the queue as before."""
    request = {"jobName": "refused", "jobQueue": "default", "jobDefinition": "host", **change}
    with pytest.raises(batch.exceptions.ClientException) as error:
        batch.submit_job(**request)
    response = error.value.response
    assert text in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    every = [{"name": "AFTER_CREATED_AT", "values": ["0"]}]
    assert batch.list_jobs(jobQueue="default", filters=every)["jobSummaryList"] == []


def test_refusal_is_wrapped_as_aws_does(batch):
    """ERR-2: clients match on substrings of this form."""
    with pytest.raises(batch.exceptions.ClientException) as error:
        batch.submit_job(jobName="x", jobQueue="nowhere", jobDefinition="host")
    response = error.value.response
    message, _, request_id = response["Error"]["Message"].rpartition(", RequestId: ")
    assert message == "Error executing request, Exception : JobQueue nowhere not found."
    assert request_id == response["ResponseMetadata"]["RequestId"]


def test_aws_limits_refuse_what_longshore_allows(server):
    """SUB-2, SUB-7, SUB-8, SUB-15 with `--aws-limits`."""
    from jobs import Jobs

    jobs = Jobs(server("--aws-limits"))
    first = jobs.shell("true")
    for change, text in [
        ({"dependsOn": [{"jobId": first}] * 21}, "Job cannot have more than 20 dependencies"),
        ({"arrayProperties": {"size": 10_001}}, "Array size must be between 2 and 10000, got 10001."),
        (override(command=["x" * 8200]), "Container Overrides length must be at most 8192"),
    ]:
        with pytest.raises(jobs.batch.exceptions.ClientException, match=text.replace("(", "[(]")):
            jobs.submit(**change)
    jobs.succeed(first)


def test_what_is_optional_may_be_empty(jobs):
    """Clients send empty members where they have nothing to say."""
    job = jobs.shell("true", arrayProperties={}, dependsOn=[], parameters={}, tags={})
    assert "arrayProperties" not in jobs.succeed(job)
