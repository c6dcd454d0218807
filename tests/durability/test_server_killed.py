"""kill -9 of the server: what it acknowledged is there afterwards, and every job runs exactly as often as it should."""

import random
import threading

from botocore.exceptions import BotoCoreError, ClientError
from jobs import Jobs, exit_codes
from waiting import wait_for

KILLS = 20
SUBMITTERS = 3


def run_once(directory):
    """A script that leaves a file per child and attempt, and fails if that is already there (O_EXCL)."""
    return f"set -C; : > {directory}/$AWS_BATCH_JOB_ARRAY_INDEX.$AWS_BATCH_JOB_ATTEMPT"


def test_killed_while_an_array_runs_every_child_succeeds_exactly_once(server, tmp_path):
    """The server dies twice in the middle; the agent runs the children on meanwhile."""
    ran = tmp_path / "ran"
    ran.mkdir()
    running = server(vcpus=8)
    jobs = Jobs(running)
    array = jobs.array(48, f"{run_once(ran)}; sleep 0.15", retryStrategy={"attempts": 3})
    after = jobs.shell(f"ls {ran} | wc -l", dependsOn=[{"jobId": array}])
    (agent,) = running.agents()
    for count in (8, 24):
        wait_for(f"{count} children to have run", lambda: len(list(ran.iterdir())) >= count)
        running.kill()
        assert running.agents() == [agent]
        running.start()
    detail = jobs.succeed(array)
    assert sorted(path.name for path in ran.iterdir()) == sorted(f"{index}.1" for index in range(48))
    assert detail["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 48
    children = [jobs.describe(f"{array}:{index}") for index in range(48)]
    assert [exit_codes(child) for child in children] == [[0]] * 48
    assert jobs.output(jobs.succeed(after)) == ["48"]
    assert running.agents() == [agent]


def test_killed_at_random_instants_every_acknowledged_submission_is_there_and_completes(server, tmp_path):
    """Twenty deaths under concurrent submissions. What was not acknowledged may or may not have happened."""
    ran = tmp_path / "ran"
    ran.mkdir()
    running = server()
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    instants = random.Random(seed)
    acknowledged, lost = [], []
    script = f"set -C; : > {ran}/$AWS_BATCH_JOB_ID.$AWS_BATCH_JOB_ATTEMPT"
    ended = threading.Event()

    def submit():
        jobs = Jobs(running)
        while not ended.is_set():
            try:
                acknowledged.append(jobs.shell(script))
            except (BotoCoreError, ClientError) as error:
                lost.append(error)
                # Until the server is back, or the test is over.
                ended.wait(0.02)

    submitters = [threading.Thread(target=submit) for _ in range(SUBMITTERS)]
    for submitter in submitters:
        submitter.start()
    try:
        for _ in range(KILLS):
            more = len(acknowledged) + instants.randrange(1, 40)
            wait_for("submissions", lambda: len(acknowledged) >= more)
            ended.wait(instants.random() / 200)
            running.kill()
            running.start()
    finally:
        ended.set()
        for submitter in submitters:
            submitter.join()
    assert lost, "no submission met a dead server: the test shows nothing"
    print(f"{len(acknowledged)} submissions acknowledged, {len(lost)} failed")
    jobs = Jobs(running)
    assert len(set(acknowledged)) == len(acknowledged)

    def states():
        found = {}
        for start in range(0, len(acknowledged), 100):
            page = jobs.batch.describe_jobs(jobs=acknowledged[start : start + 100])["jobs"]
            found |= {job["jobId"]: job for job in page}
        return found

    assert set(states()) == set(acknowledged)
    wait_for("all jobs to end", lambda: all(job["status"] in ("SUCCEEDED", "FAILED") for job in states().values()))
    details = states()
    assert [job for job in details.values() if exit_codes(job) != [0]] == []
    # Also what was not acknowledged has run at most once.
    every = [path.name for path in ran.iterdir()]
    assert set(every) >= {f"{job}.1" for job in acknowledged}
    assert all(name.endswith(".1") for name in every)


def test_killed_with_everything_in_use_comes_back_with_everything(server):
    """ST-6: resources, objects, ended jobs and their logs survive, too."""
    running = server()
    jobs, s3 = Jobs(running), running.client("s3")
    order = [{"order": 1, "computeEnvironment": "default"}]
    jobs.batch.create_job_queue(jobQueueName="mine", priority=3, computeEnvironmentOrder=order)
    job = jobs.shell("echo hello; exit 3", jobQueue="mine", tags={"a": "b"})
    detail = jobs.fail(job)
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="k", Body=b"v")
    running.kill()
    running.start()
    assert jobs.describe(job) == detail
    assert jobs.output(detail) == ["hello"]
    assert [found["jobId"] for found in jobs.batch.list_jobs(jobQueue="mine", jobStatus="FAILED")["jobSummaryList"]] == [
        job
    ]
    assert s3.get_object(Bucket="kept", Key="k")["Body"].read() == b"v"
