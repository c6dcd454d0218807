"""The AWS CLI as scripts use it: pages of every paginated operation, skeletons of every operation, polling with --query."""

import json
import subprocess

import botocore.loaders
import botocore.model
import botocore.session
import pytest
from botocore import xform_name
from conformance.aws_cli import Cli
from conformance.definitions import plain
from waiting import wait_for

AWS_CLI_2 = "/usr/bin/aws"
COUNT = 5
LOADER = botocore.loaders.Loader()
MODEL = botocore.model.ServiceModel(LOADER.load_service_model("batch", "service-2"), "batch")
PAGINATED = sorted(LOADER.load_service_model("batch", "paginators-1")["pagination"])
# What the operation is asked for beside its pages, where it needs something.
ASKED = {
    "ListJobs": ["--job-queue", "paged-0", "--job-status", "SUCCEEDED"],
    "DescribeJobDefinitions": ["--job-definition-name", "paged"],
    "ListJobsByConsumableResource": ["--consumable-resource", "paged-0"],
    "ListServiceJobs": ["--job-queue", "paged-training", "--job-status", "RUNNABLE"],
    "ListQuotaShares": ["--job-queue", "paged-training"],
}
INSTANCES = [{"maxCapacity": 3, "capacityUnit": "NUM_INSTANCES"}]
COMPUTE = "type=EC2,minvCpus=0,maxvCpus=8,instanceTypes=optimal,subnets=s,securityGroupIds=g,instanceRole=r"


@pytest.fixture(scope="module")
def cli(shared):
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Cli(shared, monkeypatch)


@pytest.fixture(scope="module")
def things(batch, jobs):
    """Five of everything that is paged."""
    order = [{"order": 1, "computeEnvironment": "default"}]
    for number in range(COUNT):
        resources = {
            "type": "EC2", "minvCpus": 0, "maxvCpus": 8, "instanceTypes": ["optimal"], "subnets": ["s"],
            "securityGroupIds": ["g"], "instanceRole": "r",
        }  # fmt: skip
        batch.create_compute_environment(
            computeEnvironmentName=f"paged-{number}", type="MANAGED", computeResources=resources
        )
        batch.create_job_queue(jobQueueName=f"paged-{number}", priority=1, computeEnvironmentOrder=order)
        batch.register_job_definition(jobDefinitionName="paged", type="container", **plain())
        batch.create_consumable_resource(consumableResourceName=f"paged-{number}", totalQuantity=COUNT)
        batch.create_scheduling_policy(name=f"paged-{number}", fairsharePolicy={})
        batch.create_service_environment(
            serviceEnvironmentName=f"paged-{number}", serviceEnvironmentType="SAGEMAKER_TRAINING", capacityLimits=INSTANCES
        )
    training_things(batch)
    needs = {"consumableResourceList": [{"consumableResource": "paged-0", "quantity": 1}]}
    for job in [jobs.shell("true", jobQueue="paged-0", consumableResourcePropertiesOverride=needs) for _ in range(COUNT)]:
        jobs.succeed(job)


def training_things(batch):
    """A queue of service jobs, five of them, and five shares of it."""
    queue, kind = "paged-training", "SAGEMAKER_TRAINING"
    environments = lambda: batch.describe_service_environments(serviceEnvironments=["paged-0"])["serviceEnvironments"]  # noqa: E731
    wait_for("the environment", lambda: environments()[0]["status"] == "VALID")
    order = [{"order": 1, "serviceEnvironment": "paged-0"}]
    batch.create_job_queue(jobQueueName=queue, jobQueueType=kind, priority=1, serviceEnvironmentOrder=order)
    wait_for("the queue", lambda: batch.describe_job_queues(jobQueues=[queue])["jobQueues"][0]["status"] == "VALID")
    for number in range(COUNT):
        batch.submit_service_job(jobName="paged", jobQueue=queue, serviceRequestPayload="{}", serviceJobType=kind)
        batch.create_quota_share(
            quotaShareName=f"paged-{number}", jobQueue=queue, capacityLimits=INSTANCES,
            resourceSharingConfiguration={"strategy": "RESERVE"}, preemptionConfiguration={"inSharePreemption": "DISABLED"},
        )  # fmt: skip


def result_key(name):
    return botocore.session.get_session().create_client("batch", region_name="x").get_paginator(
        xform_name(name)
    )._result_keys[0].expression  # fmt: skip


def names(items):
    """What tells the items of a page apart."""
    return [json.dumps(item, sort_keys=True) for item in items]


