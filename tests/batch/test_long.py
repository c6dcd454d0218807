"""What takes over half a minute by its rules: timeouts and SIGKILL after the grace period. See tests/long_jobs.py."""

import pytest
from jobs import Jobs, exit_codes

pytestmark = pytest.mark.long
TIMED_OUT = "Job attempt duration exceeded timeout"


@pytest.fixture(scope="module")
def ended(long_server, long_jobs):
    """A long job by name, once it has ended."""
    jobs = Jobs(long_server)
    return lambda name: (jobs, jobs.fail(long_jobs[name], timeout=110))


def test_sigterm_ignored_ends_by_sigkill_after_the_grace(ended):
    """TER-1, TER-3, STOP-1: 137, the caller's reason, no retry."""
    _, detail = ended("terminated, deaf")
    assert exit_codes(detail) == [137]
    assert detail["statusReason"] == detail["attempts"][0]["statusReason"] == "enough"
    assert detail["isTerminated"] is True
    assert 29_000 <= detail["stoppedAt"] - detail["startedAt"] <= 45_000


def test_timeout_ends_the_attempt_and_is_not_retried(ended):
    """TMO-1, TMO-2, RTY-3: SIGTERM at 60 s; three attempts were allowed."""
    jobs, detail = ended("times out")
    assert detail["statusReason"] == detail["attempts"][0]["statusReason"] == TIMED_OUT
    assert exit_codes(detail) == [143]
    assert jobs.output(detail)[-1] == "asked to stop"
    assert 60_000 <= detail["stoppedAt"] - detail["startedAt"] <= 75_000
    assert detail["timeout"] == {"attemptDurationSeconds": 60}


def test_timeout_with_sigterm_ignored_ends_by_sigkill(ended):
    """TMO-2: 60 s and then the grace of 30 s."""
    _, detail = ended("times out, deaf")
    assert exit_codes(detail) == [137]
    assert detail["statusReason"] == TIMED_OUT
    assert 89_000 <= detail["stoppedAt"] - detail["startedAt"] <= 110_000


def test_each_child_and_each_attempt_has_a_timer_of_its_own(ended):
    """TMO-1, TMO-3, RTY-3: the child that failed after ten seconds has its whole minute again."""
    jobs, parent = ended("array times out")
    assert parent["statusReason"] == "Array Child Job failed"
    first, second = (jobs.describe(f"{parent['jobId']}:{index}") for index in range(2))
    assert [first["statusReason"], second["statusReason"]] == [TIMED_OUT] * 2
    assert (exit_codes(first), exit_codes(second)) == ([143], [1, 143])
    for child in (first, second):
        last = child["attempts"][-1]
        assert 60_000 <= last["stoppedAt"] - last["startedAt"] <= 75_000


def test_timeout_of_a_multi_node_job_ends_every_node(ended):
    """MNP-11, TMO-1: the job's minute is the main node's; none outlives it, and none is started again."""
    jobs, job = ended("nodes time out")
    assert (job["statusReason"], len(job["attempts"])) == (TIMED_OUT, 1)
    main, other = (jobs.describe(f"{job['jobId']}#{index}") for index in range(2))
    assert 60_000 <= main["stoppedAt"] - main["startedAt"] <= 75_000
    assert main["stoppedAt"] <= other["stoppedAt"] <= main["stoppedAt"] + 15_000
    assert (exit_codes(main), exit_codes(other)) == ([143], [143])
