"""What DescribeJobs shows, and what it leaves out (spec section 11.1)."""

import re

ALWAYS = {
    "jobArn", "jobName", "jobId", "jobQueue", "status", "attempts", "createdAt", "dependsOn", "jobDefinition",
    "parameters", "tags", "platformCapabilities", "eksAttempts", "container",
}  # fmt: skip
CONTAINER_ALWAYS = {
    "image", "command", "volumes", "environment", "mountPoints", "ulimits", "networkInterfaces",
    "resourceRequirements", "secrets",
}  # fmt: skip
PLACED = {"containerInstanceArn", "taskArn"}
BIG = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ARN = "arn:aws:batch:us-east-1:000000000000"


def nulls(value, path="job"):
    """The paths of all nulls."""
    if value is None:
        return [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in pairs for found in nulls(each, f"{path}.{key}")]


def test_job_that_waits_has_just_what_is_always_there(jobs):
    """DSC-2, DSC-3, ID-1, ID-4, WIRE-6, WIRE-7."""
    job = jobs.shell("true", containerOverrides=dict(BIG))
    detail = jobs.wait(job, "RUNNABLE")
    reason = {"statusReason"} & set(detail)  # ST-8: a diagnosis may come
    assert set(detail) - reason == ALWAYS
    assert re.fullmatch(UUID, job)
    assert detail["jobArn"] == f"{ARN}:job/{job}"
    assert detail["jobQueue"] == f"{ARN}:job-queue/default"
    assert detail["jobDefinition"] == f"{ARN}:job-definition/host:1"
    empty = {name: detail[name] for name in ("attempts", "dependsOn", "parameters", "tags", "eksAttempts")}
    assert empty == {"attempts": [], "dependsOn": [], "parameters": {}, "tags": {}, "eksAttempts": []}
    assert detail["platformCapabilities"] == []
    assert type(detail["createdAt"]) is int and detail["createdAt"] > 1_600_000_000_000
    container = detail["container"]
    assert set(container) == CONTAINER_ALWAYS
    assert container["resourceRequirements"] == [
        {"type": "VCPU", "value": "1000"},
        {"type": "MEMORY", "value": "512"},
    ] or sorted(need["type"] for need in container["resourceRequirements"]) == ["MEMORY", "VCPU"]
    assert nulls(detail) == []
    jobs.batch.terminate_job(jobId=job, reason="done")


def test_job_that_runs_has_a_start_a_task_and_a_log(jobs, tmp_path):
    """DSC-3, ST-3, ST-7: and no attempt yet."""
    gate = tmp_path / "gate"
    job = jobs.shell(f"until test -e {gate}; do sleep 0.05; done")
    detail = jobs.wait(job, "RUNNING")
    assert set(detail) == ALWAYS | {"startedAt"}
    assert set(detail["container"]) == CONTAINER_ALWAYS | PLACED | {"logStreamName"}
    assert detail["attempts"] == []
    task = detail["container"]["taskArn"]
    cluster = r"AWSBatch-default-[0-9a-f-]{36}"  # DSC-6
    assert re.fullmatch(rf"arn:aws:ecs:us-east-1:000000000000:task/{cluster}/[0-9a-f]{{32}}", task)
    instance = detail["container"]["containerInstanceArn"]
    assert re.fullmatch(rf"arn:aws:ecs:us-east-1:000000000000:container-instance/{cluster}/[0-9a-f]{{32}}", instance)
    assert detail["container"]["logStreamName"] == f"host/default/{task.rpartition('/')[2]}"  # LOG-1
    gate.touch()
    jobs.succeed(job)


def test_job_that_has_ended_has_its_attempt(jobs):
    """DSC-2, DSC-4."""
    detail = jobs.succeed(jobs.shell("true"))
    assert set(detail) == ALWAYS | {"statusReason", "startedAt", "stoppedAt"}
    assert set(detail["container"]) == CONTAINER_ALWAYS | PLACED | {"logStreamName", "exitCode"}
    (attempt,) = detail["attempts"]
    assert set(attempt) == {"container", "startedAt", "stoppedAt", "statusReason"}
    assert set(attempt["container"]) == PLACED | {"exitCode", "logStreamName", "networkInterfaces"}
    assert (attempt["startedAt"], attempt["stoppedAt"]) == (detail["startedAt"], detail["stoppedAt"])
    assert nulls(detail) == []


