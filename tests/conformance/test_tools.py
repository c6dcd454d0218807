"""The calls of tools that drive AWS Batch, in the order and with the members in which they make them: checklist item 17."""

import pytest
from botocore.exceptions import ClientError
from conformance.definitions import plain
from jobs import LOG_GROUP
from waiting import wait_for

COMPUTE = {
    "type": "EC2", "allocationStrategy": "BEST_FIT_PROGRESSIVE", "minvCpus": 0, "maxvCpus": 16, "desiredvCpus": 0,
    "instanceTypes": ["optimal"], "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"],
    "instanceRole": "arn:aws:iam::000000000000:instance-profile/p",
}  # fmt: skip
TRANSITIONAL = ("CREATING", "UPDATING", "DELETING")
# From its creation to its end, as Airflow, Nextflow and Metaflow list them.
UNFINISHED = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")


class Terraform:
    """As the provider's resources do: after each change poll until no transition is left, at the end until it is gone."""

    def __init__(self, batch, kind):
        self.batch = batch
        self.name, self.names, self.identifier = {
            "environment": ("compute_environment", "computeEnvironments", "computeEnvironment"),
            "queue": ("job_queue", "jobQueues", "jobQueue"),
        }[kind]

    def find(self, arn):
        found = getattr(self.batch, f"describe_{self.name}s")(**{self.names: [arn]})[self.names]
        return found[0] if found and found[0]["status"] != "DELETED" else None

    def settle(self, arn):
        found = wait_for(f"{arn} to settle", lambda: (it := self.find(arn)) and it["status"] not in TRANSITIONAL and it)
        assert found["status"] == "VALID", found
        return found

    def update(self, arn, **members):
        getattr(self.batch, f"update_{self.name}")(**{self.identifier: arn}, **members)
        return self.settle(arn)

    def delete(self, arn):
        self.update(arn, state="DISABLED")
        getattr(self.batch, f"delete_{self.name}")(**{self.identifier: arn})
        wait_for(f"{arn} to be gone", lambda: self.find(arn) is None)


def test_terraform_applies_changes_and_destroys(batch):
    """CFN-2, CE-9, CE-16, CE-19, CE-20, JQ-7, JQ-8, JQ-10, JD-3, TAG-1, TAG-2."""
    environments, queues = Terraform(batch, "environment"), Terraform(batch, "queue")
    environment = batch.create_compute_environment(
        computeEnvironmentName="terraform-20261121", type="MANAGED", state="ENABLED", computeResources=COMPUTE,
        serviceRole="arn:aws:iam::000000000000:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch",
        tags={"managed-by": "terraform"},
    )["computeEnvironmentArn"]  # fmt: skip
    assert environments.settle(environment)["tags"] == {"managed-by": "terraform"}
    queue = batch.create_job_queue(
        jobQueueName="terraform", priority=1, state="ENABLED", tags={},
        computeEnvironmentOrder=[{"order": 0, "computeEnvironment": environment}],
    )["jobQueueArn"]  # fmt: skip
    queues.settle(queue)
    register = {"jobDefinitionName": "terraform", "type": "container", "propagateTags": False, "parameters": {}, **plain()}
    definition = batch.register_job_definition(**register)["jobDefinitionArn"]
    (found,) = batch.describe_job_definitions(jobDefinitions=[definition])["jobDefinitions"]
    assert (found["status"], found["revision"]) == ("ACTIVE", 1)

    # A plan with changes: sizes, priority, a new revision beside which the old one is deregistered, tags.
    assert environments.update(environment, computeResources={"maxvCpus": 8})["computeResources"]["maxvCpus"] == 8
    order = [{"order": 0, "computeEnvironment": environment}]
    changed = queues.update(queue, priority=2, state="ENABLED", computeEnvironmentOrder=order)
    assert (changed["priority"], changed["computeEnvironmentOrder"]) == (2, order)
    revised = batch.register_job_definition(**register)["jobDefinitionArn"]
    batch.deregister_job_definition(jobDefinition=definition)
    batch.tag_resource(resourceArn=queue, tags={"a": "b"})
    batch.untag_resource(resourceArn=queue, tagKeys=["a"])

    # A plan without changes reads the same twice.
    assert environments.find(environment) == environments.find(environment)
    active = batch.describe_job_definitions(jobDefinitionName="terraform", status="ACTIVE")["jobDefinitions"]
    assert [each["jobDefinitionArn"] for each in active] == [revised]

    # Destroy.
    for each in active:
        batch.deregister_job_definition(jobDefinition=each["jobDefinitionArn"])
    queues.delete(queue)
    environments.delete(environment)
    assert batch.describe_job_definitions(jobDefinitionName="terraform", status="ACTIVE")["jobDefinitions"] == []


