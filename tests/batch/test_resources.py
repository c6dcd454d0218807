"""Compute environments, job queues and job definitions from creation to deletion (spec sections 17 to 19)."""

import itertools

import pytest
from waiting import wait_for

ARN = "arn:aws:batch:us-east-1:000000000000"
numbers = itertools.count()
COMPUTE = {
    "type": "EC2",
    "minvCpus": 0,
    "maxvCpus": 8,
    "instanceTypes": ["optimal"],
    "subnets": ["subnet-1"],
    "securityGroupIds": ["sg-1"],
    "instanceRole": "role",
}
NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
CONTAINER = {"image": "host", "command": ["true"], "resourceRequirements": NEEDS}


@pytest.fixture
def name():
    return f"thing-{next(numbers)}"


def create_environment(batch, name, **more):
    return batch.create_compute_environment(
        computeEnvironmentName=name, type="MANAGED", computeResources=COMPUTE, **more
    )


def create_queue(batch, name, environment="default", **more):
    order = [{"order": 1, "computeEnvironment": environment}]
    return batch.create_job_queue(jobQueueName=name, priority=1, computeEnvironmentOrder=order, **more)


def environment(batch, name):
    found = batch.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"]
    return found[0] if found else None


def queue(batch, name):
    found = batch.describe_job_queues(jobQueues=[name])["jobQueues"]
    return found[0] if found else None


def settled(describe, batch, name):
    """The resource, once it is in no transition (CFN-2)."""
    transitional = ("CREATING", "UPDATING", "DELETING")
    return wait_for(f"{name} to settle", lambda: (found := describe(batch, name))["status"] not in transitional and found)


def gone(describe, batch, name):
    wait_for(f"{name} to be gone", lambda: describe(batch, name) is None)


def refused(batch, text, call, **request):
    with pytest.raises(batch.exceptions.ClientException) as error:
        call(**request)
    assert text in error.value.response["Error"]["Message"]


def test_fresh_server_has_what_the_first_submit_needs(server):
    """Environment and queue `default`, definition `host`; all valid."""
    batch = server().client("batch")
    assert environment(batch, "default")["status"] == "VALID"
    found = queue(batch, "default")
    assert (found["status"], found["state"], found["statusReason"]) == ("VALID", "ENABLED", "JobQueue Healthy")
    (definition,) = batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    assert (definition["jobDefinitionName"], definition["revision"]) == ("host", 1)


def test_what_was_deleted_stays_deleted_after_a_restart(server):
    """A restart does not bring back the defaults that somebody removed."""
    running = server()
    batch = running.client("batch")
    batch.deregister_job_definition(jobDefinition="host:1")
    batch.update_job_queue(jobQueue="default", state="DISABLED")
    settled(queue, batch, "default")
    batch.delete_job_queue(jobQueue="default")
    gone(queue, batch, "default")
    running.stop()
    running.start()
    assert queue(batch, "default") is None
    assert batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"] == []


def test_environment_is_created_described_updated_deleted(batch, name):
    """CE-9, CE-10, CE-16, CE-20."""
    created = create_environment(batch, name, tags={"a": "b"})
    assert (created["computeEnvironmentName"], created["computeEnvironmentArn"]) == (
        name,
        f"{ARN}:compute-environment/{name}",
    )
    found = settled(environment, batch, name)
    assert (found["state"], found["status"], found["statusReason"]) == ("ENABLED", "VALID", "ComputeEnvironment Healthy")
    assert (found["type"], found["containerOrchestrationType"], found["tags"]) == ("MANAGED", "ECS", {"a": "b"})
    assert COMPUTE.items() <= found["computeResources"].items()
    assert found["computeResources"]["desiredvCpus"] == 0
    assert found["uuid"] and found["ecsClusterArn"].startswith("arn:aws:ecs:us-east-1:000000000000:cluster/")
    batch.update_compute_environment(
        computeEnvironment=found["computeEnvironmentArn"], state="DISABLED", computeResources={"maxvCpus": 16}
    )
    found = settled(environment, batch, name)
    assert (found["state"], found["computeResources"]["maxvCpus"]) == ("DISABLED", 16)
    batch.delete_compute_environment(computeEnvironment=name)
    gone(environment, batch, name)


def test_environment_is_deleted_only_when_disabled_and_alone(batch, name):
    """CE-20: and the queue that uses it goes first."""
    create_environment(batch, name)
    settled(environment, batch, name)
    create_queue(batch, name, name)
    refused(batch, "DISABLED", batch.delete_compute_environment, computeEnvironment=name)
    batch.update_compute_environment(computeEnvironment=name, state="DISABLED")
    settled(environment, batch, name)
    text = "Cannot delete, found existing JobQueue relationship"
    refused(batch, text, batch.delete_compute_environment, computeEnvironment=name)
    batch.update_job_queue(jobQueue=name, state="DISABLED")
    settled(queue, batch, name)
    batch.delete_job_queue(jobQueue=name)
    gone(queue, batch, name)
    batch.delete_compute_environment(computeEnvironment=name)
    gone(environment, batch, name)