def test_what_was_asked_for_is_echoed(jobs, batch):
    """RES-2, RES-3: merged, and the command after substitution."""
    batch.register_job_definition(
        jobDefinitionName="echoed",
        type="container",
        parameters={"word": "default", "other": "kept"},
        propagateTags=True,
        retryStrategy={"attempts": 2},
        timeout={"attemptDurationSeconds": 100},
        containerProperties={
            "image": "host",
            "command": ["echo", "Ref::word"],
            "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
        },
    )
    job = jobs.submit(
        jobDefinition="echoed",
        parameters={"word": "hello"},
        tags={"colour": "blue"},
        timeout={"attemptDurationSeconds": 200},
        containerOverrides={
            "environment": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}],
            "resourceRequirements": [{"type": "MEMORY", "value": "128"}],
        },
    )
    detail = jobs.succeed(job)
    assert jobs.output(detail) == ["hello"]
    container = detail["container"]
    assert container["command"] == ["echo", "hello"]
    assert detail["parameters"] == {"word": "hello", "other": "kept"}
    assert {entry["name"]: entry["value"] for entry in container["environment"]} == {"A": "1", "B": "3", "C": "4"}
    needs = {entry["type"]: entry["value"] for entry in container["resourceRequirements"]}
    assert needs == {"VCPU": "1", "MEMORY": "128"}
    assert detail["tags"] == {"colour": "blue"}
    assert detail["propagateTags"] is True
    assert detail["timeout"] == {"attemptDurationSeconds": 200}
    assert detail["retryStrategy"] == {"attempts": 2, "evaluateOnExit": []}


def test_array_and_children_show_their_sides(jobs):
    """ARR-6 to ARR-9."""
    array = jobs.array(3, "true", tags={"a": "b"})
    parent = jobs.succeed(array)
    properties = parent["arrayProperties"]
    assert properties["size"] == 3 and "index" not in properties
    assert properties["statusSummary"] == {
        "SUBMITTED": 0, "PENDING": 0, "RUNNABLE": 0, "STARTING": 0, "RUNNING": 0, "SUCCEEDED": 3, "FAILED": 0,
    }  # fmt: skip
    assert parent["attempts"] == [] and set(parent["container"]) == CONTAINER_ALWAYS
    child = jobs.describe(f"{array}:2")
    assert child["arrayProperties"] == {"index": 2, "statusSummary": {}}
    assert child["jobArn"] == f"{ARN}:job/{array}:2"
    assert child["tags"] == {}
    starts = [jobs.describe(f"{array}:{index}") for index in range(3)]
    if "startedAt" in parent:  # ARR-10
        assert parent["startedAt"] == min(start["startedAt"] for start in starts)
    assert parent["stoppedAt"] >= max(start["stoppedAt"] for start in starts)


def test_unknown_ids_are_left_out_and_the_rest_comes_in_order(jobs, batch):
    """DSC-1, ARR-11, PAGE-3."""
    first, second, array = jobs.shell("true"), jobs.shell("true"), jobs.array(2, "true")
    asked = [second, "nonsense", f"{array}:2", first, "00000000-0000-4000-8000-000000000000", f"{array}:1"]
    jobs.succeed(array)
    found = [job["jobId"] for job in batch.describe_jobs(jobs=asked)["jobs"]]
    assert found == [second, first, f"{array}:1"]


def test_more_than_100_ids_are_refused(batch):
    """PAGE-4."""
    try:
        batch.describe_jobs(jobs=[str(number) for number in range(101)])
    except batch.exceptions.ClientException as error:
        assert "Maximum number of jobs supported is  100" in str(error)
    else:
        raise AssertionError("101 ids were accepted")
