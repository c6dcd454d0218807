"""CancelJobs and TerminateJobs (spec section 10.3)."""

import pytest
from botocore.exceptions import ClientError

UNKNOWN = "00000000-0000-4000-8000-000000000000"
UNTIL = "until test -e {}; do sleep 0.05; done"
TOO_BIG = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}


@pytest.fixture(params=["cancel_jobs", "terminate_jobs"])
def end(request, batch):
    """Both operations; gives `successful` and `errors` of the answer."""

    def end(*ids, reason="no more"):
        answer = getattr(batch, request.param)(jobs=list(ids), reason=reason)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        return answer["successful"], answer["errors"]

    return end


def waiting(jobs):
    return jobs.shell("true", containerOverrides=dict(TOO_BIG))


def test_fifty_waiting_jobs_are_ended(jobs, end):
    """BULK-1, CAN-1: each like by its own request."""
    ids = [waiting(jobs) for _ in range(50)]
    assert end(*ids) == (ids, [])
    for job in ids:
        detail = jobs.fail(job)
        assert (detail["statusReason"], detail["attempts"]) == ("no more", [])
        assert [flag for flag in ("isCancelled", "isTerminated") if detail.get(flag)] != []


def test_cancel_jobs_leaves_running_jobs_and_terminate_jobs_does_not(jobs, batch, tmp_path):
    """BULK-1, CAN-1, TER-1."""
    gate = tmp_path / "gate"
    first, second = (jobs.shell(UNTIL.format(gate)) for _ in range(2))
    for job in (first, second):
        jobs.wait(job, "RUNNING")
    assert batch.cancel_jobs(jobs=[first, second], reason="no")["successful"] == [first, second]
    assert batch.terminate_jobs(jobs=[second], reason="stop")["successful"] == [second]
    detail = jobs.fail(second)
    assert (detail["statusReason"], detail["isTerminated"]) == ("stop", True)
    gate.touch()
    assert "isCancelled" not in jobs.succeed(first)


def test_arrays_and_children_are_ended(jobs, end):
    """BULK-1, CAN-3: by the array's id, or child by child."""
    array, other = (jobs.array(3, "true", containerOverrides={"command": ["true"], **TOO_BIG}) for _ in range(2))
    jobs.wait(f"{array}:0", "RUNNABLE")
    jobs.wait(f"{other}:2", "RUNNABLE")
    named = [array, f"{other}:1"]
    assert end(*named) == (named, [])
    jobs.fail(array)
    jobs.fail(f"{other}:1")
    assert jobs.status(f"{other}:0") == "RUNNABLE"
    end(other)
    jobs.fail(other)


def test_malformed_ids_are_errors_beside_the_success_of_others(jobs, end):
    """BULK-1, ERR-10: 200, and what can be ended is ended."""
    job = waiting(jobs)
    successful, errors = end("what", job, f"{job}:x")
    assert successful == [job]
    assert [(error["job"], error["code"]) for error in errors] == [
        ("what", "ValidationException"),
        (f"{job}:x", "ValidationException"),
    ]
    assert all(error["job"] in error["message"] for error in errors)
    jobs.fail(job)


def test_only_malformed_ids_are_only_errors(end):
    """ERR-10: 200 even if all fail; both lists are there."""
    successful, errors = end("what", "")
    assert (successful, len(errors)) == ([], 2)


def test_unknown_and_ended_jobs_succeed(jobs, end):
    """BULK-1, IDEM-4: and what has ended stays as it is."""
    job = jobs.shell("true")
    before = jobs.succeed(job)
    assert end(UNKNOWN, job, f"{UNKNOWN}:3") == ([UNKNOWN, job, f"{UNKNOWN}:3"], [])
    assert jobs.describe(job) == before


def test_no_job_is_nothing_to_do(end):
    """BULK-1: both lists are there all the same."""
    assert end() == ([], [])


def test_request_that_is_too_large_is_refused_whole(jobs, end):
    """BULK-1, TER-2: 51 jobs, or a reason of 1025 characters; nothing is ended."""
    job = waiting(jobs)
    for ids, reason in [([job] * 51, "no"), ([job], "x" * 1025)]:
        with pytest.raises(ClientError) as error:
            end(*ids, reason=reason)
        assert error.value.response["Error"]["Code"] == "ClientException"
    assert jobs.status(job) == "RUNNABLE"
    assert end(job, reason="x" * 1024) == ([job], [])
    assert jobs.fail(job)["statusReason"] == "x" * 1024
