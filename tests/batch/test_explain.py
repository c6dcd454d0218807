"""Why jobs wait, in statusReason and by `longshore explain`; blocked queues and what is told of them (SCH-10, SCH-11, EV-3)."""

import json

import pytest
from jobs import Jobs
from waiting import wait_for

UNTIL = "until test -e {}; do sleep 0.05; done"
CAPACITY = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [optimal]"
TOO_LARGE = (
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be "
    "met by the CE(s) attached to the job queue."
)
COMPUTE = {
    "type": "EC2", "minvCpus": 0, "maxvCpus": 64, "instanceTypes": ["optimal"], "subnets": ["s"],
    "securityGroupIds": ["g"], "instanceRole": "r",
}  # fmt: skip


class Site:
    """A server whose host has two cores, an environment and a queue of its own."""

    def __init__(self, server, gate):
        self.server, self.gate, self.jobs = server, gate, Jobs(server)
        self.batch = self.jobs.batch
        self.batch.create_compute_environment(
            computeEnvironmentName="wide", type="MANAGED", computeResources=COMPUTE
        )
        wait_for("the environment to be valid", lambda: self.environment()["status"] == "VALID")
        order = [{"order": 1, "computeEnvironment": "wide"}]
        self.batch.create_job_queue(jobQueueName="q", priority=1, computeEnvironmentOrder=order)

    def environment(self):
        (found,) = self.batch.describe_compute_environments(computeEnvironments=["wide"])["computeEnvironments"]
        return found

    def hold(self, vcpus=1, **request):
        """A job that ends when the gate is opened."""
        needs = {"resourceRequirements": [{"type": "VCPU", "value": str(vcpus)}]}
        return self.jobs.shell(UNTIL.format(self.gate), jobQueue="q", containerOverrides=needs, **request)

    def running(self, vcpus):
        job = self.hold(vcpus)
        self.jobs.wait(job, "RUNNING")
        return job

    def reason(self, job):
        return self.jobs.describe(job).get("statusReason")

    def explain(self, job):
        done = self.server.run("explain", "--json", job)
        assert done.returncode == 0, done.stderr
        (entry,) = json.loads(done.stdout)["jobs"]
        return entry

    def open(self, *jobs):
        self.gate.touch()
        for job in jobs:
            self.jobs.succeed(job)

    def told(self):
        """The events of blocked queues so far."""
        done = self.server.run("events", "--json")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        return [event for event in events if event["detail-type"] == "Batch Job Queue Blocked"]


@pytest.fixture
def site(server, tmp_path):
    return lambda *flags: Site(server(*flags, vcpus=2), tmp_path / "gate")


def test_what_is_short_and_the_position_are_told_alike_everywhere(site):
    """SCH-5: the sentence in DescribeJobs, ListJobs and `explain` is one."""
    site = site()
    running = site.running(2)
    first, second = site.hold(), site.hold()
    host = site.explain(first)["wait"]["short"]["hosts"][0]["name"]
    lacks = f"Lacks 1 vCPU on host {host} of compute environment wide"
    expected = {first: f"{lacks}; first in job queue q", second: f"{lacks}; 1 job is ahead in job queue q"}
    assert {job: site.reason(job) for job in expected} == expected
    listed = site.batch.list_jobs(jobQueue="q", jobStatus="RUNNABLE")["jobSummaryList"]
    assert {job["jobId"]: job["statusReason"] for job in listed} == expected
    lines = site.server.run("explain", first, second).stdout.splitlines()
    assert lines == [f"{job}  RUNNABLE  {text}" for job, text in expected.items()]
    wait = site.explain(second)["wait"]
    assert (wait["obstacle"], wait["short"]["hosts"][0]["vcpuMilli"]) == ("short", 1_000)
    assert wait["ahead"] == {"jobs": 1, "more": False}
    site.open(running, first, second)
    assert "wait" not in site.explain(first)


