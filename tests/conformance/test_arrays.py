"""Arrays at their bounds, and what depends on them: checklist items 4 and 5."""

import pytest
from waiting import wait_for

UNTIL = "until test -e {}; do sleep 0.05; done"
TOO_BIG = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}
SUMMARY = {"SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"}


def test_smallest_array_has_two_children(jobs):
    """ARR-1, ARR-11."""
    array = jobs.array(2, "true")
    assert jobs.succeed(array)["arrayProperties"]["size"] == 2
    children = jobs.batch.describe_jobs(jobs=[f"{array}:{index}" for index in range(3)])["jobs"]
    assert [child["jobId"] for child in children] == [f"{array}:0", f"{array}:1"]


def test_ten_thousand_children_wait_and_are_ended(jobs, batch):
    """ARR-1, ARR-2, ARR-4, ARR-7: none of them ran; the counters always add up to the size."""
    array = jobs.array(10_000, "true", containerOverrides={"command": ["true"], **TOO_BIG})
    wait_for("the children", lambda: jobs.describe(array)["arrayProperties"]["statusSummary"].get("RUNNABLE") == 10_000)
    parent = jobs.describe(array)
    assert (parent["status"], set(parent["arrayProperties"]["statusSummary"])) == ("PENDING", SUMMARY)
    assert sum(parent["arrayProperties"]["statusSummary"].values()) == 10_000
    assert jobs.status(f"{array}:9999") == "RUNNABLE"
    assert "statusSummaryLastUpdatedAt" in parent["arrayProperties"]
    batch.terminate_job(jobId=array, reason="enough")
    parent = jobs.fail(array)
    assert parent["arrayProperties"]["statusSummary"]["FAILED"] == 10_000


@pytest.mark.parametrize("size", [1, -1])
def test_no_array_has_fewer_than_two(jobs, batch, size):
    """SUB-8."""
    with pytest.raises(batch.exceptions.ClientException):
        jobs.array(size, "true")


def test_parent_waits_for_its_dependencies_before_any_child_is_there(jobs, tmp_path):
    """ARR-5, ARR-2, DEP-10: then the children run, created when they were spawned."""
    gate = tmp_path / "gate"
    first = jobs.shell(UNTIL.format(gate))
    array = jobs.array(2, "true", dependsOn=[{"jobId": first}])
    parent = jobs.wait(array, "PENDING")
    assert parent["arrayProperties"]["statusSummary"].get("RUNNABLE", 0) == 0
    gate.touch()
    jobs.succeed(array)
    ended = jobs.describe(first)["stoppedAt"]
    assert jobs.describe(f"{array}:0")["startedAt"] >= ended


def test_times_of_a_parent_span_those_of_its_children(jobs):
    """ARR-10, ARR-9: and it has no attempt of its own."""
    array = jobs.array(3, "sleep 0.$AWS_BATCH_JOB_ARRAY_INDEX")
    parent = jobs.succeed(array)
    children = [jobs.describe(f"{array}:{index}") for index in range(3)]
    assert parent["stoppedAt"] >= max(child["stoppedAt"] for child in children)
    assert parent.get("startedAt", parent["createdAt"]) <= min(child["startedAt"] for child in children)
    assert parent["attempts"] == []


def test_parent_is_never_listed_as_what_only_children_are(jobs, batch):
    """ARR-2, LST-7, LST-8: not among what is RUNNABLE or RUNNING."""
    array = jobs.array(2, "true", containerOverrides={"command": ["true"], **TOO_BIG})
    jobs.wait(f"{array}:1", "RUNNABLE")
    for status in ("RUNNABLE", "STARTING", "RUNNING"):
        listed = batch.list_jobs(jobQueue="default", jobStatus=status)["jobSummaryList"]
        assert array not in [job["jobId"] for job in listed]
    assert array in [job["jobId"] for job in batch.list_jobs(jobQueue="default", jobStatus="PENDING")["jobSummaryList"]]
    children = batch.list_jobs(arrayJobId=array, jobStatus="RUNNABLE")["jobSummaryList"]
    assert sorted(child["arrayProperties"]["index"] for child in children) == [0, 1]
    batch.terminate_job(jobId=array, reason="seen")
    jobs.fail(array)


