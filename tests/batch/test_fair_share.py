"""Queues with a scheduling policy: whose turn it is, room for newcomers, what is refused (spec section 20.2)."""

import itertools

import pytest
from botocore.exceptions import ClientError
from jobs import Jobs
from waiting import wait_for

UNTIL = "until test -e {}; do sleep 0.02; done"
numbers = itertools.count()


class Shares:
    """Queues with a policy over environments of their own, on one server."""

    def __init__(self, server):
        self.jobs = Jobs(server)
        self.batch = self.jobs.batch

    def policy(self, **fair):
        name = f"policy-{next(numbers)}"
        return self.batch.create_scheduling_policy(name=name, fairsharePolicy=fair)["arn"]

    def queue(self, vcpus, **fair):
        name = f"fair-{next(numbers)}"
        compute = {
            "type": "EC2", "minvCpus": 0, "maxvCpus": vcpus, "instanceTypes": ["optimal"], "subnets": ["s"],
            "securityGroupIds": ["g"], "instanceRole": "r",
        }  # fmt: skip
        self.batch.create_compute_environment(computeEnvironmentName=name, type="MANAGED", computeResources=compute)
        order = [{"order": 1, "computeEnvironment": name}]
        environments = self.batch.describe_compute_environments
        valid = lambda: environments(computeEnvironments=[name])["computeEnvironments"][0]["status"] == "VALID"  # noqa: E731
        wait_for(f"{name} to be valid", valid)
        self.batch.create_job_queue(
            jobQueueName=name, priority=1, computeEnvironmentOrder=order, schedulingPolicyArn=self.policy(**fair)
        )
        return name

    def submit(self, queue, share, script="true", priority=0, **request):
        fields = {"shareIdentifier": share, "schedulingPriorityOverride": priority, **request}
        return self.jobs.shell(script, jobQueue=queue, **fields)

    def wide(self, queue, share, vcpus, script):
        needs = {"resourceRequirements": [{"type": "VCPU", "value": str(vcpus)}]}
        return self.submit(queue, share, script, containerOverrides=needs)

    def active(self, array):
        """How many children have their place."""
        summary = self.jobs.describe(array)["arrayProperties"].get("statusSummary", {})
        return summary.get("STARTING", 0) + summary.get("RUNNING", 0)


@pytest.fixture(scope="module")
def shares(shared):
    return Shares(shared)


def lines(path):
    return path.read_text().split() if path.exists() else []


def test_shares_get_vcpus_in_inverse_ratio_of_their_weights(shares, tmp_path):
    """FSS-1, FSS-6: 1 to 8, where the one has no entry and the other an entry for its beginning."""
    weights = [{"shareIdentifier": "light*", "weightFactor": 0.125}]
    queue = shares.queue(9, shareDistribution=weights)
    block = shares.wide(queue, "block", 9, UNTIL.format(tmp_path / "go"))
    children = [
        shares.submit(queue, share, UNTIL.format(tmp_path / "end"), arrayProperties={"size": 20})
        for share in ("plain", "light-1")
    ]
    (tmp_path / "go").touch()
    shares.jobs.succeed(block)
    wait_for("nine children to start", lambda: sum(map(shares.active, children)) == 9)
    assert [shares.active(array) for array in children] == [1, 8]
    (tmp_path / "end").touch()
    for array in children:
        shares.jobs.succeed(array)


def test_priority_decides_inside_a_share_and_use_between_shares(shares, tmp_path):
    """FSS-5: and the front of the queue is shown in that order (SNP-1)."""
    queue = shares.queue(1)
    log = tmp_path / "log"
    block = shares.submit(queue, "busy", UNTIL.format(tmp_path / "go"))
    shares.jobs.wait(block, "RUNNING")
    order = [("busy-low", "busy", 1), ("low", "idle", 1), ("high", "idle", 9), ("busy-high", "busy", 9)]
    jobs = [shares.submit(queue, share, f"echo {name} >> {log}", priority) for name, share, priority in order]
    snapshot = shares.batch.get_job_queue_snapshot(jobQueue=queue)
    front = [entry["jobArn"].rpartition("/")[2] for entry in snapshot["frontOfQueue"]["jobs"]]
    used = snapshot["queueUtilization"]["fairshareUtilization"]
    quantities = {share["shareIdentifier"]: share["capacityUsage"][0]["quantity"] for share in used["topCapacityUtilization"]}
    assert (used["activeShareCount"], quantities) == (2, {"busy": 1, "idle": 0})
    assert sorted(front) == sorted(jobs) and front[0] == jobs[2]
    (tmp_path / "go").touch()
    for job in jobs:
        shares.jobs.succeed(job)
    started = lines(log)
    assert started[0] == "high"
    assert started.index("busy-high") < started.index("busy-low")


