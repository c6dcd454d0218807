"""Environments and queues through their own lives, as the tools that manage them see it (CE-9 to CE-20, JQ-7, CFN-2)."""

import itertools

import pytest
from waiting import wait_for

TRANSITIONAL = ("CREATING", "UPDATING", "DELETING")
SLOW = ("--environment-settle-ms", "1500")
numbers = itertools.count()
COMPUTE = {
    "type": "EC2",
    "allocationStrategy": "BEST_FIT_PROGRESSIVE",
    "minvCpus": 0,
    "maxvCpus": 8,
    "instanceTypes": ["m5"],
    "subnets": ["subnet-1"],
    "securityGroupIds": ["sg-1"],
    "instanceRole": "role",
}


@pytest.fixture
def name():
    return f"life-{next(numbers)}"


def create(batch, name, **compute):
    batch.create_compute_environment(
        computeEnvironmentName=name, type="MANAGED", computeResources={**COMPUTE, **compute}
    )


def create_queue(batch, name):
    order = [{"order": 1, "computeEnvironment": name}]
    batch.create_job_queue(jobQueueName=name, priority=1, computeEnvironmentOrder=order)


def environment(batch, name):
    found = batch.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"]
    return found[0] if found else None


def queue(batch, name):
    found = batch.describe_job_queues(jobQueues=[name])["jobQueues"]
    return found[0] if found else None


def poll(describe, batch, name):
    """What IaC tools do: look until the status is a lasting one or the thing is gone; the statuses seen on the way."""
    seen = []

    def over():
        found = describe(batch, name)
        status = found["status"] if found else "gone"
        if not seen or seen[-1] != status:
            seen.append(status)
        return status not in TRANSITIONAL

    wait_for(f"{name} to be in a lasting status", over)
    return seen


def refused(batch, text, call, **request):
    with pytest.raises(batch.exceptions.ClientException) as error:
        call(**request)
    assert text in error.value.response["Error"]["Message"]


@pytest.fixture
def slow(server):
    """A server on which every transition can be looked at."""
    return server(*SLOW)


def test_stack_is_created_updated_and_deleted_by_polling(slow, name):
    """CFN-2, CE-9, CE-19, CE-20, JQ-7, JQ-10: every transition is seen, and each ends."""
    batch = slow.client("batch")
    create(batch, name)
    assert environment(batch, name).get("statusReason") is None
    assert poll(environment, batch, name) == ["CREATING", "VALID"]
    assert environment(batch, name)["statusReason"] == "ComputeEnvironment Healthy"
    create_queue(batch, name)
    assert poll(queue, batch, name) == ["CREATING", "VALID"]

    batch.update_compute_environment(computeEnvironment=name, computeResources={"maxvCpus": 4})
    assert poll(environment, batch, name) == ["UPDATING", "VALID"]
    batch.update_job_queue(jobQueue=name, priority=7)
    assert poll(queue, batch, name) == ["UPDATING", "VALID"]

    batch.update_job_queue(jobQueue=name, state="DISABLED")
    assert poll(queue, batch, name) == ["UPDATING", "VALID"]
    batch.delete_job_queue(jobQueue=name)
    assert poll(queue, batch, name) == ["DELETING", "gone"]
    batch.update_compute_environment(computeEnvironment=name, state="DISABLED")
    assert poll(environment, batch, name) == ["UPDATING", "VALID"]
    batch.delete_compute_environment(computeEnvironment=name)
    assert poll(environment, batch, name) == ["DELETING", "gone"]


def test_transition_goes_on_after_the_server_was_killed(slow, name):
    """CE-9: a deadline is kept with the environment."""
    create(slow.client("batch"), name)
    slow.kill()
    slow.start()
    poll(environment, slow.client("batch"), name)
    assert environment(slow.client("batch"), name)["status"] == "VALID"


def test_queue_on_an_environment_being_created_takes_jobs_and_runs_them(slow, name):
    """JQ-2, as documented: scripts that do not wait are served."""
    batch = slow.client("batch")
    create(batch, name)
    create_queue(batch, name)
    job = batch.submit_job(jobName="j", jobQueue=name, jobDefinition="host")["jobId"]
    ended = lambda: batch.describe_jobs(jobs=[job])["jobs"][0]["status"] in ("SUCCEEDED", "FAILED")
    wait_for("the job to end", ended)
    assert batch.describe_jobs(jobs=[job])["jobs"][0]["status"] == "SUCCEEDED"