def test_cloudformation_replaces_a_queue_under_another_name(batch):
    """CFN-2, JQ-1, ERR-4: create the new one, then delete the old one; a fixed name collides."""
    queues = Terraform(batch, "queue")
    order = [{"order": 1, "computeEnvironment": "default"}]
    request = {"priority": 1, "computeEnvironmentOrder": order, "tags": {"stack": "s"}}
    old = batch.create_job_queue(jobQueueName="JobQueue-CvKLJBQdefogayVQ", **request)["jobQueueArn"]
    with pytest.raises(ClientError, match="Object already exists"):
        batch.create_job_queue(jobQueueName="JobQueue-CvKLJBQdefogayVQ", **request)
    new = batch.create_job_queue(jobQueueName="JobQueue-rivR3vgrh6ipJHfa", **request)["jobQueueArn"]
    queues.settle(new)
    queues.delete(old)
    queues.delete(new)


def airflow_describe(batch, job):
    """BatchClientHook.get_job_description: exactly one job of this id."""
    (description,) = [each for each in batch.describe_jobs(jobs=[job])["jobs"] if each["jobId"] == job]
    return description


def test_airflow_runs_a_task_and_shows_its_log(batch, logs):
    """ST-1, DSC-2, LOG-1, CWL-2: BatchOperator and its hook, with empty members where nothing is set."""
    job = batch.submit_job(
        jobName="airflow", jobQueue="default", jobDefinition="host", arrayProperties={}, parameters={},
        containerOverrides={"command": ["echo", "from airflow"], "environment": []}, tags={}, retryStrategy={"attempts": 1},
    )["jobId"]  # fmt: skip
    wait_for("the job to leave the queue", lambda: airflow_describe(batch, job)["status"] not in UNFINISHED[:3])
    ended = wait_for("the end", lambda: (it := airflow_describe(batch, job))["status"] in ("SUCCEEDED", "FAILED") and it)
    assert ended["status"] == "SUCCEEDED"
    container = ended["container"]
    assert container.get("logConfiguration", {}).get("logDriver", "awslogs") == "awslogs"
    streams = [attempt["container"]["logStreamName"] for attempt in ended["attempts"]]
    assert streams == [container["logStreamName"]]
    events = logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=streams[0], startFromHead=True)["events"]
    assert [event["message"] for event in events] == ["from airflow"]


def test_airflow_kills_a_task(batch, jobs):
    """TER-1, TER-4: on_kill; the answer comes before the end."""
    job = jobs.shell("sleep 300")
    jobs.wait(job, "RUNNING")
    assert batch.terminate_job(jobId=job, reason="Task killed by the user")["ResponseMetadata"]["HTTPStatusCode"] == 200
    detail = jobs.fail(job)
    assert detail["statusReason"] == "Task killed by the user"


