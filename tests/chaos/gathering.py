"""Reads the state of a server whole, once everything has healed: every job and child, and what they printed."""

from botocore.exceptions import BotoCoreError, ClientError
from chaos.history import ENDED, Evidence, read_effects
from jobs import LOG_GROUP, Jobs
from waiting import wait_for

STATUSES = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", *ENDED)
PAGE = 100
# Longer than any attempt takes that waits for a server to be told, on a machine that is busy.
HEALING_S = 120
# Longest outputs are read of so many jobs.
LOGS_READ = 150


def everything(jobs, prefix):
    """All jobs whose names begin so, and their children: {id: JobDetail}."""
    pages = jobs.batch.get_paginator("list_jobs")
    named = [{"name": "JOB_NAME", "values": [f"{prefix}*"]}]
    found = [
        summary["jobId"]
        for page in pages.paginate(jobQueue="default", filters=named)
        for summary in page["jobSummaryList"]
    ]
    details = described(jobs, found)
    sizes = {job: detail.get("arrayProperties", {}).get("size", 0) for job, detail in details.items()}
    return details | described(jobs, [f"{job}:{index}" for job, size in sizes.items() for index in range(size)])


def described(jobs, ids):
    found = {}
    for start in range(0, len(ids), PAGE):
        page = jobs.batch.describe_jobs(jobs=ids[start : start + PAGE])["jobs"]
        found |= {detail["jobId"]: detail for detail in page}
    return found


def await_ends(jobs, prefix):
    """Waits until everything has ended, and longer for nothing: what has not is for the checker to tell."""

    def all_ended():
        try:
            # Few requests while many wait, and all is looked through once no status has any.
            waiting = [waits(jobs, status, prefix) for status in STATUSES if status not in ENDED]
            return not any(waiting) and all(detail["status"] in ENDED for detail in everything(jobs, prefix).values())
        except (BotoCoreError, ClientError):
            return False

    try:
        wait_for("all jobs to end", all_ended, timeout=HEALING_S)
    except AssertionError:
        pass


def waits(jobs, status, prefix):
    """Whether jobs of these names have this status."""
    found = jobs.batch.list_jobs(jobQueue="default", jobStatus=status)["jobSummaryList"]
    return any(summary["jobName"].startswith(prefix) for summary in found)


def gather(server, recorder, prefix, witnesses, random):
    """The evidence of one round."""
    jobs = Jobs(server)
    await_ends(jobs, prefix)
    final = everything(jobs, prefix)
    plans = {name: plan for name, plan in recorder.plans.items() if name.startswith(prefix)}
    readable = [
        job
        for job, detail in final.items()
        if detail["status"] == "SUCCEEDED" and "logStreamName" in detail.get("container", {})
    ]
    read = random.sample(readable, min(len(readable), LOGS_READ))
    logs = {job: jobs.lines(final[job]["container"]["logStreamName"]) for job in read}
    return Evidence(plans, recorder.calls, read_effects(witnesses), recorder.faults, final, logs)