def test_reserved_room_is_told_with_whom_it_is_for(site):
    """SCH-1: a smaller job may not delay the one before it."""
    site = site()
    running = site.running(1)
    wide, narrow = site.hold(vcpus=2), site.hold()
    assert site.explain(narrow)["wait"]["heldUpBy"]["job"] == wide
    assert site.reason(narrow).startswith(f"Fits, but the room is reserved for job {wide} on host ")
    site.open(running, wide, narrow)


def test_parents_children_and_followers_say_what_they_wait_for(site):
    """ARR-2, DEP-1, DEP-6: each in its own way."""
    site = site()
    running = site.running(2)
    array = site.hold(arrayProperties={"size": 3})
    follower = site.hold(dependsOn=[{"jobId": array}])
    chain = site.hold(arrayProperties={"size": 2}, dependsOn=[{"type": "SEQUENTIAL"}])
    summary = site.explain(array)["wait"]["statusSummary"]
    assert (summary["RUNNABLE"], site.explain(array)["wait"]["kind"]) == (3, "children")
    assert site.explain(f"{array}:2")["wait"]["ahead"]["jobs"] == 2
    assert site.reason(follower) == f"Waiting for {array} to succeed"
    assert site.reason(f"{chain}:1") == f"Waiting for {chain}:0 to succeed"
    site.open(running, array, follower, chain)


def test_nodes_wait_as_one(site):
    """MNP-4: for a place for each."""
    site = site()
    running = site.running(1)
    container = {"image": "host", "command": ["true"]}
    container["resourceRequirements"] = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "16"}]
    nodes = {
        "numNodes": 2, "mainNode": 0, "nodeRangeProperties": [{"targetNodes": "0:1", "container": container}],
    }  # fmt: skip
    site.batch.register_job_definition(jobDefinitionName="pair", type="multinode", nodeProperties=nodes)
    pair = site.batch.submit_job(jobName="pair", jobQueue="q", jobDefinition="pair")["jobId"]
    waits = [site.explain(job)["wait"] for job in (pair, f"{pair}#1")]
    assert waits[0] == waits[1]
    assert waits[0]["short"]["hosts"][0]["vcpuMilli"] == 1_000
    site.open(running, pair)


def test_consumables_that_are_lacking_are_told(site):
    """CR-2: with how much of each."""
    site = site()
    site.batch.create_consumable_resource(consumableResourceName="licence", totalQuantity=1)
    needs = {"consumableResourceList": [{"consumableResource": "licence", "quantity": 3}]}
    job = site.hold(consumableResourcePropertiesOverride=needs)
    assert site.reason(job) == "Lacks 2 of consumable resource licence; first in job queue q"
    site.batch.update_consumable_resource(consumableResource="licence", operation="ADD", quantity=2)
    site.open(job)


def test_environments_that_take_no_jobs_are_told(site):
    """SCH-4."""
    site = site()
    site.batch.update_compute_environment(computeEnvironment="wide", state="DISABLED")
    wait_for("the environment to settle", lambda: site.environment()["status"] == "VALID")
    job = site.hold()
    assert site.reason(job) == "No compute environment of job queue q takes jobs: wide is DISABLED"
    site.batch.update_compute_environment(computeEnvironment="wide", state="ENABLED")
    site.open(job)


