"""Service environments and service jobs (spec section 22): kept, shown, changed and ended; never run."""

import itertools
from functools import partial

import pytest
from waiting import wait_for

TYPE = "SAGEMAKER_TRAINING"
CAPACITY = [{"maxCapacity": 4, "capacityUnit": "NUM_INSTANCES"}]
numbers = itertools.count()


@pytest.fixture
def name():
    return f"service-{next(numbers)}"


def environment(batch, name):
    found = batch.describe_service_environments(serviceEnvironments=[name])["serviceEnvironments"]
    return found[0] if found else None


def queue_of(batch, name):
    found = batch.describe_job_queues(jobQueues=[name])["jobQueues"]
    return found[0] if found else None


def settled(describe, batch, name):
    """The resource once it is in no transition, `gone` when it is no more (CFN-2)."""
    lasting = lambda found: "gone" if found is None else found["status"] in ("VALID", "INVALID") and found
    return wait_for(f"{name} to settle", lambda: lasting(describe(batch, name)))


def refused(batch, text, call, **request):
    with pytest.raises(batch.exceptions.ClientException) as error:
        call(**request)
    assert text in error.value.response["Error"]["Message"]


def create_environment(batch, name, **more):
    request = {"serviceEnvironmentType": TYPE, "capacityLimits": CAPACITY, **more}
    return batch.create_service_environment(serviceEnvironmentName=name, **request)


@pytest.fixture
def queue(batch, name):
    """A queue for service jobs, on an environment of the same name."""
    create_environment(batch, name)
    order = [{"order": 1, "serviceEnvironment": name}]
    batch.create_job_queue(jobQueueName=name, priority=1, jobQueueType=TYPE, serviceEnvironmentOrder=order)
    return name


def submit(batch, queue, **more):
    request = {"jobName": "train", "serviceJobType": TYPE, "serviceRequestPayload": "{}", **more}
    return batch.submit_service_job(jobQueue=queue, **request)["jobId"]


def test_service_environment_and_queue_from_creation_to_deletion(batch, queue):
    """SVC-1, SVC-2, CFN-2: what Terraform and CloudFormation do, poll by poll."""
    assert settled(environment, batch, queue)["capacityLimits"] == CAPACITY
    found = settled(queue_of, batch, queue)
    (entry,) = found["serviceEnvironmentOrder"]
    assert entry["serviceEnvironment"].endswith(f":service-environment/{queue}")
    assert (found["jobQueueType"], found["computeEnvironmentOrder"]) == (TYPE, [])
    limits = [{"maxCapacity": 1, "capacityUnit": "ml.m5.large"}]
    batch.update_service_environment(serviceEnvironment=queue, capacityLimits=limits, state="DISABLED")
    assert settled(environment, batch, queue)["capacityLimits"] == limits
    text = "Cannot delete, found existing JobQueue relationship"
    refused(batch, text, batch.delete_service_environment, serviceEnvironment=queue)
    batch.update_job_queue(jobQueue=queue, state="DISABLED")
    settled(queue_of, batch, queue)
    batch.delete_job_queue(jobQueue=queue)
    assert settled(queue_of, batch, queue) == "gone"
    batch.delete_service_environment(serviceEnvironment=queue)
    assert settled(environment, batch, queue) == "gone"


def test_refused_requests_have_aws_texts(batch):
    """SVC-1, SVC-2, JQ-5 (spec section 26.3)."""
    def create(text, **more):
        request = {"serviceEnvironmentName": "x", "serviceEnvironmentType": TYPE, "capacityLimits": CAPACITY, **more}
        refused(batch, text, batch.create_service_environment, **request)

    create("Service environment name should match a valid pattern.", serviceEnvironmentName="a b")
    create("Max capacity must be more than 0.", capacityLimits=[{"maxCapacity": 0, "capacityUnit": "NUM_INSTANCES"}])
    mixed = [*CAPACITY, {"maxCapacity": 1, "capacityUnit": "ml.m5.large"}]
    create("Capacity units must specify either number of instances OR instance type", capacityLimits=mixed)
    text = "Job queues of type SAGEMAKER_TRAINING must have serviceEnvironmentOrder."
    refused(batch, text, batch.create_job_queue, jobQueueName="x", priority=1, jobQueueType=TYPE)
    order = [{"order": 1, "serviceEnvironment": "none"}]
    text = "Service environments must be created and valid before attaching them to a job queue."
    refused(batch, text, batch.create_job_queue, jobQueueName="x", priority=1, serviceEnvironmentOrder=order)


