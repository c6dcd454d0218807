"""Exit codes, reasons and retries on real exits (spec table 4.1, section 5)."""

import pytest
from jobs import exit_codes

EXITED = "Essential container in task exited"


def retry(attempts, *entries):
    return {"attempts": attempts, "evaluateOnExit": list(entries)}


@pytest.mark.parametrize("script, code", [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -15 $$", 143)])
def test_exit_gives_code_and_reason(jobs, script, code):
    """Table 4.1: any exit, also success, has the same reason and no container reason."""
    detail = jobs.wait(jobs.shell(script))
    assert detail["status"] == ("SUCCEEDED" if code == 0 else "FAILED")
    assert detail["statusReason"] == EXITED
    (attempt,) = detail["attempts"]
    for container in (detail["container"], attempt["container"]):
        assert container["exitCode"] == code
        assert "reason" not in container
    assert attempt["statusReason"] == EXITED
    assert detail["createdAt"] <= detail["startedAt"] <= detail["stoppedAt"]


def test_program_missing_fails_to_start_and_says_which(jobs):
    """Table 4.1: no exit code; the reason carries Docker's prefix and the program's name."""
    detail = jobs.fail(jobs.submit("/no/such/program"))
    assert detail["statusReason"] == "Task failed to start"
    container = detail["attempts"][0]["container"]
    assert "exitCode" not in container
    assert container["reason"].startswith("CannotStartContainerError: ")
    assert "/no/such/program" in container["reason"]


def test_failure_is_retried_until_it_succeeds(jobs, tmp_path):
    """RTY-1, RTY-2, ST-7, LOG-3: attempts count from 1, each with a log of its own."""
    script = 'echo "attempt $AWS_BATCH_JOB_ATTEMPT"; test $AWS_BATCH_JOB_ATTEMPT = 3'
    job = jobs.shell(script, retryStrategy={"attempts": 5})
    detail = jobs.succeed(job)
    assert exit_codes(detail) == [1, 1, 0]
    streams = [attempt["container"]["logStreamName"] for attempt in detail["attempts"]]
    assert len(set(streams)) == 3
    assert [jobs.lines(stream) for stream in streams] == [[f"attempt {number}"] for number in (1, 2, 3)]
    assert detail["container"]["logStreamName"] == streams[-1]
    assert detail["retryStrategy"] == {"attempts": 5, "evaluateOnExit": []}  # RTY-9


def test_attempts_are_used_up_and_the_job_fails(jobs):
    """RTY-1."""
    detail = jobs.fail(jobs.shell("exit 9", retryStrategy={"attempts": 3}))
    assert exit_codes(detail) == [9, 9, 9]


@pytest.mark.parametrize(
    "code, entries, codes",
    [
        (4, [{"onExitCode": "4", "action": "EXIT"}], [4]),
        (4, [{"onExitCode": "5", "action": "EXIT"}], [4, 4, 4]),  # no entry matches: RETRY
        (41, [{"onExitCode": "4*", "action": "exit"}], [41]),  # WIRE-9: any case
        (4, [{"onExitCode": "4", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}], [4, 4, 4]),
        (5, [{"onExitCode": "4", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}], [5]),  # A4
        (4, [{"onStatusReason": "Essential*", "onExitCode": "4", "action": "EXIT"}], [4]),
        (4, [{"onStatusReason": "Host EC2*", "onExitCode": "4", "action": "EXIT"}], [4, 4, 4]),  # every condition
    ],
)
def test_evaluate_on_exit_decides_by_the_first_match(jobs, code, entries, codes):
    """RTY-4, RTY-6, RTY-7."""
    detail = jobs.fail(jobs.shell(f"exit {code}", retryStrategy=retry(3, *entries)))
    assert exit_codes(detail) == codes
    assert detail["retryStrategy"]["evaluateOnExit"] == entries


def test_start_failure_is_retried_by_its_reason(jobs):
    """RTY-6: onReason sees the container's reason."""
    entries = [{"onReason": "CannotStartContainerError:*", "action": "RETRY"}, {"onExitCode": "*", "action": "EXIT"}]
    detail = jobs.fail(jobs.submit("/no/such/program", retryStrategy=retry(2, *entries)))
    assert len(detail["attempts"]) == 2


def test_children_are_retried_each_for_itself(jobs):
    """RTY-10, ARR-4."""
    script = "test $AWS_BATCH_JOB_ARRAY_INDEX != 1 || test $AWS_BATCH_JOB_ATTEMPT = 2"
    array = jobs.array(3, script, retryStrategy={"attempts": 2})
    jobs.succeed(array)
    assert [exit_codes(jobs.describe(f"{array}:{index}")) for index in range(3)] == [[0], [1, 0], [0]]


def test_array_with_a_failed_child_fails_only_when_all_have_ended(jobs, tmp_path):
    """ARR-2, ARR-3, ARR-7."""
    gate = tmp_path / "gate"
    array = jobs.array(3, f"test $AWS_BATCH_JOB_ARRAY_INDEX = 0 && exit 1; until test -e {gate}; do sleep 0.05; done")
    jobs.fail(f"{array}:0")
    parent = jobs.describe(array)
    assert parent["status"] == "PENDING"
    assert sum(parent["arrayProperties"]["statusSummary"].values()) == 3
    gate.touch()
    parent = jobs.fail(array)
    assert parent["statusReason"] == "Array Child Job failed"
    summary = parent["arrayProperties"]["statusSummary"]
    assert (summary["SUCCEEDED"], summary["FAILED"], sum(summary.values())) == (2, 1, 3)
    assert parent["attempts"] == []


def test_children_left_behind_by_a_job_are_ended_with_it(jobs, shared):
    """A job is over when its first process is: what it left in the background does not stay."""
    job = jobs.shell("sleep 300 & echo $!")
    (pid,) = jobs.output(jobs.succeed(job))
    import processes

    assert not processes.alive(pid)