def test_retry_that_waits_says_which_attempt_it_is_for(site, tmp_path):
    """RTY-2, SCH-2: it is the first of its queue, after what waits in a queue of higher priority."""
    site, failing = site(), tmp_path / "fail"
    order = [{"order": 1, "computeEnvironment": "wide"}]
    site.batch.create_job_queue(jobQueueName="urgent", priority=9, computeEnvironmentOrder=order)
    both = {"resourceRequirements": [{"type": "VCPU", "value": "2"}]}
    script = f"test $AWS_BATCH_JOB_ATTEMPT = 2 && exit; {UNTIL.format(failing)}; exit 1"
    again = site.jobs.shell(script, jobQueue="q", retryStrategy={"attempts": 2}, containerOverrides=both)
    site.jobs.wait(again, "RUNNING")
    urgent = site.jobs.shell(UNTIL.format(site.gate), jobQueue="urgent", containerOverrides=both)
    waiting = site.hold()
    assert site.reason(waiting).endswith("; first in job queue q, after job queue urgent")
    failing.touch()
    site.jobs.wait(urgent, "RUNNING")
    wait = site.explain(again)["wait"]
    assert (wait["attempt"], wait["attempts"], wait["ahead"]["jobs"]) == (2, 2, 0)
    assert site.reason(again).endswith("; first in job queue q, for attempt 2 of 2")
    site.open(urgent, again, waiting)


def test_unknown_job_is_told_and_the_others_are_explained(site):
    """The exit code says that something is missing."""
    site = site()
    job, unknown = site.running(1), "00000000-0000-4000-8000-000000000000"
    done = site.server.run("explain", unknown, job)
    assert (done.returncode, done.stdout) == (1, f"{job}  RUNNING  does not wait\n")
    assert unknown in done.stderr
    site.open(job)


def test_what_can_never_run_says_so_and_blocks_nobody(site):
    """SCH-10, SCH-11, EV-3: told at once, to the listeners too."""
    site = site()
    wide = site.hold(vcpus=3)
    wait_for("the reason", lambda: site.reason(wide) == TOO_LARGE)
    wait = site.explain(wide)["wait"]
    assert (wait["obstacle"], wait["short"]["hosts"][0]["vcpuMilli"]) == ("oversized", 1_000)
    (event,) = wait_for("the event", site.told)
    assert event["detail"]["statusReason"] == TOO_LARGE
    assert [event["resources"][0], event["detail"]["jobId"]] == [event["detail"]["jobArn"], wide]
    assert event["resources"][1].endswith(":job-queue/q")
    site.open(site.hold())
    assert site.jobs.status(wide) == "RUNNABLE"


def test_queue_whose_head_waits_long_is_blocked(site):
    """SCH-10, EV-3: then its reason begins as AWS's does, and an event tells of it, once."""
    site = site("--queue-blocked-after-ms", "200")
    running, head = site.running(2), site.hold()
    (event,) = wait_for("the event", site.told)
    assert (event["detail"]["jobId"], event["detail"]["statusReason"]) == (head, CAPACITY)
    assert event["detail"]["status"] == "RUNNABLE"
    assert site.reason(head).startswith(f"{CAPACITY}. Lacks 1 vCPU on host ")
    assert site.explain(head)["wait"]["blocked"] == CAPACITY
    site.open(running, head)
    assert len(site.told()) == 1
    assert "statusReason" not in site.jobs.describe(head) or "CAPACITY" not in site.reason(head)


def test_under_aws_limits_only_the_head_of_a_blocked_queue_has_a_reason(site):
    """SCH-1, SCH-10: and who cannot be placed blocks all behind, whatever the reason."""
    site = site("--aws-limits", "--queue-blocked-after-ms", "300")
    running = site.running(1)
    head, behind = site.hold(vcpus=2), site.hold()
    assert (site.reason(head), site.reason(behind)) in [(None, None), (CAPACITY, None)]
    wait_for("the reason of the head", lambda: site.reason(head) == CAPACITY)
    assert site.reason(behind) is None
    assert site.explain(behind)["wait"]["heldUpBy"] == {"job": head, "reservedHosts": []}
    never = site.hold(vcpus=3)
    last = site.hold()
    site.open(running, head, behind)
    wait_for("the reason of the next head", lambda: site.reason(never) == TOO_LARGE)
    assert site.jobs.status(last) == "RUNNABLE"
    site.batch.cancel_job(jobId=never, reason="never")
    site.jobs.succeed(last)
