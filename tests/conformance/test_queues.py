"""Queues and environments: what goes together, and what placement makes of it. Checklist items 9 and 10."""

import itertools

import pytest
from jobs import Jobs
from waiting import wait_for

UNTIL = "until test -e {}; do sleep 0.05; done"
numbers = itertools.count()
COMPUTE = {
    "type": "EC2", "minvCpus": 0, "maxvCpus": 8, "instanceTypes": ["optimal"], "subnets": ["s"],
    "securityGroupIds": ["g"], "instanceRole": "r",
}  # fmt: skip
FARGATE = {"type": "FARGATE", "maxvCpus": 8, "subnets": ["s"], "securityGroupIds": ["g"]}


class Plant:
    """Environments and queues of one server."""

    def __init__(self, server):
        self.jobs = Jobs(server)
        self.batch = self.jobs.batch

    def environment(self, name=None, **members):
        name = name or f"plant-{next(numbers)}"
        resources = {**COMPUTE, **members} if members.get("type") != "FARGATE" else members
        self.batch.create_compute_environment(computeEnvironmentName=name, type="MANAGED", computeResources=resources)
        wait_for(f"{name} to be valid", lambda: self.found(name)["status"] == "VALID")
        return name

    def found(self, name):
        (found,) = self.batch.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"]
        return found

    def disable(self, name):
        self.batch.update_compute_environment(computeEnvironment=name, state="DISABLED")
        wait_for(f"{name} to settle", lambda: self.found(name)["status"] == "VALID")

    def queue(self, *environments, **members):
        name = f"plant-{next(numbers)}"
        order = [{"order": at, "computeEnvironment": each} for at, each in enumerate(environments)]
        request = {"jobQueueName": name, "priority": 1, "computeEnvironmentOrder": order, **members}
        self.batch.create_job_queue(**request)
        describe = self.batch.describe_job_queues
        wait_for(f"{name} to be valid", lambda: describe(jobQueues=[name])["jobQueues"][0]["status"] == "VALID")
        return name

    def hold(self, gate, queue, vcpus=1, **request):
        """A job that runs until the gate is there."""
        needs = {"resourceRequirements": [{"type": "VCPU", "value": str(vcpus)}]}
        return self.jobs.shell(UNTIL.format(gate), jobQueue=queue, containerOverrides=needs, **request)


@pytest.fixture(scope="module")
def plant(shared):
    return Plant(shared)


REFUSED_QUEUES = [
    # JQ-1, JQ-2, JQ-3, JQ-5
    ([], {}, "computeEnvironmentOrder is required."),
    ([(1, "default"), (1, "ec2")], {}, "Duplicate ComputeEnvironment order values."),
    ([(1, "default"), (2, "default")], {}, "Duplicate ComputeEnvironments within order list."),
    ([(1, "a"), (2, "b"), (3, "c"), (4, "d")], {}, "Only 3 environments are allowed in job queue request."),
    ([(1, "default"), (2, "fargate")], {}, "Fargate and EC2 compute environments can not be mixed."),
    ([(1, "nowhere")], {}, "Compute Environments must be created and valid before attaching them to a job queue"),
    ([(1, "default")], {"priority": -1}, "riority"),
    ([(1, "default")], {"jobQueueName": "a b"}, "Job Queue name should match a valid pattern."),
    ([(1, "default")], {"jobQueueType": "EKS"}, "EKS job queue type must have EKS compute environment."),
]


@pytest.mark.parametrize("order, change, text", REFUSED_QUEUES)
def test_bad_queue_is_refused_in_aws_s_words(plant, order, change, text):
    """ERR-1: and is not there."""
    if not any(name == "ec2" for name in names(plant)):
        plant.environment("ec2")
        plant.environment("fargate", **FARGATE)
    order = [{"order": at, "computeEnvironment": name} for at, name in order]
    request = {"jobQueueName": "refused", "priority": 1, "computeEnvironmentOrder": order, **change}
    with pytest.raises(plant.batch.exceptions.ClientException) as error:
        plant.batch.create_job_queue(**request)
    assert text in error.value.response["Error"]["Message"]
    assert plant.batch.describe_job_queues(jobQueues=["refused"])["jobQueues"] == []