def test_nextflow_runs_tasks(batch, jobs):
    """RES-2, RES-3, DSC-4, RTY-6, DSC-6, BULK-1: definitions found by a token, commands by override, tasks described in bulk."""
    name = "nf-ubuntu-22-04"
    assert batch.describe_job_definitions(jobDefinitionName=name, status="ACTIVE")["jobDefinitions"] == []
    batch.register_job_definition(
        jobDefinitionName=name, type="container", parameters={"nf-token": "9c1185a5"}, tags={"nextflow.io/version": "25.04"},
        **plain(command=["true"], resourceRequirements=[{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "1024"}]),
    )  # fmt: skip
    found = batch.describe_job_definitions(jobDefinitionName=name, status="ACTIVE")["jobDefinitions"]
    (revision,) = [each["revision"] for each in found if each["parameters"]["nf-token"] == "9c1185a5"]

    def submit(script):
        return batch.submit_job(
            jobName="nf-task_1", jobQueue="default", jobDefinition=f"{name}:{revision}",
            retryStrategy={
                "attempts": 5,
                "evaluateOnExit": [
                    {"action": "RETRY", "onStatusReason": "Host EC2*"},
                    {"action": "EXIT", "onReason": "*"},
                ],
            },
            containerOverrides={
                "command": ["bash", "-o", "pipefail", "-c", script],
                "resourceRequirements": [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "128"}],
            },
            tags={"pipelineProcessName": "task 1", "runName": "mad-hopper"},
        )["jobId"]  # fmt: skip

    good, bad = submit("echo done | tee .command.out"), submit("exit 3 | cat")
    jobs.wait(good), jobs.wait(bad)
    described = {each["jobId"]: each for each in batch.describe_jobs(jobs=[good, bad])["jobs"]}
    assert described[good]["container"]["exitCode"] == 0
    # pipefail gives the 3; reason "*" makes the first exit final.
    assert (described[bad]["status"], described[bad]["container"]["exitCode"], len(described[bad]["attempts"])) == ("FAILED", 3, 1)
    # From the queue to the machine.
    (queue,) = batch.describe_job_queues(jobQueues=["default"])["jobQueues"]
    environment = queue["computeEnvironmentOrder"][0]["computeEnvironment"]
    (found,) = batch.describe_compute_environments(computeEnvironments=[environment])["computeEnvironments"]
    cluster = found["ecsClusterArn"].rpartition("/")[2]
    assert described[good]["container"]["taskArn"].split("/")[1] == cluster
    batch.terminate_job(jobId=good, reason="Job killed by NF")


def test_metaflow_finds_its_environment_and_its_unfinished_jobs(batch, jobs):
    """LST-1, LST-2, CE-10: which machines a queue has, and what of a run is still there."""
    (queue,) = batch.describe_job_queues(jobQueues=["default"])["jobQueues"]
    (found,) = batch.describe_compute_environments(
        computeEnvironments=[queue["computeEnvironmentOrder"][0]["computeEnvironment"]]
    )["computeEnvironments"]
    assert found["computeResources"]["type"] in ("EC2", "SPOT")
    job = jobs.shell("sleep 300", jobName="metaflow-run-1", tags={"metaflow.run_id": "1"})
    jobs.wait(job, "RUNNING")

    def unfinished():
        paginator = batch.get_paginator("list_jobs")
        return [
            each["jobId"]
            for status in UNFINISHED
            for page in paginator.paginate(jobQueue="default", jobStatus=status)
            for each in page["jobSummaryList"]
            if each["jobName"].startswith("metaflow-run-1")
        ]

    assert unfinished() == [job]
    batch.terminate_job(jobId=job, reason="Metaflow job killed")
    jobs.fail(job)
    assert unfinished() == []


def test_step_functions_runs_and_stops_a_job(batch, jobs):
    """SUB-1, DSC-3, TER-1: the variable that it adds is visible, unlike the service's own."""
    started = {"name": "MANAGED_BY_AWS", "value": "STARTED_BY_STEP_FUNCTIONS"}
    job = jobs.shell("sleep 300", containerOverrides={"environment": [started]})
    jobs.wait(job, "RUNNING")
    assert jobs.describe(job)["container"]["environment"] == [started]
    batch.terminate_job(jobId=job, reason="The execution was stopped")
    assert jobs.fail(job)["container"]["exitCode"] == 143