def test_cancelled_parent_cancels_what_waits(jobs, batch):
    """CAN-3, ARR-4, TER-3: not retried, whatever the strategy."""
    array = jobs.array(
        3, "true", containerOverrides={"command": ["true"], **TOO_BIG}, retryStrategy={"attempts": 4}
    )
    jobs.wait(f"{array}:2", "RUNNABLE")
    batch.cancel_job(jobId=array, reason="no more")
    jobs.fail(array)
    children = [jobs.describe(f"{array}:{index}") for index in range(3)]
    assert [(child["status"], child["statusReason"], child["attempts"]) for child in children] == [("FAILED", "no more", [])] * 3


def test_tagging_a_child_is_refused(jobs, batch):
    """ARR-8, TAG-2."""
    array = jobs.array(2, "true", tags={"a": "b"})
    jobs.succeed(array)
    arn = jobs.describe(f"{array}:0")["jobArn"]
    with pytest.raises(batch.exceptions.ClientException, match="child jobs of array and MNP jobs"):
        batch.tag_resource(resourceArn=arn, tags={"c": "d"})


def test_sequential_with_an_id_is_an_ordinary_dependency(jobs, tmp_path):
    """DEP-8."""
    gate = tmp_path / "gate"
    first = jobs.shell(UNTIL.format(gate))
    second = jobs.shell("true", dependsOn=[{"jobId": first, "type": "SEQUENTIAL"}])
    jobs.wait(second, "PENDING")
    gate.touch()
    jobs.succeed(second)


def test_dependency_reaches_across_queues(jobs, batch):
    """DEP-5, DEP-9: ids are given at submission, so a job can only depend on an earlier one."""
    order = [{"order": 1, "computeEnvironment": "default"}]
    batch.create_job_queue(jobQueueName="other-queue", priority=1, computeEnvironmentOrder=order)
    first = jobs.shell("sleep 0.2", jobQueue="other-queue")
    second = jobs.succeed(jobs.shell("true", dependsOn=[{"jobId": first}]))
    assert second["startedAt"] >= jobs.describe(first)["stoppedAt"]


def test_twenty_dependencies_are_all_waited_for(jobs):
    """DEP-1, SUB-7."""
    firsts = [jobs.shell("sleep 0.1") for _ in range(20)]
    last = jobs.succeed(jobs.shell("true", dependsOn=[{"jobId": job} for job in firsts]))
    assert [each["jobId"] for each in last["dependsOn"]] == firsts
    assert all(jobs.status(job) == "SUCCEEDED" for job in firsts)


def test_n_to_n_needs_two_arrays(jobs, batch):
    """DEP-7: not a plain job, on either side."""
    plain, array = jobs.shell("true"), jobs.array(2, "true")
    for request in ({"jobId": plain, "type": "N_TO_N"},):
        with pytest.raises(batch.exceptions.ClientException):
            jobs.array(2, "true", dependsOn=[request])
    with pytest.raises(batch.exceptions.ClientException):
        jobs.shell("true", dependsOn=[{"jobId": array, "type": "N_TO_N"}])
    jobs.succeed(plain), jobs.succeed(array)


def test_n_to_n_child_whose_partner_failed_fails_alone(jobs):
    """DEP-7, DEP-2, ARR-3."""
    first = jobs.array(3, "test $AWS_BATCH_JOB_ARRAY_INDEX != 1")
    second = jobs.array(3, "true", dependsOn=[{"jobId": first, "type": "N_TO_N"}])
    jobs.fail(first)
    assert jobs.fail(second)["statusReason"] == "Array Child Job failed"
    ends = [jobs.describe(f"{second}:{index}") for index in range(3)]
    assert [end["status"] for end in ends] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
    assert ends[1]["statusReason"] == "Dependent Job failed"