def test_past_use_counts_across_a_restart_and_is_forgotten_in_time(server, tmp_path):
    """FSS-3."""
    own = server()
    shares = Shares(own)
    log = tmp_path / "log"

    def race(queue, block):
        """Of two shares, `used` first: which of them starts first once `block` has ended."""
        jobs = [shares.submit(queue, share, f"echo {share} >> {log}") for share in ("used", "fresh")]
        (tmp_path / "go").touch()
        for job in (block, *jobs):
            shares.jobs.succeed(job)
        return lines(log)[-2:]

    long = shares.queue(1, shareDecaySeconds=604_800)
    shares.jobs.succeed(shares.submit(long, "used", "sleep 0.3"))
    block = shares.submit(long, "block", UNTIL.format(tmp_path / "go"))
    shares.jobs.wait(block, "RUNNING")
    own.kill()
    own.start()
    assert race(long, block) == ["fresh", "used"]
    (tmp_path / "go").unlink()
    short = shares.queue(1, shareDecaySeconds=1)
    shares.jobs.succeed(shares.submit(short, "used", "sleep 0.1"))
    block = shares.submit(short, "block", f"sleep 1.5; {UNTIL.format(tmp_path / 'go')}")
    started = shares.jobs.wait(block, "RUNNING")["startedAt"]
    jobs = [shares.submit(short, share, f"echo {share} >> {log}") for share in ("used", "fresh")]
    (tmp_path / "go").touch()
    assert shares.jobs.succeed(block)["stoppedAt"] - started >= 1_500
    for job in jobs:
        shares.jobs.succeed(job)
    assert lines(log)[-2:] == ["used", "fresh"]


def test_part_is_kept_for_shares_that_are_not_active_yet(shares, tmp_path):
    """FSS-4: half of eight, then a quarter, then an eighth."""
    queue = shares.queue(8, computeReservation=50)
    arrays = []
    for share, expected in [("a", [4]), ("b", [4, 2]), ("c", [4, 2, 1])]:
        arrays.append(shares.submit(queue, share, UNTIL.format(tmp_path / "end"), arrayProperties={"size": 10}))
        placed = lambda wanted=expected: [shares.active(array) for array in arrays] == wanted  # noqa: E731
        wait_for(f"{expected} to have their places", placed)
    (tmp_path / "end").touch()
    for array in arrays:
        shares.jobs.succeed(array)


def test_another_share_is_refused_while_too_many_are_active(server):
    """FSS-2, FSS-6: a share is active for as long after its last job as past use counts."""
    shares = Shares(server("--limit", "share-identifiers=1"))
    queue = shares.queue(1, shareDecaySeconds=1)
    shares.jobs.succeed(shares.submit(queue, "first"))

    def second():
        try:
            return shares.submit(queue, "second")
        except ClientError as error:
            assert "Failed to create shareIdentifier second" in error.response["Error"]["Message"]
            return None

    assert second() is None
    shares.jobs.succeed(wait_for("the first share to be forgotten", second))


REFUSED = [
    ({"schedulingPriorityOverride": 1}, "shareIdentifier must be specified."),
    (
        {"shareIdentifier": "a"},
        "Either schedulingPriority in job definition or schedulingPriorityOverride should be specified.",
    ),
    ({"shareIdentifier": "a*", "schedulingPriorityOverride": 1}, "ShareIdentifier name should match a valid pattern."),
]


@pytest.mark.parametrize(("members", "text"), REFUSED)
def test_job_without_share_or_priority_is_refused(shares, members, text):
    """SUB-6."""
    queue = shares.queue(1)
    with pytest.raises(ClientError) as error:
        shares.jobs.shell("true", jobQueue=queue, **members)
    assert text in error.value.response["Error"]["Message"]


def test_jobs_show_their_share_and_are_listed_by_it(shares):
    """LST-3: the one filter that heeds the status; DSC-2."""
    queue = shares.queue(4)
    ended = shares.submit(queue, "team-a", "true", 7)
    other = shares.submit(queue, "team-b")
    detail = shares.jobs.succeed(ended)
    assert (detail["shareIdentifier"], detail["schedulingPriority"]) == ("team-a", 7)
    shares.jobs.succeed(other)

    def listed(status, *values):
        filters = [{"name": "SHARE_IDENTIFIER", "values": list(values)}]
        found = shares.batch.list_jobs(jobQueue=queue, filters=filters, **status)["jobSummaryList"]
        return {entry["jobId"]: entry["shareIdentifier"] for entry in found}

    assert listed({}, "team-a") == {ended: "team-a"}
    assert listed({"jobStatus": "SUCCEEDED"}, "team-a", "team-b") == {ended: "team-a", other: "team-b"}
    assert listed({"jobStatus": "FAILED"}, "team-a") == {}


def test_policy_lives_as_long_as_a_queue_has_it(shares):
    """FSS-1, JQ-4."""
    queue = shares.queue(1, shareDecaySeconds=60)
    batch = shares.batch
    (found,) = batch.describe_job_queues(jobQueues=[queue])["jobQueues"]
    arn = found["schedulingPolicyArn"]
    weights = [{"shareIdentifier": "a", "weightFactor": 2.5}]
    batch.update_scheduling_policy(arn=arn, fairsharePolicy={"computeReservation": 10, "shareDistribution": weights})
    (policy,) = batch.describe_scheduling_policies(arns=[arn])["schedulingPolicies"]
    assert policy["fairsharePolicy"]["computeReservation"] == 10
    assert policy["fairsharePolicy"]["shareDistribution"] == weights
    assert arn in [entry["arn"] for entry in batch.list_scheduling_policies()["schedulingPolicies"]]
    with pytest.raises(ClientError, match="found existing JobQueue relationship"):
        batch.delete_scheduling_policy(arn=arn)
    unused = shares.policy()
    batch.delete_scheduling_policy(arn=unused)
    assert batch.describe_scheduling_policies(arns=[unused])["schedulingPolicies"] == []