def names(plant):
    found = plant.batch.describe_compute_environments()["computeEnvironments"]
    return [each["computeEnvironmentName"] for each in found]


REFUSED_ENVIRONMENTS = [
    # CE-1 to CE-7
    ({"type": "MANAGED", "state": "DISABLED"}, {}, "Compute Environment must be created in ENABLED state."),
    ({"type": "UNMANAGED", "computeResources": None}, {}, "ServiceRole is required."),
    ({"unmanagedvCpus": 4}, {}, "unmanagedvCpus is not applicable to managed Compute Environments"),
    ({}, {"instanceRole": None}, "Instance role is required."),
    ({}, {"instanceTypes": None}, "Resource instanceTypes are required."),
    ({}, {"minvCpus": None}, "Resource minvCpus is required."),
    ({}, {"securityGroupIds": None}, "Security group ids are required."),
    ({}, {"type": "SPOT"}, "compute resource spotIamFleetRole is required."),
    ({}, {"minvCpus": -1}, "minvCpus should be greater than or equal to 0."),
    ({}, {"minvCpus": 9}, "maxvCpus should be greater than or equal to minvCpus."),
    ({}, {"desiredvCpus": 9}, "desiredvCpus should be between minvCpus and maxvCpus."),
    ({}, {"bidPercentage": 101}, "Bid percentage must be between 0 to 100."),
    ({}, {"instanceTypes": ["m6g", "m5"]}, "arm-based instance type cannot be used with other instance types"),
    ({}, {"ec2Configuration": [{"imageType": "ECS_DOS"}]}, "Invalid imageType in ComputeResources.ec2Configuration"),
    ({}, {"launchTemplate": {}}, "One of LaunchTemplateId and LaunchTemplateName or LaunchTemplate.overrides should be provided"),
    (
        {},
        {"launchTemplate": {"launchTemplateId": "lt-1", "version": "newest"}},
        "LaunchTemplateVersion must be either empty or a number or $Default or $Latest",
    ),
    ({"computeResources": {**FARGATE, "desiredvCpus": 1}}, {}, "desiredvCpus is not applicable for Fargate."),
    ({"computeResources": {**FARGATE, "tags": {"a": "b"}}}, {}, "tags is not applicable for Fargate."),
    ({"computeResources": {**FARGATE, "subnets": ["s"] * 17}}, {}, "Fargate supports a maximum of 16 subnets."),
    ({"computeResources": {**FARGATE, "securityGroupIds": ["g"] * 6}}, {}, "Fargate supports a maximum of 5 security groups."),
]


@pytest.mark.parametrize("change, resources, text", REFUSED_ENVIRONMENTS)
def test_bad_environment_is_refused_in_aws_s_words(plant, change, resources, text):
    """ERR-1: and is not there."""
    merged = {name: value for name, value in {**COMPUTE, **resources}.items() if value is not None}
    request = {"computeEnvironmentName": "refused", "type": "MANAGED", "computeResources": merged, **change}
    request = {name: value for name, value in request.items() if value is not None}
    with pytest.raises(plant.batch.exceptions.ClientException) as error:
        plant.batch.create_compute_environment(**request)
    assert text in error.value.response["Error"]["Message"]
    assert "refused" not in names(plant)


def test_empty_update_is_refused(plant):
    """CE-15."""
    name = plant.environment()
    for change, text in [
        ({}, "One of [state | compute-resources | service-role | unmanaged-vcpus] is required."),
        ({"computeResources": {}}, "At least one compute-resources attribute must be specified"),
    ]:
        with pytest.raises(plant.batch.exceptions.ClientException) as error:
            plant.batch.update_compute_environment(computeEnvironment=name, **change)
        assert text in str(error.value)


