"""ListJobs: selection, order and pages (spec section 11.2)."""

import itertools

import pytest
from waiting import wait_for

SLEEP = "sleep 300"
numbers = itertools.count()


@pytest.fixture
def queue(batch):
    """A queue that no other test uses."""
    name = f"list-{next(numbers)}"
    order = [{"order": 1, "computeEnvironment": "default"}]
    batch.create_job_queue(jobQueueName=name, priority=1, computeEnvironmentOrder=order)
    yield name
    batch.update_job_queue(jobQueue=name, state="DISABLED")
    settled = lambda: batch.describe_job_queues(jobQueues=[name])["jobQueues"][0]["status"] == "VALID"
    wait_for("the queue to be disabled", settled)
    batch.delete_job_queue(jobQueue=name)


def ids(page):
    return [job["jobId"] for job in page["jobSummaryList"]]


def test_without_status_only_running_jobs_are_listed(jobs, batch, queue):
    """LST-2."""
    done, running = jobs.shell("true", jobQueue=queue), jobs.shell(SLEEP, jobQueue=queue)
    jobs.succeed(done), jobs.wait(running, "RUNNING")
    page = batch.list_jobs(jobQueue=queue)
    assert ids(page) == [running]
    assert "nextToken" not in page


def test_each_status_lists_its_own(jobs, batch, queue):
    """LST-2, LST-5."""
    big = {"resourceRequirements": [{"type": "VCPU", "value": "1000"}]}
    by_status = {
        "RUNNING": jobs.shell(SLEEP, jobQueue=queue),
        "SUCCEEDED": jobs.shell("true", jobQueue=queue),
        "FAILED": jobs.shell("exit 3", jobQueue=queue),
    }
    by_status["PENDING"] = jobs.shell("true", jobQueue=queue, dependsOn=[{"jobId": by_status["RUNNING"]}])
    for status in ("SUCCEEDED", "FAILED", "RUNNING", "PENDING"):
        jobs.wait(by_status[status], status)
    by_status["RUNNABLE"] = jobs.shell("true", jobQueue=queue, containerOverrides=big)
    for status, job in by_status.items():
        (summary,) = batch.list_jobs(jobQueue=queue, jobStatus=status)["jobSummaryList"]
        detail = jobs.describe(job)
        same = ("jobArn", "jobId", "jobName", "createdAt", "status", "startedAt", "stoppedAt")
        assert {name: summary.get(name) for name in same} == {name: detail.get(name) for name in same}
    (failed,) = batch.list_jobs(jobQueue=queue, jobStatus="FAILED")["jobSummaryList"]
    assert failed["container"] == {"exitCode": 3}
    assert failed["statusReason"] == "Essential container in task exited"
    assert ids(batch.list_jobs(jobQueue=queue, jobStatus="STARTING")) == []


def test_queue_is_named_by_name_or_arn(jobs, batch, queue):
    """ID-3."""
    job = jobs.shell("true", jobQueue=queue)
    jobs.succeed(job)
    (found,) = batch.describe_job_queues(jobQueues=[queue])["jobQueues"]
    for name in (queue, found["jobQueueArn"]):
        assert ids(batch.list_jobs(jobQueue=name, jobStatus="SUCCEEDED")) == [job]


def test_array_lists_its_children_and_the_queue_only_the_parent(jobs, batch, queue):
    """LST-7, LST-8, ARR-2."""
    array = jobs.array(4, "test $AWS_BATCH_JOB_ARRAY_INDEX != 2", jobQueue=queue)
    jobs.fail(array)
    children = batch.list_jobs(arrayJobId=array, jobStatus="SUCCEEDED")["jobSummaryList"]
    assert sorted(child["jobId"] for child in children) == [f"{array}:{index}" for index in (0, 1, 3)]
    assert sorted(child["arrayProperties"]["index"] for child in children) == [0, 1, 3]
    assert ids(batch.list_jobs(arrayJobId=array, jobStatus="FAILED")) == [f"{array}:2"]
    assert ids(batch.list_jobs(jobQueue=queue, jobStatus="FAILED")) == [array]
    assert ids(batch.list_jobs(arrayJobId=array)) == []  # LST-2: children too


