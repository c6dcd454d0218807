"""Time limits of the heads of queues: jobStateTimeLimitActions (SCH-12, JQ-6)."""

import itertools

import pytest
from jobs import Jobs

REASONS = ("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT")
numbers = itertools.count()


def action(reason=REASONS[0], action="CANCEL", seconds=600):
    return {"reason": reason, "state": "RUNNABLE", "maxTimeSeconds": seconds, "action": action}


def create(batch, actions):
    name = f"limited-{next(numbers)}"
    order = [{"order": 1, "computeEnvironment": "default"}]
    batch.create_job_queue(
        jobQueueName=name, priority=1, computeEnvironmentOrder=order, jobStateTimeLimitActions=actions
    )
    return name


REFUSED = [
    ([action(action="TERMINATE")], "Invalid job action. Valid job actions: [CANCEL]"),
    ([action(), action(seconds=700)], "Duplicate job state limit actions are not allowed."),
    ([action(seconds=599)], "maxTimeSeconds must be between 600 and 86400."),
    ([action(seconds=86_401)], "maxTimeSeconds must be between 600 and 86400."),
    ([action(reason="BORED")], "Invalid job state limit reason BORED."),
]


@pytest.mark.parametrize("actions, text", REFUSED)
def test_bad_actions_are_refused_in_aws_s_words(batch, actions, text):
    """JQ-6, SCH-12: when the queue is created and when it is changed."""
    queue = create(batch, [])
    for request in (
        lambda: create(batch, actions),
        lambda: batch.update_job_queue(jobQueue=queue, jobStateTimeLimitActions=actions),
    ):
        with pytest.raises(batch.exceptions.ClientException) as error:
            request()
        assert text in error.value.response["Error"]["Message"]


def test_actions_are_echoed_and_replaced(batch):
    """JQ-6, JQ-8."""

    def found():
        return batch.describe_job_queues(jobQueues=[queue])["jobQueues"][0]["jobStateTimeLimitActions"]

    queue = create(batch, [action()])
    assert found() == [action()]
    batch.update_job_queue(jobQueue=queue, jobStateTimeLimitActions=[action(REASONS[1]), action(seconds=900)])
    assert found() == [action(REASONS[1]), action(seconds=900)]


def test_heads_that_are_blocked_too_long_are_cancelled_one_by_one(server):
    """SCH-12: by the reason that blocks them; those that run and those behind are left alone."""
    own = server("--limit", "time-limit-seconds=1", vcpus=1)
    jobs = Jobs(own)
    queue = create(jobs.batch, [action(reason, seconds=1) for reason in REASONS])
    never = jobs.submit("true", jobQueue=queue, **needs(2))
    running = jobs.shell("sleep 60", jobQueue=queue)
    jobs.wait(running, "RUNNING")
    waiting = [jobs.submit("true", jobQueue=queue) for _ in range(2)]
    ended = [jobs.fail(job) for job in (never, *waiting)]
    text = "Canceled by JobStateTimeLimit action due to reason: "
    assert [job["statusReason"] for job in ended] == [text + REASONS[1], text + REASONS[0], text + REASONS[0]]
    assert all("startedAt" not in job for job in ended)
    apart = ended[2]["stoppedAt"] - ended[1]["stoppedAt"]
    assert 900 <= apart, "each head has the whole time"
    assert jobs.status(running) == "RUNNING"
    jobs.batch.terminate_job(jobId=running, reason="over")
    jobs.wait(running)


def needs(vcpus):
    return {"containerOverrides": {"command": ["true"], "resourceRequirements": [{"type": "VCPU", "value": str(vcpus)}]}}