@pytest.mark.parametrize("create", [create_environment, create_queue])
def test_name_that_is_taken_is_refused(batch, name, create):
    """ERR-4."""
    create(batch, name)
    refused(batch, "Object already exists", lambda: create(batch, name))


@pytest.mark.parametrize(
    "change, text",
    [
        ({"maxvCpus": -1}, "maxvCpus should be greater than or equal to minvCpus."),
        ({"minvCpus": -1}, "minvCpus should be greater than or equal to 0."),
        ({"desiredvCpus": 9}, "desiredvCpus should be between minvCpus and maxvCpus."),
        ({"instanceRole": None}, "Instance role is required."),
        ({"instanceTypes": None}, "Resource instanceTypes are required."),
        ({"bidPercentage": 101}, "Bid percentage must be between 0 to 100."),
    ],
)
def test_bad_environment_is_refused_and_not_there(batch, name, change, text):
    """CE-2, CE-3: in AWS's words."""
    resources = {key: value for key, value in {**COMPUTE, **change}.items() if value is not None}
    request = {"computeEnvironmentName": name, "type": "MANAGED", "computeResources": resources}
    refused(batch, text, batch.create_compute_environment, **request)
    assert environment(batch, name) is None


def test_queue_is_created_described_updated_deleted(batch, name):
    """JQ-1, JQ-7, JQ-8, JQ-10."""
    created = create_queue(batch, name, tags={"a": "b"})
    assert created["jobQueueArn"] == f"{ARN}:job-queue/{name}"
    found = settled(queue, batch, name)
    del found["tags"]
    assert found == {
        "jobQueueName": name,
        "jobQueueArn": f"{ARN}:job-queue/{name}",
        "state": "ENABLED",
        "status": "VALID",
        "statusReason": "JobQueue Healthy",
        "priority": 1,
        "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": f"{ARN}:compute-environment/default"}],
        "jobStateTimeLimitActions": [],
    }
    batch.update_job_queue(jobQueue=found["jobQueueArn"], priority=7)
    assert settled(queue, batch, name)["priority"] == 7
    refused(batch, "DISABLED", batch.delete_job_queue, jobQueue=name)
    batch.update_job_queue(jobQueue=name, state="DISABLED")
    settled(queue, batch, name)
    batch.delete_job_queue(jobQueue=name)
    gone(queue, batch, name)


def test_disabled_queue_takes_no_jobs_but_runs_those_it_has(jobs, batch, name, tmp_path):
    """JQ-9, ST-5, SUB-3."""
    create_queue(batch, name)
    gate = tmp_path / "gate"
    first = jobs.shell(f"until test -e {gate}; do sleep 0.05; done", jobQueue=name)
    second = jobs.shell("true", jobQueue=name, dependsOn=[{"jobId": first}])
    batch.update_job_queue(jobQueue=name, state="DISABLED")
    with pytest.raises(batch.exceptions.ClientException):
        jobs.shell("true", jobQueue=name)
    gate.touch()
    jobs.succeed(second)


def test_queue_deleted_ends_its_jobs(jobs, batch, name):
    """JQ-10: what waits and what runs fail with `JobQueue deleted`; then it is gone."""
    create_queue(batch, name)
    running = jobs.shell("sleep 300", jobQueue=name)
    waiting = jobs.shell("true", jobQueue=name, dependsOn=[{"jobId": running}])
    jobs.wait(running, "RUNNING")
    batch.update_job_queue(jobQueue=name, state="DISABLED")
    settled(queue, batch, name)
    batch.delete_job_queue(jobQueue=name)
    gone(queue, batch, name)
    details = [jobs.describe(job) for job in (running, waiting)]
    assert [detail["status"] for detail in details] == ["FAILED", "FAILED"]
    assert details[0]["statusReason"] == "JobQueue deleted"
    assert details[1]["attempts"] == []


@pytest.mark.parametrize(
    "order, text",
    [
        ([], "computeEnvironmentOrder is required."),
        ([(1, "nowhere")], "Compute Environments must be created and valid before attaching them to a job queue"),
        ([(1, "default"), (2, "default")], "Duplicate ComputeEnvironments within order list."),
    ],
)
def test_bad_queue_is_refused_and_not_there(batch, name, order, text):
    """JQ-1, JQ-2: in AWS's words."""
    order = [{"order": number, "computeEnvironment": environment} for number, environment in order]
    request = {"jobQueueName": name, "priority": 1, "computeEnvironmentOrder": order}
    refused(batch, text, batch.create_job_queue, **request)
    assert queue(batch, name) is None


