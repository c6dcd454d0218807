"""Events: what happens to jobs, in the form of Amazon EventBridge (spec section 24)."""

import contextlib
import json
import re
import subprocess

import pytest
from jobs import Jobs
from waiting import wait_for

ARN = "arn:aws:batch:us-east-1:000000000000"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
CHANGE, BLOCKED = "Batch Job State Change", "Batch Job Queue Blocked"
WHOLE = ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
TOO_BIG = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}


def events(server, *words):
    done = server.run("events", "--json", *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def statuses(found, job):
    """What was told of a job or child, in the order in which it was told."""
    changes = [event["detail"] for event in found if event["detail-type"] == CHANGE]
    return [detail["status"] for detail in changes if detail["jobId"] == job]


@contextlib.contextmanager
def following(server, tmp_path, *words, name="followed"):
    """`longshore events -f`; gives a function that reads what it has printed so far."""
    output = tmp_path / name
    command = [str(word) for word in [server.program, "events", "-f", "--json", *words]]
    with output.open("wb") as file:
        process = subprocess.Popen(command, env=server.environment(), stdout=file)
        try:
            # A line that is being written has no end yet.
            yield lambda: [json.loads(line) for line in output.read_text().split("\n")[:-1]]
        finally:
            assert process.poll() is None, "it follows until it is told to stop"
            process.kill()
            process.wait()


def test_every_transition_is_told_once_but_not_the_submission(shared, jobs):
    """EV-1, ST-2: also the return to RUNNABLE for a retry."""
    whole, failing = jobs.shell("true"), jobs.shell("exit 3", retryStrategy={"attempts": 2})
    jobs.succeed(whole)
    jobs.fail(failing)
    found = events(shared)
    assert statuses(found, whole) == WHOLE
    assert statuses(found, failing) == [*WHOLE[:3], *WHOLE[:3], "FAILED"]
    assert {event["source"] for event in found} == {"aws.batch"}
    own = [event for event in found if event["detail"]["jobId"] == whole]
    assert [event["resources"] for event in own] == [[f"{ARN}:job/{whole}"]] * 4


def test_job_is_shown_as_it_was_then(shared, jobs):
    """EV-1, EV-2: the last event is what DescribeJobs says, but for what only events have."""
    job = jobs.shell("exit 3", tags={"team": "blue"})
    detail = jobs.fail(job)
    first, *_, last = [event["detail"] for event in events(shared, "--job", job)]
    assert "startedAt" not in first and first["attempts"] == []
    expected = {**detail, "propagateTags": False, "tags": {"team": "blue", "resourceArn": f"{ARN}:job/{job}"}}
    assert last == expected
    assert last["container"]["exitCode"] == 3 and last["eksAttempts"] == []


def test_children_are_told_of_and_name_their_array(shared, jobs):
    """EV-1, EV-2: `arrayProperties` and the tag `resourceArn` of children."""
    job = jobs.array(2, 'exit "$AWS_BATCH_JOB_ARRAY_INDEX"')
    jobs.fail(job)
    found = events(shared, "--job", job)
    assert statuses(found, job) == ["PENDING", "FAILED"]
    assert statuses(found, f"{job}:0") == WHOLE
    assert statuses(found, f"{job}:1") == [*WHOLE[:3], "FAILED"]
    child = found[-2]
    assert child["resources"] == [f"{ARN}:job/{child['detail']['jobId']}"]
    assert child["detail"]["tags"] == {"resourceArn": f"{ARN}:job/{job}"}
    index = int(child["detail"]["jobId"].rpartition(":")[2])
    assert child["detail"]["arrayProperties"] == {"index": index, "statusSummary": {}}
    summary = found[-1]["detail"]["arrayProperties"]["statusSummary"]
    assert (summary["SUCCEEDED"], summary["FAILED"]) == (1, 1)
    only = events(shared, "--job", f"{job}:1")
    assert statuses(only, f"{job}:1") == [*WHOLE[:3], "FAILED"] and len(only) == 4


def test_envelope_is_that_of_eventbridge(shared, jobs):
    """EV-4: and reading again gives the same."""
    job = jobs.shell("true")
    jobs.succeed(job)
    found = events(shared, "--job", job)
    for event in found:
        names = {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
        assert set(event) == names
        assert (event["version"], event["account"], event["region"]) == ("0", "000000000000", "us-east-1")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["time"])
        assert re.fullmatch(UUID, event["id"])
    assert len({event["id"] for event in found}) == 4
    assert events(shared, "--job", job) == found


def test_head_of_a_queue_that_can_never_run_is_told_of(shared, jobs):
    """EV-3, SCH-10, SCH-11: once, while it is RUNNABLE, with the queue among the resources."""
    job = jobs.shell("true", containerOverrides=dict(TOO_BIG))
    event = wait_for("the blocked queue", lambda: [e for e in events(shared, "--job", job) if e["detail-type"] == BLOCKED])[0]
    assert event["resources"] == [f"{ARN}:job/{job}", f"{ARN}:job-queue/default"]
    detail = event["detail"]
    assert detail["status"] == "RUNNABLE" and detail["statusReason"].startswith("MISCONFIGURATION:")
    assert detail["statusReason"] == jobs.describe(job)["statusReason"]
    line = [line for line in shared.run("events", "--job", job).stdout.splitlines() if "BLOCKED" in line]
    assert len(line) == 1 and detail["statusReason"] in line[0]
    jobs.batch.terminate_job(jobId=job, reason="enough")
    assert statuses(events(shared, "--job", job), job) == ["RUNNABLE", "FAILED"]


def test_queue_whose_head_has_had_to_wait_for_long_is_told_of(server, tmp_path):
    """EV-3, SCH-10: the first of those that wait, once; and a restart does not repeat it."""
    gate = tmp_path / "gate"
    running = server("--queue-blocked-after-ms", 200, vcpus=1)
    jobs = Jobs(running)
    busy = jobs.shell(f"until test -e {gate}; do sleep 0.05; done")
    jobs.wait(busy, "RUNNING")
    head, behind = jobs.shell("true"), jobs.shell("true")

    def blocked():
        return [event for event in events(running) if event["detail-type"] == BLOCKED]

    wait_for("the blocked queue", blocked)
    running.stop()
    running.start()
    gate.touch()
    jobs.succeed(behind)
    (event,) = [event for event in blocked() if event["detail"]["jobId"] == head]
    assert event["resources"] == [f"{ARN}:job/{head}", f"{ARN}:job-queue/default"]
    assert event["detail"]["status"] == "RUNNABLE"
    assert event["detail"]["statusReason"].startswith("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - ")


def matches(pattern, event):
    """An event pattern of exact values, as rules of EventBridge have them."""
    return all(
        matches(wanted, event.get(name, {})) if isinstance(wanted, dict) else event.get(name) in wanted
        for name, wanted in pattern.items()
    )


@pytest.mark.parametrize(
    "detail",
    [
        {"status": ["FAILED"]},
        {"jobQueue": [f"{ARN}:job-queue/default"]},
        {"jobName": ["patterned"]},
        {"jobDefinition": [f"{ARN}:job-definition/host:1"]},
        {"status": ["SUCCEEDED", "FAILED"], "jobQueue": [f"{ARN}:job-queue/default"], "jobName": ["patterned"]},
    ],
    ids=lambda detail: "-".join(detail),
)
def test_patterns_that_rules_use_match(shared, jobs, detail):
    """EV-5: status, queue and definition by ARN, name."""
    job = jobs.shell("false", jobName="patterned")
    jobs.fail(job)
    pattern = {"source": ["aws.batch"], "detail-type": [CHANGE], "detail": detail}
    failed = [event for event in events(shared, "--job", job) if event["detail"]["status"] == "FAILED"]
    assert [matches(pattern, event) for event in failed] == [True]
    other = {**pattern, "detail": {**detail, "jobName": ["another"]}}
    assert not any(matches(other, event) for event in failed)


def test_selection_is_by_status_queue_and_time(shared, jobs):
    """`--status`, `--queue`, `--since`."""
    job = jobs.shell("true")
    jobs.succeed(job)
    some = events(shared, "--job", job, "--status", "SUCCEEDED", "--status", "RUNNING")
    assert statuses(some, job) == ["RUNNING", "SUCCEEDED"]
    assert len(events(shared, "--job", job, "--queue", "default")) == 4
    assert events(shared, "--job", job, "--queue", "other") == []
    assert len(events(shared, "--job", job, "--since", "1h")) == 4
    assert events(shared, "--job", job, "--since", "2999-01-01T00:00:00Z") == []
    refused = shared.run("events", "--job", "nonsense")
    assert refused.returncode != 0 and "nonsense" in refused.stderr


def test_following_goes_on_across_restarts_without_gap_or_repetition(server, tmp_path):
    """EV-1: whether the server was stopped or killed; each event once, in order."""
    running = server()
    jobs = Jobs(running)
    told = []
    earlier = jobs.shell("true")
    jobs.succeed(earlier)
    with following(running, tmp_path, "--since", "1h") as followed:
        wait_for("what was before", lambda: statuses(followed(), earlier) == WHOLE)
        for end in (running.stop, running.kill):
            told += [jobs.array(20, "true"), jobs.shell("true")]
            end()
            running.start()
            told.append(jobs.shell("true"))
        for job in told:
            jobs.succeed(job)
        wait_for("the last of them", lambda: statuses(followed(), told[-1]) == WHOLE)
        wait_for("all of them", lambda: len(followed()) >= len(events(running)))
        assert followed() == events(running)
    for job in (*told[1:3], *told[4:6]):
        assert statuses(events(running), job) == WHOLE


def test_following_begins_with_what_happens_next(server, tmp_path):
    """Unless told otherwise."""
    running = server()
    jobs = Jobs(running)
    jobs.succeed(jobs.shell("true"))
    with following(running, tmp_path, "--status", "SUCCEEDED") as followed:

        def another():
            jobs.succeed(jobs.shell("true", jobName="later"))
            return followed()

        found = wait_for("an event", another)
        assert {event["detail"]["jobName"] for event in found} == {"later"}


def test_followers_beyond_the_limit_wait_for_a_place(server, tmp_path):
    """ERR-6: `event-readers`; requests are answered meanwhile, and nobody misses an event."""
    running = server("--limit", "event-readers=1")
    jobs = Jobs(running)
    with contextlib.ExitStack() as second:
        with following(running, tmp_path) as first:
            wait_for("the first to be there", lambda: running.run("events").returncode != 0)
            refused = running.run("events")
            assert "TooManyRequestsException" in refused.stderr or "Too Many Requests" in refused.stderr
            jobs.succeed(jobs.shell("true"))
            wait_for("its events at the first", lambda: len(first()) == 4)
        later = second.enter_context(following(running, tmp_path, "--since", "1h", name="second"))
        wait_for("the same at the second", lambda: len(later()) == 4)
