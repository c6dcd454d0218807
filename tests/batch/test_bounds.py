"""How much is kept: `--output-limit` and `--s3-limit`, from the first second of a server on, and what operators hear of it."""

import json
import re
import subprocess
import urllib.request

import pytest
from botocore.exceptions import ClientError
from jobs import LOG_GROUP, Jobs
from waiting import wait_for

MIB = 1 << 20


def metric(server, name, kind):
    with urllib.request.urlopen(f"{server.endpoint}/-/metrics", timeout=10) as answer:
        found = re.search(rf'^{name}{{kind="{kind}"}} (\S+)$', answer.read().decode(), re.MULTILINE)
    return int(found[1]) if found else None


def doctor(server):
    done = server.run("doctor", "--data-dir", server.data_dir, "--json")
    return [check["name"] for check in json.loads(done.stdout)["checks"] if check["problems"]]


def stream_of(jobs, job):
    return jobs.describe(job)["container"]["logStreamName"]


def printed(jobs, stream):
    """What is there of a stream; nothing if there is no such stream (any more)."""
    try:
        events = jobs.logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True)["events"]
    except jobs.logs.exceptions.ResourceNotFoundException:
        return None
    return len(events)


def test_output_of_those_that_ended_first_makes_room_and_that_of_running_jobs_stays(server):
    """LOG-1: streams go whole; their jobs stay."""
    one = server("--output-limit", "8MiB")
    jobs = Jobs(one)
    spill = "head -c 2M /dev/zero | tr '\\0' x | fold -w 1023"
    running = jobs.shell(f"{spill}; echo; sleep 600")
    jobs.wait(running, "RUNNING")
    first = jobs.shell(spill)
    jobs.succeed(first)
    streams = {first: stream_of(jobs, first)}
    wait_for("outputs to be counted", lambda: metric(one, "longshore_files_bytes", "output") >= 3 * MIB)
    assert metric(one, "longshore_files_limit_bytes", "output") == 8 * MIB
    for _ in range(4):
        job = jobs.shell(spill)
        jobs.succeed(job)
        streams[job] = stream_of(jobs, job)
    wait_for("the first output to be gone", lambda: printed(jobs, streams[first]) is None)
    wait_for("the bytes to be within the limit", lambda: metric(one, "longshore_files_bytes", "output") <= 8 * MIB)
    *_, last = streams
    assert printed(jobs, streams[last]) > 100 and printed(jobs, stream_of(jobs, running)) > 100
    assert jobs.status(first) == "SUCCEEDED" and stream_of(jobs, first) == streams[first]
    assert "removed the output of attempts that ended first" in one.log()
    assert one.log().count("take more than four fifths") + one.log().count("take as much as they may") <= 2
    kept = sum(path.stat().st_blocks * 512 for path in (one.data_dir / "output").glob("*/*"))
    assert kept <= 8 * MIB
    assert doctor(one) == []
    jobs.batch.terminate_job(jobId=running, reason="seen")


def test_server_that_is_told_a_limit_later_makes_room_at_its_start(server):
    """What earlier servers kept counts from the first look on; after a kill too."""
    one = server()
    jobs = Jobs(one)
    streams = []
    for _ in range(3):
        job = jobs.shell("head -c 1M /dev/zero")
        jobs.succeed(job)
        streams.append(stream_of(jobs, job))
    one.kill()
    one.flags += ("--output-limit", "1MiB")
    one.start()
    gone = [lambda stream=stream: printed(jobs, stream) is None for stream in streams]
    wait_for("all but what fits to be gone", lambda: all(is_gone() for is_gone in gone[:2]))
    one.kill()
    one.start()
    wait_for("the rest to be counted", lambda: metric(one, "longshore_files_bytes", "output") is not None)
    assert doctor(one) == []


def test_objects_beyond_the_limit_are_refused_and_nothing_is_lost(server):
    one = server("--s3-limit", "4MiB")
    s3 = one.client("s3")
    s3.create_bucket(Bucket="bounded")
    s3.put_object(Bucket="bounded", Key="kept", Body=b"k" * (3 * MIB + MIB // 2))
    wait_for("the warning", lambda: "take more than four fifths of what they may (--s3-limit)" in one.log())
    for body in (b"x" * MIB, b"x" * 64 * MIB):
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket="bounded", Key="kept", Body=body)
        error = refused.value.response
        assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("QuotaExceeded", 507)
        assert "--s3-limit" in error["Error"]["Message"]
    assert s3.get_object(Bucket="bounded", Key="kept")["Body"].read() == b"k" * (3 * MIB + MIB // 2)
    assert metric(one, "longshore_files_bytes", "s3") == 3 * MIB + MIB // 2
    assert metric(one, "longshore_files_limit_bytes", "s3") == 4 * MIB
    one.kill()
    one.start()
    with pytest.raises(ClientError):
        s3.put_object(Bucket="bounded", Key="more", Body=b"x" * MIB)
    s3.delete_object(Bucket="bounded", Key="kept")
    s3.put_object(Bucket="bounded", Key="more", Body=b"x" * MIB)
    assert metric(one, "longshore_files_bytes", "s3") == MIB
    assert doctor(one) == []


@pytest.mark.parametrize("flag", ["--output-limit", "--s3-limit", "--image-limit"])
def test_limit_that_is_no_size_is_refused(server, flag):
    mistaken = server(flag, "4GB", start=False)
    done = subprocess.run(mistaken.command(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "write it as 512MiB, 2GiB, or a number of bytes" in done.stderr
