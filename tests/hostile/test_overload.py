"""More than a server answers at once: what is beyond hears 429 with a Retry-After, has changed nothing, and costs no memory."""

import json
import threading
import urllib.error
import urllib.request

from hostile.sockets import resident_kib
from jobs import Jobs

CLIENTS = 48
# Every one has a body that is close to the largest.
PADDING = "x" * 900_000
GROWTH_KIB = 400_000


def submit(server, name):
    body = {"jobName": name, "jobQueue": "default", "jobDefinition": "host", "parameters": {"padding": PADDING}}
    request = urllib.request.Request(
        f"{server.endpoint}/v1/submitjob", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, None, json.loads(answer.read())["jobId"]
    except urllib.error.HTTPError as error:
        return error.code, error.headers["retry-after"], None


def test_submissions_beyond_what_is_answered_at_once_are_refused_and_change_nothing(server):
    """ERR-6: who is answered has a job, who is refused has none; health is told all the while."""
    one = server("--limit", "open-requests=1")
    before, answers, refused, health = resident_kib(one.process.pid), [], threading.Event(), []

    def client(number):
        for turn in range(20):
            answers.append(submit(one, f"load-{number}-{turn}"))
            if answers[-1][0] == 429:
                refused.set()
            if turn > 2 and refused.is_set():
                return

    clients = [threading.Thread(target=client, args=[number]) for number in range(CLIENTS)]
    for each in clients:
        each.start()
    while any(each.is_alive() for each in clients):
        with urllib.request.urlopen(f"{one.endpoint}/health", timeout=30) as answer:
            health.append(answer.status)
        clients[0].join(0.05)
        for each in clients:
            each.join(0)
    assert {status for status, _, _ in answers} == {200, 429} and set(health) == {200}
    assert all(wait is not None and int(wait) >= 1 for status, wait, _ in answers if status == 429)
    assert resident_kib(one.process.pid) - before < GROWTH_KIB
    jobs = Jobs(one)
    pages = jobs.batch.get_paginator("list_jobs").paginate(
        jobQueue="default", filters=[{"name": "JOB_NAME", "values": ["load-*"]}]
    )
    there = {summary["jobId"] for page in pages for summary in page["jobSummaryList"]}
    assert there == {job for status, _, job in answers if status == 200}