def test_definition_gets_a_new_revision_each_time(batch, name):
    """JD-1, IDEM-3, JD-5."""
    for revision in (1, 2):
        made = batch.register_job_definition(jobDefinitionName=name, type="container", containerProperties=CONTAINER)
        assert (made["revision"], made["jobDefinitionArn"]) == (revision, f"{ARN}:job-definition/{name}:{revision}")
    newest, oldest = batch.describe_job_definitions(jobDefinitionName=name)["jobDefinitions"]
    assert (newest["revision"], oldest["revision"]) == (2, 1)  # JD-4
    assert (newest["status"], newest["type"], newest["containerOrchestrationType"]) == ("ACTIVE", "container", "ECS")
    container = newest["containerProperties"]
    lists = {name: container[name] for name in ("volumes", "environment", "mountPoints", "ulimits", "secrets")}
    assert lists == {name: [] for name in lists}
    assert "retryStrategy" not in newest and "timeout" not in newest


def test_deregistered_definition_takes_no_jobs_and_numbers_go_on(jobs, batch, name):
    """JD-1, JD-3, RES-1, SUB-4: a job that has it runs on."""
    register = lambda: batch.register_job_definition(  # noqa: E731
        jobDefinitionName=name, type="container", containerProperties=CONTAINER
    )
    register(), register()
    held = jobs.submit("sleep", "0.2", jobDefinition=name)
    assert jobs.describe(held)["jobDefinition"].endswith(f"/{name}:2")
    batch.deregister_job_definition(jobDefinition=f"{name}:2")
    jobs.succeed(held)
    assert jobs.describe(jobs.submit(jobDefinition=name))["jobDefinition"].endswith(f"/{name}:1")
    text = f"JobDefinition name {name}:2 does not exist or is not in ACTIVE status"
    refused(batch, text, jobs.submit, jobDefinition=f"{name}:2")
    (inactive,) = batch.describe_job_definitions(jobDefinitionName=name, status="INACTIVE")["jobDefinitions"]
    assert inactive["revision"] == 2
    batch.deregister_job_definition(jobDefinition=f"{ARN}:job-definition/{name}:1")
    assert register()["revision"] == 3


def test_definition_is_named_in_every_form(jobs, name, batch):
    """ID-3."""
    batch.register_job_definition(jobDefinitionName=name, type="container", containerProperties=CONTAINER)
    arn = f"{ARN}:job-definition/{name}"
    for form in (name, f"{name}:1", arn, f"{arn}:1"):
        assert jobs.describe(jobs.submit(jobDefinition=form))["jobDefinition"] == f"{arn}:1"
    for form in (f"{name}:1", f"{arn}:1"):
        (found,) = batch.describe_job_definitions(jobDefinitions=[form])["jobDefinitions"]
        assert found["jobDefinitionArn"] == f"{arn}:1"


def without(kind):
    return [need for need in NEEDS if need["type"] != kind]


@pytest.mark.parametrize(
    "change, text",
    [
        ({"image": ""}, "ECS Container Image must be provided."),
        ({"resourceRequirements": without("VCPU")}, "vCPU is required."),
        ({"resourceRequirements": NEEDS + NEEDS[:1]}, "Cannot provide duplicates in resourceRequirements."),
        ({"resourceRequirements": [*without("VCPU"), {"type": "VCPU", "value": "0"}]}, "vCPU must be at least 1"),
        ({"resourceRequirements": [*without("MEMORY"), {"type": "MEMORY", "value": "3"}]}, "Memory must be at least 4"),
        ({"environment": [{"value": "x"}]}, "Environment variable name is required."),
        ({"user": "UPPER"}, "User 'UPPER' does not match regex"),
    ],
)
def test_bad_definition_is_refused_and_not_there(batch, name, change, text):
    """JD-7, spec section 26.2: in AWS's words."""
    request = {"jobDefinitionName": name, "type": "container", "containerProperties": {**CONTAINER, **change}}
    refused(batch, text, batch.register_job_definition, **request)
    assert batch.describe_job_definitions(jobDefinitionName=name)["jobDefinitions"] == []


def test_unknown_names_are_left_out_of_descriptions(batch):
    """PAGE-3: how tools see that something is gone."""
    assert environment(batch, "nowhere") is None and queue(batch, "nowhere") is None
    assert batch.describe_job_definitions(jobDefinitions=["nowhere:1"])["jobDefinitions"] == []
