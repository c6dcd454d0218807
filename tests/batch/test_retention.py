"""How long things are kept that have ended: for good, or for as long as `--retention` says (ST-6)."""

import json
import subprocess

import pytest
from jobs import LOG_GROUP, Jobs
from waiting import wait_for

TOO_BIG = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}


def outputs(server):
    """The output files that there are, indexes included."""
    return [path for path in (server.data_dir / "output").glob("*/*") if path.is_file()]


def told(server, job):
    done = server.run("events", "--json", "--job", job)
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_gone(jobs, job):
    return not jobs.batch.describe_jobs(jobs=[job])["jobs"]


def has_stream(jobs, stream):
    try:
        return bool(jobs.logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream))
    except jobs.logs.exceptions.ResourceNotFoundException:
        return False


def listed(jobs):
    pages = jobs.batch.get_paginator("list_jobs").paginate(
        jobQueue="default", filters=[{"name": "JOB_NAME", "values": ["*"]}]
    )
    return [summary["jobId"] for page in pages for summary in page["jobSummaryList"]]


def test_job_is_removed_with_all_that_belongs_to_it(server):
    """ST-6: from DescribeJobs, ListJobs, events, CloudWatch Logs and the disk; the newest job stays for its number."""
    running = server("--retention", "2s")
    jobs = Jobs(running)
    array, single = jobs.array(300, "echo $AWS_BATCH_JOB_ARRAY_INDEX"), jobs.shell("echo hello")
    stream = jobs.succeed(single)["container"]["logStreamName"]
    jobs.succeed(array)
    last = jobs.shell("true")
    jobs.succeed(last)
    for job in (array, f"{array}:7", single):
        wait_for(f"{job} to be gone", lambda job=job: is_gone(jobs, job))
    assert listed(jobs) == [last]
    assert jobs.batch.list_jobs(arrayJobId=array)["jobSummaryList"] == []
    wait_for("the output of all but the last to be gone", lambda: len(outputs(running)) <= 2)
    wait_for("its log stream to be gone", lambda: not has_stream(jobs, stream))
    wait_for("its events to be gone", lambda: told(running, array) == told(running, single) == [])
    jobs.succeed(jobs.shell("true"))


def test_what_a_waiting_job_depends_on_stays(server):
    """ST-6, DEP-1: until it has ended too."""
    running = server("--retention", "1s")
    jobs = Jobs(running)
    needed, unneeded = jobs.shell("true"), jobs.shell("true")
    (blocking,) = [jobs.shell("true", containerOverrides=dict(TOO_BIG))]
    jobs.succeed(needed)
    waiting = jobs.shell("true", dependsOn=[{"jobId": needed}, {"jobId": blocking}])
    wait_for("the other to be gone", lambda: is_gone(jobs, unneeded))
    running.kill()
    running.start()
    later = jobs.shell("true")
    jobs.succeed(later)
    jobs.succeed(jobs.shell("true"))
    wait_for("a later one to be gone", lambda: is_gone(jobs, later))
    assert [jobs.status(job) for job in (needed, blocking, waiting)] == ["SUCCEEDED", "RUNNABLE", "PENDING"]
    jobs.batch.terminate_job(jobId=blocking, reason="enough")
    wait_for("the needed one to be gone", lambda: is_gone(jobs, needed))


def test_jobs_run_on_while_history_is_removed(server):
    """And a kill in the middle leaves nothing that is not removed afterwards."""
    running = server("--retention", "1s")
    jobs = Jobs(running)
    old = [jobs.array(200, "echo output") for _ in range(3)]
    for job in old:
        jobs.succeed(job)
    wait_for("the removal to begin", lambda: any(is_gone(jobs, job) for job in old))
    running.kill()
    running.start()
    meanwhile = jobs.array(20, "sleep 1; echo late")
    jobs.succeed(meanwhile)
    jobs.succeed(jobs.shell("true"))
    wait_for("all to be gone", lambda: all(is_gone(jobs, job) for job in [*old, meanwhile]))
    wait_for("their output to be gone", lambda: len(outputs(running)) <= 2)


def test_history_is_kept_unless_told_otherwise(server):
    """And removed by a server that is told, whoever wrote it."""
    keeping = server()
    jobs = Jobs(keeping)
    job = jobs.shell("true")
    jobs.succeed(job)
    jobs.succeed(jobs.shell("true"))
    keeping.stop()
    keeping.start()
    assert jobs.status(job) == "SUCCEEDED" and len(told(keeping, job)) == 4
    keeping.stop()
    keeping.flags += ("--retention", "1s")
    keeping.start()
    wait_for("the job to be gone", lambda: is_gone(jobs, job))


def test_events_are_kept_by_number_and_time_apart_from_their_jobs(server):
    """`--events-kept`: the oldest go, and who reads on from there gets what is left."""
    running = server("--events-kept", 8, "--event-retention", "5s")
    jobs = Jobs(running)
    told_of = [jobs.shell("true") for _ in range(5)]
    for job in told_of:
        jobs.succeed(job)
    last = jobs.shell("true")
    jobs.succeed(last)
    wait_for("the first events to be gone", lambda: not told(running, told_of[0]))
    assert jobs.status(told_of[0]) == "SUCCEEDED"
    wait_for("all but the newest event to be gone", lambda: len(told(running, last)) == 1)


def test_deregistered_definition_goes_and_its_number_does_not_come_back(server):
    """JD-3: `--definition-retention`; the newest revision stays, so that no revision is given out twice."""
    running = server("--definition-retention", "1s")
    jobs = Jobs(running)
    needs = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
    container = {"image": "host", "command": ["true"], "resourceRequirements": needs}
    request = {"jobDefinitionName": "old", "type": "container", "containerProperties": container}
    for _ in range(3):
        jobs.batch.register_job_definition(**request)
    job = jobs.submit(jobDefinition="old:1", containerOverrides={})
    for revision in (1, 3):
        jobs.batch.deregister_job_definition(jobDefinition=f"old:{revision}")

    def revisions():
        found = jobs.batch.describe_job_definitions(jobDefinitionName="old")["jobDefinitions"]
        return sorted((each["revision"], each["status"]) for each in found)

    wait_for("revision 1 to be gone", lambda: revisions() == [(2, "ACTIVE"), (3, "INACTIVE")])
    assert jobs.succeed(job)["jobDefinition"].endswith(":job-definition/old:1")
    assert jobs.batch.register_job_definition(**request)["revision"] == 4
    wait_for("revision 3 to be gone", lambda: revisions() == [(2, "ACTIVE"), (4, "ACTIVE")])
    running.kill()
    running.start()
    assert revisions() == [(2, "ACTIVE"), (4, "ACTIVE")]


@pytest.mark.parametrize("text", ["soon", "-1s", "1 fortnight"])
def test_time_that_is_none_is_a_usage_error(server, text):
    """Exit code 2; it says how to write one."""
    mistaken = server(f"--retention={text}", start=False)
    done = subprocess.run(mistaken.command(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "forever" in done.stderr