@pytest.mark.parametrize("name", PAGINATED)
def test_pages_of_the_cli_add_up(cli, things, name):
    """PAGE-1, LST-4: --max-items and --starting-token, --page-size, and --no-paginate's first page."""
    command = ["batch", xform_name(name, "-"), *ASKED.get(name, [])]
    key = result_key(name)
    whole = cli(*command).json()[key]
    assert len(whole) >= COUNT
    assert names(cli(*command, "--page-size", 2).json()[key]) == names(whole)
    read, token = [], []
    while True:
        page = cli(*command, "--max-items", 2, *token).json()
        read += page[key]
        if "NextToken" not in page:
            break
        token = ["--starting-token", page["NextToken"]]
    assert names(read) == names(whole)
    first = cli(*command, "--no-paginate", "--max-results", 2).json()
    assert names(first[key]) == names(whole[:2]) and first["nextToken"]


@pytest.mark.parametrize("name", ["DescribeLogStreams", "DescribeLogGroups", "FilterLogEvents"])
def test_pages_of_logs_add_up(cli, things, name):
    """CWL-3, CWL-4."""
    group = [] if name == "DescribeLogGroups" else ["--log-group-name", "/aws/batch/job"]
    key = {"DescribeLogStreams": "logStreams", "DescribeLogGroups": "logGroups", "FilterLogEvents": "events"}[name]
    command = ["logs", xform_name(name, "-"), *group]
    whole = cli(*command).json()[key]
    assert names(cli(*command, "--page-size", 2).json()[key]) == names(whole)
    page = cli(*command, "--max-items", 2).json()
    rest = cli(*command, "--starting-token", page["NextToken"]).json()[key] if "NextToken" in page else []
    assert names(page[key] + rest) == names(whole)


def test_the_two_services_have_no_waiters():
    """When botocore gets some, they belong in these tests; until then scripts poll."""
    session = botocore.session.get_session()
    for service in ("batch", "logs"):
        assert session.create_client(service, region_name="x").waiter_names == []


def test_polling_with_a_query_ends(cli):
    """ST-1, CFN-2: as scripts wait for a job, and then for its queue to be gone."""
    order = "order=1,computeEnvironment=default"
    cli("batch", "create-job-queue", "--job-queue-name", "polled", "--priority", 1, "--compute-environment-order", order).json()
    submit = ["batch", "submit-job", "--job-name", "polled", "--job-queue", "polled", "--job-definition", "host"]
    job = cli(*submit, "--container-overrides", "command=true").json()["jobId"]
    status = ["batch", "describe-jobs", "--jobs", job, "--query", "jobs[0].status", "--output", "text"]
    wait_for("the job", lambda: cli(*status).out.strip() == "SUCCEEDED")
    cli("batch", "update-job-queue", "--job-queue", "polled", "--state", "DISABLED").json()
    query = ["batch", "describe-job-queues", "--job-queues", "polled", "--output", "text", "--query"]
    wait_for("DISABLED", lambda: cli(*query, "jobQueues[0].[state,status]").out.split() == ["DISABLED", "VALID"])
    cli("batch", "delete-job-queue", "--job-queue", "polled").json()
    wait_for("the queue to be gone", lambda: cli(*query, "length(jobQueues)").out.strip() == "0")


def filled(value):
    """A skeleton without empty strings."""
    if isinstance(value, dict):
        return {name: filled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each) for each in value]
    return value if value != "" else "x"


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_skeleton_of_every_operation_makes_the_round_trip(cli, name, tmp_path):
    """ERR-1, WIRE-8: taken, or refused as a client error; never one of the server's."""
    command = ["batch", xform_name(name, "-")]
    skeleton = cli(*command, "--generate-cli-skeleton").json()
    if "resourceArn" in skeleton:
        skeleton["resourceArn"] = "arn:aws:batch:us-east-1:000000000000:job-queue/default"
    required = MODEL.operation_model(name).input_shape.required_members
    for each in (filled(skeleton), {member: filled(skeleton)[member] for member in required}):
        file = tmp_path / "request.json"
        file.write_text(json.dumps(each))
        done = cli(*command, "--cli-input-json", f"file://{file}")
        refused = "An error occurred (ClientException)" in done.err
        not_sent = "Parameter validation failed" in done.err
        assert done.code == 0 or refused or not_sent, (done.code, done.err)
        if done.code == 0 and done.out.strip():
            json.loads(done.out)


def test_version_2_pages_and_round_trips_too(shared, things):
    """PAGE-1, LST-4: Debian's AWS CLI 2, as a program."""

    def run(*words):
        command = [AWS_CLI_2, "--endpoint-url", shared.endpoint, "--output", "json", "batch", *map(str, words)]
        environment = shared.environment(AWS_PAGER="")
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    listing = ["list-jobs", "--job-queue", "paged-0", "--job-status", "SUCCEEDED"]
    whole = run(*listing, "--page-size", 2)["jobSummaryList"]
    assert len(whole) == COUNT
    first = run(*listing, "--max-items", 2)
    second = run(*listing, "--starting-token", first["NextToken"])
    assert names(first["jobSummaryList"] + second["jobSummaryList"]) == names(whole)
    skeleton = run("submit-job", "--generate-cli-skeleton")
    assert {"jobName", "jobQueue", "jobDefinition"} <= set(skeleton)