def test_strategies_and_settings_are_kept_and_echoed(plant):
    """CE-10, CE-13."""
    members = {"allocationStrategy": "BEST_FIT_PROGRESSIVE", "imageId": "ami-1", "ec2KeyPair": "k", "placementGroup": "p"}
    found = plant.found(plant.environment(**members))["computeResources"]
    assert members.items() <= found.items()


def test_job_that_fits_nowhere_waits(plant):
    """SCH-11: it is taken, and stays RUNNABLE."""
    queue = plant.queue("default")
    job = plant.hold("/no/gate", queue, vcpus=1000)
    plant.jobs.wait(job, "RUNNABLE")
    small = plant.jobs.shell("true", jobQueue=plant.queue("default"))
    plant.jobs.succeed(small)
    assert plant.jobs.status(job) == "RUNNABLE"
    plant.batch.cancel_job(jobId=job, reason="seen")


def test_environment_is_never_filled_beyond_its_cores(plant, tmp_path):
    """SCH-5, CE-12: two jobs of five cores in an environment of eight run one after the other."""
    gate, queue = tmp_path / "gate", plant.queue(plant.environment())
    first, second = (plant.hold(gate, queue, vcpus=5) for _ in range(2))
    plant.jobs.wait(first, "RUNNING")
    assert plant.jobs.status(second) == "RUNNABLE"
    gate.touch()
    plant.jobs.succeed(first), plant.jobs.succeed(second)
    assert plant.jobs.describe(second)["startedAt"] >= plant.jobs.describe(first)["stoppedAt"]


def test_what_does_not_fit_overflows_to_the_next_environment(plant, tmp_path):
    """SCH-3, ENV-1: in the order of the queue."""
    gate, (first, second) = tmp_path / "gate", (plant.environment(maxvCpus=1), plant.environment(maxvCpus=1))
    queue = plant.queue(first, second)
    held = []
    for _ in range(2):
        job = plant.jobs.shell(f"echo $AWS_BATCH_CE_NAME; {UNTIL.format(gate)}", jobQueue=queue)
        plant.jobs.wait(job, "RUNNING")
        held.append(job)
    gate.touch()
    assert [plant.jobs.output(plant.jobs.succeed(job)) for job in held] == [[first], [second]]


def test_disabled_environment_gets_nothing_new_and_ends_what_it_has(plant, tmp_path):
    """SCH-4, CE-19, JQ-9."""
    gate, name = tmp_path / "gate", plant.environment()
    queue = plant.queue(name)
    running = plant.hold(gate, queue)
    plant.jobs.wait(running, "RUNNING")
    plant.disable(name)
    waiting = plant.hold(gate, queue)
    plant.jobs.wait(waiting, "RUNNABLE")
    gate.touch()
    plant.jobs.succeed(running)
    assert plant.jobs.status(waiting) == "RUNNABLE"
    plant.batch.update_compute_environment(computeEnvironment=name, state="ENABLED")
    plant.jobs.succeed(waiting)


def test_queue_of_higher_priority_is_served_first(plant, tmp_path):
    """SCH-2: on an environment that both share."""
    gate, file, name = tmp_path / "gate", tmp_path / "file", plant.environment(maxvCpus=1)
    low, high = plant.queue(name, priority=1), plant.queue(name, priority=9)
    blocker = plant.hold(gate, low)
    plant.jobs.wait(blocker, "RUNNING")
    ran = [
        plant.jobs.shell(f"echo {word} >> {file}", jobQueue=queue)
        for word, queue in [("low", low), ("low", low), ("high", high), ("high", high)]
    ]
    for job in ran:
        plant.jobs.wait(job, "RUNNABLE")
    gate.touch()
    for job in ran:
        plant.jobs.succeed(job)
    assert file.read_text().split() == ["high", "high", "low", "low"]


def test_jobs_of_a_queue_start_in_their_order(plant, tmp_path):
    """SCH-1: one core, first come, first placed."""
    gate, file, queue = tmp_path / "gate", tmp_path / "file", plant.queue(plant.environment(maxvCpus=1))
    blocker = plant.hold(gate, queue)
    plant.jobs.wait(blocker, "RUNNING")
    ran = [plant.jobs.shell(f"echo {number} >> {file}", jobQueue=queue) for number in range(6)]
    gate.touch()
    for job in ran:
        plant.jobs.succeed(job)
    assert file.read_text().split() == [str(number) for number in range(6)]