def test_aws_refusals_in_transition_are_those_of_aws_limits(server, name):
    """JQ-2, CE-19."""
    batch = server(*SLOW, "--aws-limits").client("batch")
    poll(environment, batch, "default")
    create(batch, name)
    text = "Compute Environments must be created and valid before attaching them to a job queue"
    order = [{"order": 1, "computeEnvironment": name}]
    refused(batch, text, batch.create_job_queue, jobQueueName=name, priority=1, computeEnvironmentOrder=order)
    text = "Cannot update, resource is being modified."
    refused(batch, text, batch.update_compute_environment, computeEnvironment=name, state="DISABLED")
    poll(environment, batch, name)
    create_queue(batch, name)


def test_deletion_waits_for_the_transition_to_be_over(slow, name):
    """CE-19."""
    batch = slow.client("batch")
    create(batch, name)
    batch.update_compute_environment(computeEnvironment=name, state="DISABLED")
    text = "Cannot delete, resource is being modified."
    refused(batch, text, batch.delete_compute_environment, computeEnvironment=name)
    poll(environment, batch, name)
    batch.delete_compute_environment(computeEnvironment=name)
    poll(environment, batch, name)


def test_infrastructure_update_that_terminates_stops_attempts_which_are_retried(jobs, batch, name):
    """CE-17."""
    create(batch, name)
    create_queue(batch, name)
    job = jobs.shell("sleep 300", jobQueue=name, retryStrategy={"attempts": 2})
    jobs.wait(job, "RUNNING")
    policy = {"terminateJobsOnUpdate": True, "jobExecutionTimeoutMinutes": 1}
    resources = {"instanceTypes": ["c5"]}
    batch.update_compute_environment(computeEnvironment=name, computeResources=resources, updatePolicy=policy)
    wait_for("another attempt", lambda: len(jobs.describe(job)["attempts"]) == 1)
    assert jobs.describe(job)["attempts"][0]["statusReason"] == "Job terminated due to compute environment update"
    jobs.wait(job, "RUNNING")
    assert poll(environment, batch, name)[-1] == "VALID"
    found = environment(batch, name)
    assert (found["computeResources"]["instanceTypes"], found["updatePolicy"]) == (["c5"], policy)
    batch.terminate_job(jobId=job, reason="done")
    assert jobs.wait(job, "FAILED")["statusReason"] == "done"


def test_refused_updates_have_aws_texts(batch, name):
    """CE-15, CE-16, CE-17."""
    create(batch, name, desiredvCpus=2)
    update = lambda text, **request: refused(
        batch, text, batch.update_compute_environment, computeEnvironment=name, **request
    )
    update("One of [state | compute-resources | service-role | unmanaged-vcpus] is required.")
    update("At least one compute-resources attribute must be specified", computeResources={})
    text = "Manually scaling down compute environment is not supported. Disconnecting job queues from compute environment"
    update(text, computeResources={"desiredvCpus": 1})
    update("Compute resource type EC2 cannot be changed to FARGATE.", computeResources={"type": "FARGATE"})
    best_fit = f"{name}-best-fit"
    batch.create_compute_environment(
        computeEnvironmentName=best_fit,
        type="MANAGED",
        computeResources={key: value for key, value in COMPUTE.items() if key != "allocationStrategy"},
    )
    text = "Following fields [instanceTypes] can be updated only for Non-fargate Compute Environment having a Batch Service Linked Role"
    resources = {"instanceTypes": ["c5"]}
    refused(batch, text, batch.update_compute_environment, computeEnvironment=best_fit, computeResources=resources)


def test_desired_vcpus_follow_what_runs_and_waits(jobs, batch, name):
    """CE-12."""
    create(batch, name, maxvCpus=3)
    create_queue(batch, name)
    running = [jobs.shell("sleep 300", jobQueue=name) for _ in range(5)]
    desired = lambda: environment(batch, name)["computeResources"]["desiredvCpus"]
    wait_for("the maximum to be wanted", lambda: desired() == 3)
    for job in running:
        batch.terminate_job(jobId=job, reason="done")
    for job in running:
        jobs.wait(job, "FAILED")
    # It goes down only after minutes of less.
    assert desired() == 3