def test_pages_follow_newest_first_to_the_end(jobs, batch, queue):
    """LST-3 (A16), LST-4, PAGE-1: each job once."""
    submitted = [jobs.shell("true", jobQueue=queue) for _ in range(7)]
    for job in submitted:
        jobs.succeed(job)
    pages, token = [], {}
    while True:
        page = batch.list_jobs(jobQueue=queue, jobStatus="SUCCEEDED", maxResults=3, **token)
        pages.append(ids(page))
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sum(pages, []) == submitted[::-1]


def test_children_come_in_pages_too(jobs, batch):
    """LST-8, PAGE-1."""
    array = jobs.array(5, "true")
    jobs.succeed(array)
    paginator = batch.get_paginator("list_jobs")
    pages = paginator.paginate(arrayJobId=array, jobStatus="SUCCEEDED", PaginationConfig={"PageSize": 2})
    found = [ids(page) for page in pages]
    assert [len(page) for page in found] == [2, 2, 1]
    assert sorted(sum(found, [])) == [f"{array}:{index}" for index in range(5)]


def test_foreign_token_is_refused(jobs, batch, queue):
    """PAGE-2: garbage, and one of another query."""
    for job in [jobs.shell("true", jobQueue=queue) for _ in range(2)]:
        jobs.succeed(job)
    token = batch.list_jobs(jobQueue=queue, jobStatus="SUCCEEDED", maxResults=1)["nextToken"]
    for query in ({"jobStatus": "SUCCEEDED", "nextToken": "garbage"}, {"jobStatus": "FAILED", "nextToken": token}):
        with pytest.raises(batch.exceptions.ClientException):
            batch.list_jobs(jobQueue=queue, **query)


def test_filters_select_whatever_the_status(jobs, batch, queue):
    """LST-3: by name in any case and by prefix; newest first; jobStatus is ignored."""
    alpha, alpine, beta = (jobs.shell("true", jobName=name, jobQueue=queue) for name in ("Alpha", "alpine", "beta"))
    for job in (alpha, alpine, beta):
        jobs.succeed(job)

    def found(name, *values, **more):
        filters = [{"name": name, "values": list(values)}]
        return sorted(ids(batch.list_jobs(jobQueue=queue, filters=filters, **more)))

    assert found("JOB_NAME", "ALPHA") == [alpha]
    assert found("JOB_NAME", "alp*", jobStatus="FAILED") == sorted([alpha, alpine])
    assert found("JOB_NAME", "alpha", "beta") == sorted([alpha, beta])
    assert found("JOB_DEFINITION", "host") == sorted([alpha, alpine, beta])
    assert found("JOB_DEFINITION", "HOST") == []
    assert found("JOB_DEFINITION", jobs.describe(beta)["jobDefinition"]) == sorted([alpha, alpine, beta])
    created = jobs.describe(alpine)["createdAt"]
    assert alpha not in found("AFTER_CREATED_AT", str(created)) and beta not in found(
        "BEFORE_CREATED_AT", str(created)
    )


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"jobQueue": "default", "arrayJobId": "00000000-0000-4000-8000-000000000000"},
        {"jobQueue": "nowhere"},
        {"jobQueue": "default", "jobStatus": "ASLEEP"},
        {"jobQueue": "default", "filters": [{"name": "JOB_COLOUR", "values": ["x"]}]},
        {"jobQueue": "default", "filters": [{"name": "JOB_NAME", "values": ["x"]}] * 2},
    ],
)
def test_bad_query_is_refused(batch, query):
    """LST-1, LST-3, WIRE-8."""
    with pytest.raises(batch.exceptions.ClientException):
        batch.list_jobs(**query)


def test_job_is_listed_as_soon_as_it_runs(jobs, batch, queue):
    """LST-6: no lag worth noticing."""
    job = jobs.shell(SLEEP, jobQueue=queue)
    wait_for("the running job to be listed", lambda: ids(batch.list_jobs(jobQueue=queue)) == [job])
