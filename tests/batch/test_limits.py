"""Limits: AWS's under `--aws-limits`, room without, each one settable by its name (spec section 25)."""

import json
import subprocess
import time

import pytest
from botocore.exceptions import ClientError
from jobs import Jobs
from waiting import wait_for

TOO_BIG = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}
ORDER = [{"order": 1, "computeEnvironment": "default"}]


@pytest.fixture(scope="module")
def strict(longshore, tmp_path_factory):
    """A server with the quotas of AWS, but for the rate, which other tests would run into."""
    from server import Server

    made = Server(
        longshore, tmp_path_factory.mktemp("strict"), "--aws-limits", "--limit", "submit-rate=unlimited", vcpus=64
    ).start()
    yield Jobs(made)
    made.close()


def refused(call, **request):
    """The text of a refusal; 400 and ClientException."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400 and answer["Error"]["Code"] == "ClientException"
    return answer["Error"]["Message"]


def submission(**more):
    return {"jobName": "test", "jobQueue": "default", "jobDefinition": "host", **more}


def waiting(jobs, count):
    """Jobs that stay RUNNABLE."""
    return [jobs.shell("true", containerOverrides=dict(TOO_BIG)) for _ in range(count)]


def after(ids):
    return [{"jobId": id} for id in ids]


def test_arrays_have_ten_thousand_children_at_most_with_aws_limits(strict):
    """SUB-8: 2 to 10,000."""
    said = refused(strict.batch.submit_job, **submission(arrayProperties={"size": 10_001}))
    assert "10000" in said
    job = strict.array(10_000, "true", containerOverrides=dict(TOO_BIG))
    assert strict.describe(job)["arrayProperties"]["size"] == 10_000
    strict.batch.terminate_job(jobId=job, reason="enough")


def test_arrays_have_a_million_children_without(jobs):
    """SUB-8: and one more is refused."""
    job = jobs.array(1_000_000, "true", containerOverrides=dict(TOO_BIG))
    wait_for("the children", lambda: jobs.describe(job)["arrayProperties"]["statusSummary"]["RUNNABLE"] == 1_000_000)
    jobs.batch.terminate_job(jobId=job, reason="enough")
    jobs.fail(job)
    assert "1000000" in refused(jobs.batch.submit_job, **submission(arrayProperties={"size": 1_000_001}))


def test_jobs_depend_on_twenty_others_at_most_with_aws_limits(strict):
    """SUB-7: the text of AWS."""
    others = waiting(strict, 21)
    said = refused(strict.batch.submit_job, **submission(dependsOn=after(others)))
    assert "Job cannot have more than 20 dependencies" in said
    job = strict.shell("true", dependsOn=after(others[:20]))
    assert strict.status(job) == "PENDING"
    for other in others:
        strict.batch.terminate_job(jobId=other, reason="enough")


def test_jobs_depend_on_any_number_of_others_without(jobs):
    """SUB-7: the last of 200 counts like the first."""
    others = [jobs.shell("true") for _ in range(199)] + waiting(jobs, 1)
    job = jobs.shell("true", dependsOn=after(others))
    for other in others[:-1]:
        jobs.succeed(other)
    assert jobs.status(job) == "PENDING"
    jobs.batch.terminate_job(jobId=others[-1], reason="enough")
    assert jobs.fail(job)["statusReason"] == "Dependent Job failed"


def test_pending_job_is_cancelled_at_once_without_aws_limits(jobs):
    """CAN-2: it does not wait for its dependencies."""
    (other,) = waiting(jobs, 1)
    job = jobs.shell("true", dependsOn=after([other]))
    jobs.batch.cancel_job(jobId=job, reason="enough")
    assert jobs.fail(job)["statusReason"] == "enough"
    assert jobs.status(other) == "RUNNABLE"
    jobs.batch.terminate_job(jobId=other, reason="enough")


def test_pending_job_is_cancelled_when_its_dependencies_have_ended_with_aws_limits(strict):
    """CAN-2: until then it is PENDING, with `isCancelled`."""
    (other,) = waiting(strict, 1)
    job = strict.shell("true", dependsOn=after([other]))
    strict.batch.cancel_job(jobId=job, reason="enough")
    detail = strict.describe(job)
    assert (detail["status"], detail["isCancelled"]) == ("PENDING", True)
    strict.batch.terminate_job(jobId=other, reason="enough")
    strict.fail(job)


def test_submit_requests_have_thirty_kibibytes_at_most_with_aws_limits(strict):
    """SUB-2: the same request is taken without."""
    parameters = {f"p{number}": "x" * 1_000 for number in range(31)}
    refused(strict.batch.submit_job, **submission(parameters=parameters))
    strict.submit("true", parameters={name: text[:900] for name, text in parameters.items()})


def test_submit_requests_may_be_larger_without(jobs):
    """SUB-2: 300 KB."""
    jobs.submit("true", parameters={f"p{number}": "x" * 1_000 for number in range(300)})


def test_fifty_queues_and_environments_with_aws_limits(strict):
    """JQ-1 and section 25: the one that every server has counts."""
    unmanaged = {"type": "UNMANAGED", "serviceRole": "arn:aws:iam::000000000000:role/batch"}
    for number in range(49):
        strict.batch.create_compute_environment(computeEnvironmentName=f"e{number}", **unmanaged)
        strict.batch.create_job_queue(jobQueueName=f"q{number}", priority=1, computeEnvironmentOrder=ORDER)
    refused(strict.batch.create_compute_environment, computeEnvironmentName="e49", **unmanaged)
    refused(strict.batch.create_job_queue, jobQueueName="q49", priority=1, computeEnvironmentOrder=ORDER)
    names = [queue["jobQueueName"] for page in strict.batch.get_paginator("describe_job_queues").paginate() for queue in page["jobQueues"]]
    assert len(names) == 50 and "q49" not in names


def test_fifty_submissions_a_second_with_aws_limits(server):
    """ERR-6: 429 and Retry-After beyond, and boto3 waits and gets through."""
    running = server("--aws-limits")
    jobs = Jobs(running)
    begun, taken = time.monotonic(), []
    with pytest.raises(jobs.batch.exceptions.ClientError) as caught:
        while len(taken) < 5_000:
            taken.append(jobs.submit("true"))
    # A full bucket, and what has come in since; anything more would be no limit.
    assert 50 <= len(taken) <= 51 + 50 * (time.monotonic() - begun)
    answer = caught.value.response
    assert answer["Error"] == {"Code": "TooManyRequestsException", "Message": "Too Many Requests"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert int(answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"]) >= 1
    patient = running.client("batch", retries={"mode": "standard", "total_max_attempts": 10})
    for _ in range(60):
        patient.submit_job(**submission())
    page = jobs.batch.get_paginator("list_jobs").paginate(
        jobQueue="default", filters=[{"name": "JOB_NAME", "values": ["test"]}]
    )
    assert sum(len(part["jobSummaryList"]) for part in page) == len(taken) + 60, "a refusal leaves nothing behind"


def test_each_limit_is_set_by_its_name(server, tmp_path):
    """Flags over the file, both over the defaults."""
    file = tmp_path / "longshore.toml"
    file.write_text('[limits]\narray-size = 5\ndependencies = 3\nlisted = "unlimited"\n')
    running = server("--config", file, "--limit", "dependencies=1", "--limit", "waiting-jobs=4")
    jobs = Jobs(running)
    assert "5" in refused(jobs.batch.submit_job, **submission(arrayProperties={"size": 6}))
    others = waiting(jobs, 2)
    refused(jobs.batch.submit_job, **submission(dependsOn=after(others)))
    jobs.batch.describe_jobs(jobs=["00000000-0000-4000-8000-000000000000"] * 150)
    others += [jobs.shell("true", dependsOn=after(others[:1])) for _ in range(2)]
    refused(jobs.batch.submit_job, **submission())
    running.stop()
    running.start()
    refused(jobs.batch.submit_job, **submission())
    jobs.batch.terminate_job(jobId=others[0], reason="enough")
    wait_for("its dependents to fail", lambda: jobs.status(others[3]) == "FAILED")
    jobs.succeed(jobs.shell("true"))


def test_limits_are_listed_with_their_rules(shared):
    """`longshore limits`, for people and for programs."""
    listed = json.loads(shared.run("limits", "--json").stdout)["limits"]
    by_name = {limit["name"]: limit for limit in listed}
    size = by_name["array-size"]
    assert (size["default"], size["aws"], size["rule"]) == (1_000_000, 10_000, "SUB-8")
    assert by_name["dependencies"]["default"] is None, "nothing is bounded"
    for_people = shared.run("limits").stdout.splitlines()
    assert len(for_people) == len(listed) + 1 and for_people[0].split() == ["NAME", "VALUE", "RULE", "BOUNDS"]


@pytest.mark.parametrize("words", [("array-sizes=1",), ("array-size=many",), ("array-size",)], ids=lambda words: words[0])
def test_limit_that_there_is_none_of_is_a_usage_error(server, words):
    """Exit code 2, before anything is touched."""
    mistaken = server("--limit", *words, start=False)
    done = subprocess.run(mistaken.command(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and words[0].partition("=")[0] in done.stderr
    assert not mistaken.data_dir.exists()
