"""Jobs of several containers: `ecsProperties` (spec section 13), with real processes."""

import processes
import pytest
from botocore.exceptions import ClientError
from waiting import wait_for

NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]


def container(name, script, after=None, condition="SUCCESS", **members):
    """A container that is a shell on the host, started after another one has done what it waits for."""
    if after:
        members["dependsOn"] = [{"containerName": after, "condition": condition}]
    return {
        "name": name,
        "image": "host",
        "command": ["sh", "-c", script],
        "resourceRequirements": NEEDS,
        **members,
    }


@pytest.fixture
def submit(batch, jobs, request):
    """Registers a task of these containers and submits a job of it."""

    def submit(*containers, definition=None, **members):
        name = f"task-{request.node.name}"[:128].replace("[", "-").replace("]", "")
        task = {"containers": list(containers)}
        batch.register_job_definition(
            jobDefinitionName=name, type="container", ecsProperties={"taskProperties": [task]}, **(definition or {})
        )
        return jobs.submit(jobDefinition=name, **members)

    return submit


def shown(detail):
    """The containers of the latest attempt, by name."""
    (task,) = detail["ecsProperties"]["taskProperties"]
    return {container["name"]: container for container in task["containers"]}


def codes(detail):
    return {name: container.get("exitCode") for name, container in shown(detail).items()}


def output(jobs, detail, name):
    stream = shown(detail)[name].get("logStreamName")
    return jobs.lines(stream) if stream else []


def test_init_container_comes_first_and_each_has_its_own_log(submit, jobs, tmp_path):
    """MC-2, MC-9, LOG-2: SUCCESS, and what DescribeJobs shows."""
    file = tmp_path / "prepared"
    job = submit(
        container("init", f"echo preparing; echo ready > {file}", essential=False),
        container("main", f"cat {file}", after="init"),
    )
    detail = jobs.succeed(job)
    assert "container" not in detail
    assert codes(detail) == {"init": 0, "main": 0}
    assert (output(jobs, detail, "init"), output(jobs, detail, "main")) == (["preparing"], ["ready"])
    (task,) = detail["ecsProperties"]["taskProperties"]
    number = task["taskArn"].rpartition("/")[2]
    definition = detail["jobDefinition"].rpartition("/")[2].partition(":")[0]
    assert shown(detail)["init"]["logStreamName"] == f"{definition}/init/{number}"
    assert shown(detail)["main"]["networkInterfaces"] == []
    (attempt,) = detail["attempts"]
    assert "container" not in attempt
    (ended,) = attempt["taskProperties"]
    assert ended["taskArn"] == task["taskArn"]
    assert [(each["name"], each["exitCode"]) for each in ended["containers"]] == [("init", 0), ("main", 0)]
    assert attempt["statusReason"] == "Essential container in task exited"


def test_sidecar_is_stopped_when_the_essential_container_ends(submit, jobs):
    """MC-3: START, and SIGTERM to the others."""
    serve = "trap 'echo stopping; exit 0' TERM; echo serving; while :; do sleep 0.05; done"
    job = submit(
        container("side", serve, essential=False),
        container("main", "sleep 0.2; echo done", after="side", condition="START"),
    )
    detail = jobs.succeed(job)
    lines = output(jobs, detail, "side")
    assert (lines[0], lines[-1]) == ("serving", "stopping")
    assert output(jobs, detail, "main") == ["done"]


def test_exit_of_a_container_that_is_not_essential_has_no_effect(submit, jobs, tmp_path):
    """MC-3."""
    gate = tmp_path / "gate"
    job = submit(
        container("side", "exit 7", essential=False),
        container("main", f"until test -e {gate}; do sleep 0.05; done"),
    )
    jobs.wait(job, "RUNNING")
    gate.touch()
    assert codes(jobs.succeed(job)) == {"side": 7, "main": 0}


def test_essential_container_that_fails_fails_the_job(submit, jobs):
    """MC-3: its code is the one that shows, that of the container stopped with it does not hide it."""
    job = submit(container("first", "exec sleep 300"), container("second", "exit 3"))
    detail = jobs.fail(job)
    assert codes(detail) == {"first": 143, "second": 3}
    assert detail["statusReason"] == "Essential container in task exited"


def test_every_essential_container_has_to_exit_with_0(submit, jobs):
    """MC-3."""
    job = submit(container("first", "exec sleep 300"), container("second", "exit 0"))
    assert codes(jobs.fail(job)) == {"first": 143, "second": 0}


def test_failed_init_container_fails_the_start(submit, jobs):
    """MC-2: the essential container never runs."""
    job = submit(container("init", "exit 4", essential=False), container("main", "echo never", after="init"))
    detail = jobs.fail(job)
    assert detail["statusReason"] == "Task failed to start"
    assert "startedAt" not in detail
    assert codes(detail) == {"init": 4, "main": None}
    assert shown(detail)["main"]["reason"].startswith("CannotStartContainerError: dependency graph:")
    assert "logStreamName" not in shown(detail)["main"]


