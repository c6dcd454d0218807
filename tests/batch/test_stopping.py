"""CancelJob and TerminateJob in each state (spec section 10)."""

import pytest
from jobs import exit_codes
from waiting import wait_for

UNTIL = "until test -e {}; do sleep 0.05; done"
TOO_BIG = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}


@pytest.fixture(params=["cancel_job", "terminate_job"])
def end(request, batch):
    """Both operations do the same to what has not started."""
    return getattr(batch, request.param)


def trapping(jobs, handler, **request):
    """A job that runs, once its handler of SIGTERM is in place."""
    job = jobs.shell(f"trap '{handler}' TERM; echo ready; while :; do sleep 0.05; done", **request)
    wait_for("the trap to be set", lambda: jobs.output(jobs.describe(job)) == ["ready"])
    return job


def test_terminate_of_a_running_job_sends_sigterm(jobs, batch):
    """TER-1, TER-3: 143, the caller's reason, no retry."""
    job = trapping(jobs, "echo stopping; exit 143", retryStrategy={"attempts": 3})
    assert batch.terminate_job(jobId=job, reason="no longer needed")["ResponseMetadata"]["HTTPStatusCode"] == 200
    detail = jobs.fail(job)
    assert exit_codes(detail) == [143]
    assert detail["statusReason"] == detail["attempts"][0]["statusReason"] == "no longer needed"
    assert detail["isTerminated"] is True
    # In between the shell may remark that its own child got the signal, too.
    assert (jobs.output(detail)[0], jobs.output(detail)[-1]) == ("ready", "stopping")


def test_terminate_reaches_the_whole_process_group(jobs, batch):
    """STOP-1: also what the job's own shell started."""
    import processes

    job = jobs.shell("sleep 300 & echo $!; wait")
    (pid,) = wait_for("the job's child", lambda: jobs.output(jobs.describe(job)))
    batch.terminate_job(jobId=job, reason="stop")
    jobs.fail(job)
    assert not processes.alive(pid)


def test_terminated_job_that_exits_with_0_has_failed_all_the_same(jobs, batch):
    """TER-1: terminating ends in FAILED."""
    job = trapping(jobs, "exit 0")
    batch.terminate_job(jobId=job, reason="stop")
    assert exit_codes(jobs.fail(job)) == [0]


def test_cancel_of_a_running_job_changes_nothing(jobs, batch, tmp_path):
    """CAN-1: 200, and it runs on to success."""
    gate = tmp_path / "gate"
    job = jobs.shell(UNTIL.format(gate))
    jobs.wait(job, "RUNNING")
    batch.cancel_job(jobId=job, reason="too late")
    gate.touch()
    detail = jobs.succeed(job)
    assert "isCancelled" not in detail


def test_runnable_job_is_ended_at_once(jobs, end):
    """CAN-1, ST-3: no attempt, no start; stopped now."""
    job = jobs.shell("true", containerOverrides=dict(TOO_BIG))
    jobs.wait(job, "RUNNABLE")
    end(jobId=job, reason="never mind")
    detail = jobs.fail(job)
    assert detail["statusReason"] == "never mind"
    assert detail["attempts"] == [] and "startedAt" not in detail and "stoppedAt" in detail
    flags = [flag for flag in ("isCancelled", "isTerminated") if detail.get(flag)]
    assert len(flags) == 1


def test_pending_job_is_ended_before_its_dependency(jobs, end, tmp_path):
    """CAN-2 with Longshore's default: at once; the dependency goes on."""
    gate, file = tmp_path / "gate", tmp_path / "file"
    first = jobs.shell(UNTIL.format(gate))
    second = jobs.shell(f"touch {file}", dependsOn=[{"jobId": first}])
    jobs.wait(second, "PENDING")
    end(jobId=second, reason="no")
    assert jobs.fail(second)["statusReason"] == "no"
    gate.touch()
    jobs.succeed(first)
    assert not file.exists()


def test_pending_job_under_aws_limits_ends_after_its_dependency(server, tmp_path):
    """CAN-2 as AWS does it: flagged first, FAILED when the dependencies have ended."""
    from jobs import Jobs

    jobs = Jobs(server("--aws-limits"))
    gate, file = tmp_path / "gate", tmp_path / "file"
    first = jobs.shell(UNTIL.format(gate))
    second = jobs.shell(f"touch {file}", dependsOn=[{"jobId": first}])
    jobs.batch.terminate_job(jobId=second, reason="no")
    flagged = jobs.describe(second)
    assert (flagged["status"], flagged["isTerminated"]) == ("PENDING", True)
    gate.touch()
    assert jobs.fail(second)["statusReason"] == "no"
    assert not file.exists()


@pytest.mark.parametrize("ending", ["SUCCEEDED", "FAILED"])
def test_ended_job_stays_as_it_is(jobs, end, ending):
    """IDEM-4: 200 and no change."""
    job = jobs.shell("true" if ending == "SUCCEEDED" else "false")
    before = jobs.wait(job)
    end(jobId=job, reason="late")
    assert jobs.describe(job) == before
    assert before["status"] == ending


def test_unknown_job_is_answered_like_any_other(end):
    """A15."""
    end(jobId="00000000-0000-4000-8000-000000000000", reason="whoever you are")


def test_terminate_of_an_array_ends_all_children(jobs, batch):
    """ARR-4: those that run and those that wait, and then the parent."""
    array = jobs.array(3, "sleep 300", dependsOn=[{"type": "SEQUENTIAL"}])
    jobs.wait(f"{array}:0", "RUNNING")
    batch.terminate_job(jobId=array, reason="all of you")
    parent = jobs.fail(array)
    assert parent["statusReason"] == "all of you"
    children = [jobs.describe(f"{array}:{index}") for index in range(3)]
    assert [child["status"] for child in children] == ["FAILED"] * 3
    assert {child["statusReason"] for child in children} == {"all of you"}
    assert exit_codes(children[0]) == [143]


def test_cancel_of_an_array_leaves_running_children_alone(jobs, batch, tmp_path):
    """CAN-3: the parent ends when all are done."""
    gate = tmp_path / "gate"
    array = jobs.array(3, UNTIL.format(gate), dependsOn=[{"type": "SEQUENTIAL"}])
    jobs.wait(f"{array}:0", "RUNNING")
    batch.cancel_job(jobId=array, reason="no more")
    jobs.fail(f"{array}:2")
    assert jobs.status(f"{array}:0") == "RUNNING"
    gate.touch()
    jobs.fail(array)
    assert [jobs.status(f"{array}:{index}") for index in range(3)] == ["SUCCEEDED", "FAILED", "FAILED"]


def test_terminate_of_one_child_leaves_its_siblings_alone(jobs, batch, tmp_path):
    """ARR-4: but the parent is doomed."""
    gate = tmp_path / "gate"
    array = jobs.array(2, UNTIL.format(gate))
    jobs.wait(f"{array}:1", "RUNNING")
    batch.terminate_job(jobId=f"{array}:1", reason="you alone")
    assert jobs.fail(f"{array}:1")["statusReason"] == "you alone"
    gate.touch()
    jobs.succeed(f"{array}:0")
    assert jobs.fail(array)["statusReason"] == "Array Child Job failed"


def test_reason_is_required_and_at_most_1024_characters(batch, jobs, tmp_path):
    """TER-2."""
    gate = tmp_path / "gate"
    job = jobs.shell(UNTIL.format(gate))
    with pytest.raises(batch.exceptions.ClientException):
        batch.terminate_job(jobId=job, reason="x" * 1025)
    gate.touch()
    jobs.succeed(job)