def test_retried_job_is_ahead_of_those_that_wait(plant, tmp_path):
    """SCH-6, RTY-2."""
    gate, file, queue = tmp_path / "gate", tmp_path / "file", plant.queue(plant.environment(maxvCpus=1))
    script = f"test $AWS_BATCH_JOB_ATTEMPT = 2 && echo retried >> {file} && exit; {UNTIL.format(gate)}; exit 1"
    again = plant.jobs.shell(script, jobQueue=queue, retryStrategy={"attempts": 2})
    plant.jobs.wait(again, "RUNNING")
    others = [plant.jobs.shell(f"echo other >> {file}", jobQueue=queue) for _ in range(3)]
    gate.touch()
    for job in [again, *others]:
        plant.jobs.succeed(job)
    assert file.read_text().split() == ["retried", "other", "other", "other"]


def test_queue_is_moved_to_another_environment(plant, tmp_path):
    """JQ-8: what waits runs there."""
    full, free, gate = plant.environment(maxvCpus=1), plant.environment(), tmp_path / "gate"
    queue = plant.queue(full)
    blocker = plant.hold(gate, queue)
    plant.jobs.wait(blocker, "RUNNING")
    job = plant.jobs.shell("echo $AWS_BATCH_CE_NAME", jobQueue=queue)
    plant.jobs.wait(job, "RUNNABLE")
    order = [{"order": 1, "computeEnvironment": free}]
    plant.batch.update_job_queue(jobQueue=queue, computeEnvironmentOrder=order)
    assert plant.jobs.output(plant.jobs.succeed(job)) == [free]
    gate.touch()
    plant.jobs.succeed(blocker)


def test_front_of_a_queue_is_shown_in_the_order_of_service(plant, tmp_path):
    """SNP-1: jobs and children one by one, never more than a hundred, and what the queue uses."""
    gate, queue = tmp_path / "gate", plant.queue(plant.environment(maxvCpus=2))
    blocker = plant.hold(gate, queue, vcpus=2)
    plant.jobs.wait(blocker, "RUNNING")
    array = plant.jobs.array(3, "true", jobQueue=queue)
    single = plant.jobs.shell("true", jobQueue=queue)
    many = plant.jobs.array(200, "true", jobQueue=queue)
    snapshot = plant.batch.get_job_queue_snapshot(jobQueue=queue)
    front = snapshot["frontOfQueue"]["jobs"]
    ids = [job["jobArn"].rpartition("/")[2] for job in front]
    expected = [*(f"{array}:{index}" for index in range(3)), single, *(f"{many}:{index}" for index in range(96))]
    assert ids == expected
    positions = [job["earliestTimeAtPosition"] for job in front]
    assert positions == sorted(positions) and type(positions[0]) is int
    assert positions[0] <= snapshot["frontOfQueue"]["lastUpdatedAt"]
    used = snapshot["queueUtilization"]["totalCapacityUsage"]
    assert used == [{"capacityUnit": "VCPU", "quantity": 2.0}]
    plant.batch.terminate_job(jobId=many, reason="seen")
    gate.touch()
    plant.jobs.succeed(single)
    plant.jobs.wait(many)
    snapshot = plant.batch.get_job_queue_snapshot(jobQueue=queue)
    assert (snapshot["frontOfQueue"]["jobs"], snapshot["queueUtilization"]["totalCapacityUsage"][0]["quantity"]) == ([], 0)


def test_snapshot_of_no_queue_is_refused(plant):
    """SNP-1, ERR-1."""
    with pytest.raises(plant.batch.exceptions.ClientException) as error:
        plant.batch.get_job_queue_snapshot(jobQueue="nowhere")
    assert "JobQueue nowhere not found." in str(error.value)
