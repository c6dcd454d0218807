"""TagResource, UntagResource and ListTagsForResource (spec section 23)."""

import concurrent.futures
import itertools

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:batch:us-east-1:000000000000"
TOO_BIG = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}
CHILD = "ARNs for child jobs of array and MNP jobs aren't supported"
COMPUTE = {
    "type": "EC2",
    "minvCpus": 0,
    "maxvCpus": 8,
    "instanceTypes": ["optimal"],
    "subnets": ["subnet-1"],
    "securityGroupIds": ["sg-1"],
    "instanceRole": "role",
    "tags": {"instance": "only"},
}
numbers = itertools.count()


@pytest.fixture
def name():
    return f"tagged-{next(numbers)}"


def make_environment(batch, jobs, name):
    made = batch.create_compute_environment(
        computeEnvironmentName=name, type="MANAGED", computeResources=COMPUTE, tags={"first": "1"}
    )
    return made["computeEnvironmentArn"]


def make_queue(batch, jobs, name):
    order = [{"order": 1, "computeEnvironment": "default"}]
    made = batch.create_job_queue(
        jobQueueName=name, priority=1, computeEnvironmentOrder=order, tags={"first": "1"}
    )
    return made["jobQueueArn"]


def make_definition(batch, jobs, name):
    needs = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
    container = {"image": "host", "command": ["true"], "resourceRequirements": needs}
    made = batch.register_job_definition(
        jobDefinitionName=name, type="container", containerProperties=container, tags={"first": "1"}
    )
    return made["jobDefinitionArn"]


def make_waiting_job(batch, jobs, name):
    return f"{ARN}:job/{jobs.shell('true', containerOverrides=dict(TOO_BIG), tags={'first': '1'})}"


def make_ended_job(batch, jobs, name):
    job = jobs.shell("true", tags={"first": "1"})
    jobs.succeed(job)
    return f"{ARN}:job/{job}"


def make_ended_array(batch, jobs, name):
    array = jobs.array(2, "true", tags={"first": "1"})
    jobs.succeed(array)
    return f"{ARN}:job/{array}"


MAKERS = [make_environment, make_queue, make_definition, make_waiting_job, make_ended_job, make_ended_array]


@pytest.fixture(params=MAKERS, ids=lambda make: make.__name__)
def resource(request, batch, jobs, name):
    """The ARN of each kind of resource, made with the tag first=1."""
    arn = request.param(batch, jobs, name)
    yield arn
    if request.param is make_waiting_job:
        batch.cancel_job(jobId=arn.rpartition("/")[2], reason="seen")


def tags(batch, arn):
    return batch.list_tags_for_resource(resourceArn=arn)["tags"]