def test_service_job_waits_says_why_and_ends_when_terminated(batch, queue):
    """SVC-3, TER-1."""
    job = submit(batch, queue, schedulingPriority=3, tags={"team": "a"})
    found = batch.describe_service_job(jobId=job)
    assert (found["status"], found["attempts"], found["tags"]) == ("RUNNABLE", [], {"team": "a"})
    assert "This server has no SageMaker" in found["statusReason"]
    batch.update_service_job(jobId=job, schedulingPriority=8)
    assert batch.describe_service_job(jobId=job)["schedulingPriority"] == 8
    batch.terminate_service_job(jobId=job, reason="not here")
    found = batch.describe_service_job(jobId=job)
    assert (found["status"], found["statusReason"], found["isTerminated"]) == ("FAILED", "not here", True)
    refused(batch, "has ended", batch.update_service_job, jobId=job, schedulingPriority=1)


def test_client_token_is_good_for_one_job(batch, queue):
    """IDEM-2."""
    submit(batch, queue, clientToken=f"{queue}-token")
    with pytest.raises(batch.exceptions.ClientException):
        submit(batch, queue, clientToken=f"{queue}-token")
    assert len(batch.list_service_jobs(jobQueue=queue, jobStatus="RUNNABLE")["jobSummaryList"]) == 1


def test_service_jobs_are_listed_in_pages_and_by_filters(batch, queue):
    """SVC-5, LST-2, LST-3, PAGE-1."""
    jobs = [submit(batch, queue, jobName=f"train-{number}") for number in range(5)]
    pages = batch.get_paginator("list_service_jobs").paginate(
        jobQueue=queue, jobStatus="RUNNABLE", PaginationConfig={"PageSize": 2}
    )
    assert [job["jobId"] for page in pages for job in page["jobSummaryList"]] == jobs[::-1]
    by_name = [{"name": "JOB_NAME", "values": ["train-3"]}]
    (found,) = batch.list_service_jobs(jobQueue=queue, filters=by_name)["jobSummaryList"]
    assert found["jobId"] == jobs[3]
    assert batch.list_service_jobs(jobQueue=queue)["jobSummaryList"] == []


def test_service_jobs_are_terminated_together(batch, queue):
    """BULK-1."""
    jobs = [submit(batch, queue) for _ in range(3)]
    answer = batch.terminate_service_jobs(jobs=[*jobs, "nonsense"], reason="all of you")
    assert (answer["successful"], [error["job"] for error in answer["errors"]]) == (jobs, ["nonsense"])
    assert {batch.describe_service_job(jobId=job)["statusReason"] for job in jobs} == {"all of you"}


def test_ordinary_and_service_jobs_do_not_go_to_each_others_queues(batch, queue):
    """SUB-3, SVC-2."""
    text = "takes service jobs only"
    refused(batch, text, batch.submit_job, jobName="j", jobQueue=queue, jobDefinition="host")
    with pytest.raises(batch.exceptions.ClientException):
        submit(batch, "default")


def test_everything_of_service_jobs_is_there_after_the_server_was_killed(server):
    """Invariants 1 and 8."""
    running = server()
    batch = running.client("batch")
    create_environment(batch, "se", tags={"a": "1"})
    order = [{"order": 1, "serviceEnvironment": "se"}]
    batch.create_job_queue(jobQueueName="q", priority=1, serviceEnvironmentOrder=order)
    job = submit(batch, "q", clientToken="once")
    before = batch.describe_service_job(jobId=job)
    running.kill()
    running.start()
    batch = running.client("batch")
    after = batch.describe_service_job(jobId=job)
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert after == before
    assert settled(environment, batch, "se")["tags"] == {"a": "1"}
    with pytest.raises(batch.exceptions.ClientException):
        submit(batch, "q", clientToken="once")


def test_service_environments_and_jobs_are_tagged(batch, queue):
    """TAG-1, TAG-2."""
    job = batch.describe_service_job(jobId=submit(batch, queue))["jobArn"]
    for arn in (environment(batch, queue)["serviceEnvironmentArn"], job):
        batch.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        batch.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert batch.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
