"""What a job asks ECS's agent for on AWS: what it is, and the credentials of its role."""

import json
import sys

import boto3
import pytest
from images import image, save
from jobs import Jobs

ROLE = "arn:aws:iam::000000000000:role/worker"
NEEDS = [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "64"}]
# What SDKs do by themselves, in a job that has no credentials of its own.
AS_ROLE = """
import boto3, os
assert "AWS_ACCESS_KEY_ID" not in os.environ
credentials = boto3.Session().get_credentials()
assert credentials.method == "container-role", credentials.method
boto3.client("s3").create_bucket(Bucket="of-the-role")
print(boto3.client("batch").describe_job_queues()["jobQueues"][0]["jobQueueName"])
print(credentials.access_key[:4])
"""


def define(batch, **container):
    properties = {"image": "host", "resourceRequirements": NEEDS, **container}
    made = batch.register_job_definition(jobDefinitionName="asking", type="container", containerProperties=properties)
    return made["jobDefinitionArn"]


@pytest.fixture
def signed(server, monkeypatch):
    """A server that verifies signatures, and its jobs as its owner sees them."""
    monkeypatch.setenv("LONGSHORE_ACCESS_KEY_ID", "AKIAOURS")
    monkeypatch.setenv("LONGSHORE_SECRET_ACCESS_KEY", "only-ours")
    one = server()

    def client(service):
        keys = {"aws_access_key_id": "AKIAOURS", "aws_secret_access_key": "only-ours"}
        return boto3.client(service, endpoint_url=one.endpoint, region_name="us-east-1", **keys)

    one.client = client
    return one


def test_metadata_says_what_the_container_is(server, longshore, tmp_path):
    """ENV-2: in a container, with what busybox has."""
    one = server()
    save(tmp_path / "tool.tar", "tool:1", {"Env": ["PATH=/bin"]})
    image(longshore, one, "load", tmp_path / "tool.tar")
    jobs = Jobs(one)
    # The server may hear a little later than the container itself that it runs.
    until = """until wget -qO- $ECS_CONTAINER_METADATA_URI_V4 | grep -q '"KnownStatus":"RUNNING"'; do sleep 0.1; done"""
    script = f"{until}; wget -qO- $ECS_CONTAINER_METADATA_URI_V4; echo; wget -qO- $ECS_CONTAINER_METADATA_URI_V4/task"
    definition = define(jobs.batch, image="tool:1")
    detail = jobs.succeed(jobs.submit("sh", "-c", script, jobDefinition=definition))
    container, task = map(json.loads, jobs.output(detail))
    assert (container["Name"], container["Image"], container["Limits"]) == (
        "default",
        "tool:1",
        {"CPU": 2048, "Memory": 64},
    )
    assert container["LogOptions"]["awslogs-stream"] == detail["container"]["logStreamName"]
    assert (task["TaskARN"], task["Family"]) == (detail["container"]["taskArn"], "asking")
    assert task["Containers"] == [container]


def test_role_gives_a_job_credentials_of_its_own(signed):
    """CRD-1, CRD-2: boto3 finds them as on AWS; they hold for Batch and S3, and are gone with the attempt."""
    jobs = Jobs(signed)
    definition = define(jobs.batch, jobRoleArn=ROLE)
    script = f"{AS_ROLE}\nprint(os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'])"
    detail = jobs.succeed(jobs.submit(sys.executable, "-c", script, jobDefinition=definition))
    queue, kind, place = jobs.output(detail)
    assert (queue, kind) == ("default", "ASIA")
    missing = jobs.shell(f"{sys.executable} -c 'import urllib.request as r; r.urlopen(\"{place}\")'")
    assert "404" in jobs.output(jobs.fail(missing))[-1]


def test_job_without_a_role_has_the_operators_credentials(jobs, batch):
    detail = jobs.succeed(jobs.shell("echo ${AWS_CONTAINER_CREDENTIALS_FULL_URI:-none} $AWS_ACCESS_KEY_ID"))
    assert jobs.output(detail) == ["none longshore"]