def test_job_is_starting_while_a_condition_waits(submit, jobs, tmp_path):
    """ST-1, LOG-2: and the log of what runs already can be read."""
    gate = tmp_path / "gate"
    init = f"echo waiting; until test -e {gate}; do sleep 0.05; done"
    job = submit(container("init", init, essential=False), container("main", "true", after="init"))
    wait_for("the output of init", lambda: output(jobs, jobs.describe(job), "init") == ["waiting"])
    detail = jobs.describe(job)
    assert detail["status"] == "STARTING"
    assert "logStreamName" not in shown(detail)["main"]
    gate.touch()
    jobs.succeed(job)


def test_start_timeout_gives_up_the_task(submit, jobs):
    """MC-4."""
    slow = container("init", "exec sleep 300", essential=False, startTimeout=2)
    detail = jobs.fail(submit(slow, container("main", "true", after="init", condition="COMPLETE")))
    assert shown(detail)["main"]["reason"].endswith("has timed out.")
    assert codes(detail) == {"init": 143, "main": None}


def test_overrides_reach_the_container_that_they_name(submit, jobs):
    """MC-8, RES-2, RES-3."""
    override = {
        "name": "main",
        "command": ["sh", "-c", "echo $GREETING Ref::whom"],
        "environment": [{"name": "GREETING", "value": "hello"}],
    }
    job = submit(
        container("side", "echo ${GREETING:-none}", essential=False),
        container("main", "true", after="side", condition="COMPLETE"),
        ecsPropertiesOverride={"taskProperties": [{"containers": [override]}]},
        parameters={"whom": "world"},
    )
    detail = jobs.succeed(job)
    assert (output(jobs, detail, "side"), output(jobs, detail, "main")) == (["none"], ["hello world"])
    assert shown(detail)["main"]["environment"] == [{"name": "GREETING", "value": "hello"}]


def test_container_overrides_are_refused(submit, batch, jobs):
    """SUB-11."""
    with pytest.raises(ClientError, match="Container overrides should not be set for ecsProperties jobs."):
        submit(container("main", "true"), containerOverrides={"command": ["true"]})


def test_retry_looks_at_the_container_that_failed(submit, jobs):
    """RTY-4, RTY-6: once more for code 3, not for 4."""
    retry = {"attempts": 5, "evaluateOnExit": [{"onExitCode": "3", "action": "RETRY"}, {"onExitCode": "*", "action": "EXIT"}]}
    job = submit(
        container("main", "exit $((2 + AWS_BATCH_JOB_ATTEMPT))"),
        container("side", "exec sleep 300", essential=False),
        retryStrategy=retry,
    )
    attempts = jobs.fail(job)["attempts"]
    ended = [attempt["taskProperties"][0]["containers"][0] for attempt in attempts]
    assert [each["exitCode"] for each in ended] == [3, 4]
    assert len({each["logStreamName"] for each in ended}) == 2


def test_terminate_ends_every_container(submit, jobs, batch):
    """TER-1: nothing of the task is left."""
    job = submit(container("first", "echo $$; exec sleep 300"), container("second", "echo $$; exec sleep 300"))
    jobs.wait(job, "RUNNING")
    read = lambda name: output(jobs, jobs.describe(job), name)  # noqa: E731
    pids = [wait_for(f"the process of {name}", lambda name=name: read(name))[0] for name in ("first", "second")]
    batch.terminate_job(jobId=job, reason="enough")
    detail = jobs.fail(job)
    assert detail["statusReason"] == "enough"
    assert codes(detail) == {"first": 143, "second": 143}
    assert not any(processes.alive(pid) for pid in pids)


def test_children_of_an_array_are_tasks(submit, jobs, batch):
    """ARR-1, ARR-6: each with the variables of a child, also where the task has one container."""
    script = "echo $AWS_BATCH_JOB_ARRAY_INDEX"
    job = submit(
        container("main", script), arrayProperties={"size": 2}, timeout={"attemptDurationSeconds": 60}
    )
    jobs.succeed(job)
    for index in range(2):
        child = jobs.describe(f"{job}:{index}")
        assert output(jobs, child, "main") == [str(index)]
    listed = batch.list_jobs(arrayJobId=job, jobStatus="SUCCEEDED")["jobSummaryList"]
    assert all("container" not in summary for summary in listed)


def test_definition_is_echoed(batch, submit):
    """JD-5: what was registered, with the lists that nobody gave."""
    containers = [container("init", "true", essential=False), container("main", "true", after="init", stopTimeout=5)]
    submit(*containers)
    name = "task-test_definition_is_echoed"
    (definition,) = batch.describe_job_definitions(jobDefinitionName=name, status="ACTIVE")["jobDefinitions"]
    (task,) = definition["ecsProperties"]["taskProperties"]
    assert [{**each, **given} for each, given in zip(task["containers"], containers, strict=True)] == task["containers"]
    assert "containerProperties" not in definition


