"""The logs of jobs through CloudWatch Logs' API (spec section 29.1)."""

import re
import subprocess
import threading

import pytest
from jobs import LOG_GROUP
from waiting import wait_for

AWS_CLI_2 = "/usr/bin/aws"
TICKS = "for i in 1 2 3; do echo tick $i; until test -e {gate}$i; do sleep 0.05; done; done"


@pytest.fixture(scope="module")
def ended(jobs):
    """A job that wrote 25 lines, and has ended."""
    return jobs.succeed(jobs.shell("for i in $(seq 25); do echo line $i; done; echo to stderr >&2; printf 'no end'"))


EXPECTED = [f"line {number}" for number in range(1, 26)] + ["to stderr", "no end"]


def page(logs, detail, **more):
    return logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=detail["container"]["logStreamName"], **more)


def messages(answer):
    return [event["message"] for event in answer["events"]]


def test_output_is_read_back_in_order(jobs, ended):
    """Both outputs, and a last line without an end."""
    assert jobs.output(ended) == EXPECTED


def test_forward_token_repeats_at_the_end(logs, ended):
    """CWL-2: pages from the head, then the same token for ever."""
    read, token = [], None
    while True:
        more = {"nextToken": token} if token else {}
        answer = page(logs, ended, startFromHead=True, limit=10, **more)
        assert re.fullmatch(r"f/\d{56}/s", answer["nextForwardToken"])
        assert re.fullmatch(r"b/\d{56}/s", answer["nextBackwardToken"])
        if answer["nextForwardToken"] == token:
            break
        assert len(answer["events"]) <= 10
        read, token = read + messages(answer), answer["nextForwardToken"]
    assert read == EXPECTED
    again = page(logs, ended, startFromHead=True, limit=10, nextToken=token)
    assert (again["events"], again["nextForwardToken"]) == ([], token)


def test_newest_page_comes_first_without_start_from_head(logs, ended):
    """CWL-2: ascending within the page, and backwards from there."""
    newest = page(logs, ended, limit=5)
    assert messages(newest) == EXPECTED[-5:]
    before = page(logs, ended, limit=5, nextToken=newest["nextBackwardToken"])
    assert messages(before) == EXPECTED[-10:-5]


def test_events_carry_times_of_the_run(logs, ended):
    """CWL-2, CWL-7: milliseconds, ascending, within the run."""
    events = page(logs, ended, startFromHead=True)["events"]
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)
    assert ended["startedAt"] - 1000 <= times[0] and times[-1] <= ended["stoppedAt"] + 1000
    assert set(events[0]) == {"timestamp", "message", "ingestionTime"}
    later = page(logs, ended, startFromHead=True, startTime=times[-1] + 1)
    assert later["events"] == []
    until = page(logs, ended, startFromHead=True, startTime=times[0], endTime=times[-1] + 1)
    assert messages(until) == EXPECTED  # from inclusive, to exclusive


def test_filter_finds_by_pattern_and_stream(logs, ended):
    """CWL-3."""
    stream = ended["container"]["logStreamName"]

    def found(pattern):
        answer = logs.filter_log_events(logGroupName=LOG_GROUP, logStreamNames=[stream], filterPattern=pattern)
        assert answer["searchedLogStreams"] == []
        return [event["message"] for event in answer["events"]]

    assert found("stderr") == ["to stderr"]
    assert found('"line 2"') == ["line 2", *(f"line {number}" for number in range(20, 26))]
    assert found("?stderr ?end") == ["to stderr", "no end"]
    assert found("line -1 -2") != [] and found("absent") == []
    events = logs.filter_log_events(logGroupName=LOG_GROUP, logStreamNamePrefix=stream)["events"]
    assert [event["message"] for event in events] == EXPECTED
    assert len({event["eventId"] for event in events}) == len(EXPECTED)
    assert {event["logStreamName"] for event in events} == {stream}


def test_streams_and_groups_are_described(logs, ended):
    """CWL-4."""
    stream = ended["container"]["logStreamName"]
    (found,) = logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=stream)["logStreams"]
    assert found["logStreamName"] == stream
    assert found["arn"] == f"arn:aws:logs:us-east-1:000000000000:log-group:{LOG_GROUP}:log-stream:{stream}"
    assert found["firstEventTimestamp"] <= found["lastEventTimestamp"]
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/aws/batch")["logGroups"]
    assert (group["logGroupName"], group["arn"]) == (
        LOG_GROUP,
        f"arn:aws:logs:us-east-1:000000000000:log-group:{LOG_GROUP}:*",
    )


@pytest.mark.parametrize("group, stream, what", [("/no/group", "x", "group"), (LOG_GROUP, "no/such/stream", "stream")])
def test_unknown_group_and_stream_are_not_found(logs, ended, group, stream, what):
    """CWL-1: in AWS's words."""
    with pytest.raises(logs.exceptions.ResourceNotFoundException) as error:
        logs.get_log_events(logGroupName=group, logStreamName=stream)
    assert error.value.response["Error"]["Message"] == f"The specified log {what} does not exist."


def test_running_job_is_read_while_it_writes(jobs, logs, tmp_path):
    """LOG-1: the token that had no more to give gives the next line."""
    gate = tmp_path / "gate"
    job = jobs.shell(TICKS.format(gate=gate))
    detail = jobs.wait(job, "RUNNING")
    token, read = {}, []

    def more():
        answer = page(logs, detail, startFromHead=True, **token)
        token["nextToken"] = answer["nextForwardToken"]
        read.extend(messages(answer))
        return read

    for number in (1, 2, 3):
        expected = [f"tick {tick}" for tick in range(1, number + 1)]
        wait_for(f"{number} lines", lambda: more() == expected)
        assert jobs.status(job) == "RUNNING"
        (tmp_path / f"gate{number}").touch()
    jobs.succeed(job)
    assert more() == [f"tick {tick}" for tick in (1, 2, 3)]


def test_aws_logs_tail_follows_a_running_job(shared, jobs, tmp_path):
    """CWL-6: the real AWS CLI shows lines while the job runs."""
    gate = tmp_path / "gate"
    job = jobs.shell(TICKS.format(gate=gate))
    stream = jobs.wait(job, "RUNNING")["container"]["logStreamName"]
    # Version 2, as Debian has it: version 1 lacks `tail`, and this one does not know AWS_ENDPOINT_URL yet.
    command = [AWS_CLI_2, "--endpoint-url", shared.endpoint, "logs", "tail", LOG_GROUP, "--follow"]
    command += ["--log-stream-names", stream]
    tail = subprocess.Popen(
        command, env=shared.environment(PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    shown = []
    reader = threading.Thread(target=lambda: [shown.append(line) for line in tail.stdout], daemon=True)
    reader.start()
    try:
        for number in (1, 2, 3):
            line = f"tick {number}"
            wait_for(f"`aws logs tail` to show {line}", lambda: any(line in each for each in shown), timeout=40)
            assert jobs.status(job) == "RUNNING"
            (tmp_path / f"gate{number}").touch()
        jobs.succeed(job)
    finally:
        tail.terminate()
        tail.wait(timeout=20)
    assert sum("tick" in line for line in shown) == 3, (shown, tail.stderr.read())
