"""Quota shares of queues for service jobs (SVC-4)."""

import itertools

import pytest
from waiting import wait_for

CAPACITY = [{"maxCapacity": 2, "capacityUnit": "NUM_INSTANCES"}]
SHARE = {
    "capacityLimits": CAPACITY,
    "resourceSharingConfiguration": {"strategy": "LEND_AND_BORROW"},
    "preemptionConfiguration": {"inSharePreemption": "ENABLED"},
}
numbers = itertools.count()


@pytest.fixture
def queue(batch):
    name = f"quota-{next(numbers)}"
    batch.create_service_environment(
        serviceEnvironmentName=name, serviceEnvironmentType="SAGEMAKER_TRAINING", capacityLimits=CAPACITY
    )
    order = [{"order": 1, "serviceEnvironment": name}]
    batch.create_job_queue(jobQueueName=name, priority=1, serviceEnvironmentOrder=order)
    return name


def refused(batch, text, call, **request):
    with pytest.raises(batch.exceptions.ClientException) as error:
        call(**request)
    assert text in error.value.response["Error"]["Message"]


def settled(batch, arn):
    lasting = lambda: (found := batch.describe_quota_share(quotaShareArn=arn))["status"] == "VALID" and found
    return wait_for("the share to settle", lasting)


def names(batch, queue):
    pages = batch.get_paginator("list_quota_shares").paginate(jobQueue=queue, PaginationConfig={"PageSize": 2})
    return [share["quotaShareName"] for page in pages for share in page["quotaShares"]]


def submit(batch, queue, share):
    return batch.submit_service_job(
        jobName="train",
        jobQueue=queue,
        serviceJobType="SAGEMAKER_TRAINING",
        serviceRequestPayload="{}",
        quotaShareName=share,
        preemptionConfiguration={"preemptionRetriesBeforeTermination": 1},
    )["jobId"]


def test_share_from_creation_to_deletion(batch, queue):
    """SVC-4, CFN-2: as CloudFormation goes about it."""
    arn = batch.create_quota_share(quotaShareName="a", jobQueue=queue, tags={"team": "a"}, **SHARE)["quotaShareArn"]
    assert arn.endswith(f":job-queue/{queue}/quota-share/a")
    found = settled(batch, arn)
    assert found["resourceSharingConfiguration"] == {"strategy": "LEND_AND_BORROW", "borrowLimit": -1}
    assert (found["state"], found["capacityLimits"], found["tags"]) == ("ENABLED", CAPACITY, {"team": "a"})
    limits = [{"maxCapacity": 1, "capacityUnit": "ml.m5.large"}]
    batch.update_quota_share(quotaShareArn=arn, capacityLimits=limits)
    assert settled(batch, arn)["capacityLimits"] == limits
    refused(batch, "state must be DISABLED", batch.delete_quota_share, quotaShareArn=arn)
    batch.update_quota_share(quotaShareArn=arn, state="DISABLED")
    settled(batch, arn)
    batch.delete_quota_share(quotaShareArn=arn)
    wait_for("the share to be gone", lambda: names(batch, queue) == [])
    refused(batch, "not found", batch.describe_quota_share, quotaShareArn=arn)


def test_shares_are_listed_in_pages(batch, queue):
    """PAGE-1."""
    for name in "cab":
        batch.create_quota_share(quotaShareName=name, jobQueue=queue, **SHARE)
    assert names(batch, queue) == ["a", "b", "c"]


def test_queues_of_jobs_have_no_shares(batch):
    text = "Quota Management feature is only supported for SageMaker Training job queues."
    refused(batch, text, batch.create_quota_share, quotaShareName="a", jobQueue="default", **SHARE)


def test_share_and_queue_are_held_by_what_is_in_them(batch, queue):
    """SVC-4: a share by its jobs, a queue by its shares."""
    arn = batch.create_quota_share(quotaShareName="a", jobQueue=queue, **SHARE)["quotaShareArn"]
    job = submit(batch, queue, "a")
    by_share = [{"name": "QUOTA_SHARE_NAME", "values": ["a"]}]
    (found,) = batch.list_service_jobs(jobQueue=queue, filters=by_share)["jobSummaryList"]
    assert (found["jobId"], found["quotaShareName"]) == (job, "a")
    batch.update_quota_share(quotaShareArn=arn, state="DISABLED")
    settled(batch, arn)
    refused(batch, "existing ServiceJob relationship", batch.delete_quota_share, quotaShareArn=arn)
    batch.update_job_queue(jobQueue=queue, state="DISABLED")
    refused(batch, "existing QuotaShare relationship", batch.delete_job_queue, jobQueue=queue)
    with pytest.raises(batch.exceptions.ClientException):
        submit(batch, queue, "a")
    batch.terminate_service_job(jobId=job, reason="done")
    batch.delete_quota_share(quotaShareArn=arn)
    wait_for("the share to be gone", lambda: names(batch, queue) == [])


def test_shares_are_tagged_by_their_arn(batch, queue):
    """TAG-1, ID-2: the ARN has slashes of its own."""
    arn = batch.create_quota_share(quotaShareName="a", jobQueue=queue, **SHARE)["quotaShareArn"]
    batch.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    batch.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert batch.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