def refused(text, call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == "ClientException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert text in error.value.response["Error"]["Message"]


def refused_by_all(batch, text, arn):
    refused(text, batch.list_tags_for_resource, resourceArn=arn)
    refused(text, batch.tag_resource, resourceArn=arn, tags={"a": "1"})
    refused(text, batch.untag_resource, resourceArn=arn, tagKeys=["a"])


def test_tags_are_merged_removed_and_listed(batch, resource):
    """TAG-2, TAG-3, TAG-4: from those at creation on; the instances' own tags are not among them."""
    assert tags(batch, resource) == {"first": "1"}
    batch.tag_resource(resourceArn=resource, tags={"first": "2", "a/b c": "d=e", "empty": ""})
    assert tags(batch, resource) == {"first": "2", "a/b c": "d=e", "empty": ""}
    batch.untag_resource(resourceArn=resource, tagKeys=["first", "a/b c", "never"])
    assert tags(batch, resource) == {"empty": ""}
    batch.untag_resource(resourceArn=resource, tagKeys=["empty"])
    assert tags(batch, resource) == {}


def test_described_resources_show_their_tags(batch, jobs, name):
    """TAG-2: Describe reads the same tags."""
    environment, queue = make_environment(batch, jobs, name), make_queue(batch, jobs, name)
    definition, job = make_definition(batch, jobs, name), make_ended_job(batch, jobs, name)
    for arn in (environment, queue, definition, job):
        batch.tag_resource(resourceArn=arn, tags={"second": "2"})
    (found,) = batch.describe_compute_environments(computeEnvironments=[environment])["computeEnvironments"]
    assert found["computeResources"]["tags"] == {"instance": "only"}
    (found_queue,) = batch.describe_job_queues(jobQueues=[queue])["jobQueues"]
    (found_definition,) = batch.describe_job_definitions(jobDefinitions=[definition])["jobDefinitions"]
    described = [found, found_queue, found_definition, jobs.describe(job.rpartition("/")[2])]
    assert [each["tags"] for each in described] == [{"first": "1", "second": "2"}] * 4


def test_each_revision_has_its_own_tags(batch, jobs, name):
    """TAG-1: also one that is INACTIVE."""
    first, second = make_definition(batch, jobs, name), make_definition(batch, jobs, name)
    batch.deregister_job_definition(jobDefinition=first)
    batch.tag_resource(resourceArn=first, tags={"only": "first"})
    assert tags(batch, first) == {"first": "1", "only": "first"}
    assert tags(batch, second) == {"first": "1"}


def test_children_have_no_tags(batch, jobs):
    """ARR-8: their ARNs are refused and they show none, whatever the array has."""
    array = jobs.array(2, "true", tags={"a": "1"})
    jobs.succeed(array)
    for child in (f"{array}:0", f"{array}#0"):
        refused_by_all(batch, CHILD, f"{ARN}:job/{child}")
    assert jobs.describe(f"{array}:0")["tags"] == {}
    assert tags(batch, f"{ARN}:job/{array}") == {"a": "1"}


@pytest.mark.parametrize(
    "unknown",
    [
        "compute-environment/ghost",
        "job-queue/ghost",
        "job-definition/host:99",
        "job/00000000-0000-4000-8000-000000000000",
    ],
)
def test_unknown_resource_is_refused(batch, unknown):
    """TAG-2."""
    refused_by_all(batch, "not found.", f"{ARN}:{unknown}")


@pytest.mark.parametrize("wrong", ["default", f"{ARN}:rocket/r", f"{ARN}:job-definition/host", f"{ARN}:job/x"])
def test_what_is_no_arn_of_something_with_tags_is_refused(batch, wrong):
    """TAG-1."""
    refused_by_all(batch, "is not the ARN of", wrong)


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        ({}, "At least one tag"),
        ({"k" * 129: ""}, "between 1 and 128"),
        ({"k": "v" * 257}, "cannot exceed 256"),
        ({"aws:k": "v"}, "reserved"),
        ({"k": "{}"}, "Tags can only contain letters, numbers, spaces, and the following special characters"),
        ({f"k{index}": "" for index in range(51)}, "at most 50 tags"),
    ],
    ids=["none", "key", "value", "reserved", "charset", "count"],
)
def test_bad_tags_are_refused_and_change_nothing(batch, resource, bad, text):
    """TAG-1, SUB-14: on whatever resource."""
    refused(text, batch.tag_resource, resourceArn=resource, tags=bad)
    assert tags(batch, resource) == {"first": "1"}


def test_resource_takes_50_tags_and_not_one_more(batch, resource):
    """TAG-1: counted together with those there; a new value for an old key is no new tag."""
    batch.tag_resource(resourceArn=resource, tags={f"k{index}": "" for index in range(49)})
    refused("at most 50 tags", batch.tag_resource, resourceArn=resource, tags={"k49": ""})
    batch.tag_resource(resourceArn=resource, tags={"k0": "new"})
    found = tags(batch, resource)
    assert (len(found), found["k0"]) == (50, "new")


def test_tags_given_at_the_same_time_are_all_there(batch, jobs):
    """TAG-2: on a job that runs, ends and has ended while they come, none is lost."""
    job = jobs.shell("true")
    arn = f"{ARN}:job/{job}"

    def tag(index):
        batch.tag_resource(resourceArn=arn, tags={f"k{index}": str(index)})

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(tag, range(40)))
    assert tags(batch, arn) == {f"k{index}": str(index) for index in range(40)}
    jobs.succeed(job)
    assert len(tags(batch, arn)) == 40


def test_tags_of_an_ended_job_outlive_a_server_that_is_killed(server):
    """TAG-2: an answered change is durable, and the job stays ended."""
    from jobs import Jobs

    running = server()
    jobs = Jobs(running)
    job = jobs.shell("true")
    jobs.succeed(job)
    arn = f"{ARN}:job/{job}"
    jobs.batch.tag_resource(resourceArn=arn, tags={"a": "1"})
    before = jobs.describe(job)
    running.kill()
    running.start()
    assert jobs.describe(job) == before
    assert tags(jobs.batch, arn) == {"a": "1"}


def test_aws_cli_tags(aws, jobs):
    """TAG-2: as scripts do it."""
    arn = f"{ARN}:job/{jobs.shell('true')}"
    aws("batch", "tag-resource", "--resource-arn", arn, "--tags", "a=1,b=2")
    aws("batch", "untag-resource", "--resource-arn", arn, "--tag-keys", "a")
    assert aws("batch", "list-tags-for-resource", "--resource-arn", arn) == {"tags": {"b": "2"}}
