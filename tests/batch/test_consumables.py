"""Consumable resources: what they are, who waits for them, how they change (spec section 21)."""

import itertools

import pytest
from botocore.exceptions import ClientError

UNTIL = "until test -e {}; do sleep 0.02; done"
numbers = itertools.count()


@pytest.fixture
def make(batch):
    """Makes a resource; gives its name."""

    def make(total, kind="REPLENISHABLE", name=None):
        name = name or f"resource-{next(numbers)}"
        batch.create_consumable_resource(consumableResourceName=name, totalQuantity=total, resourceType=kind)
        return name

    return make


@pytest.fixture
def needing(jobs):
    """Submits a job that runs until the gate is there, if one is given, and needs so much of each resource."""

    def needing(gate=None, **request):
        needs = [{"consumableResource": name, "quantity": quantity} for name, quantity in request.pop("needs")]
        override = {"consumableResourceList": needs}
        script = UNTIL.format(gate) if gate else "true"
        return jobs.shell(script, consumableResourcePropertiesOverride=override, **request)

    return needing


def numbers_of(batch, name):
    """Total, in use and available."""
    found = batch.describe_consumable_resource(consumableResource=name)
    return found["totalQuantity"], found["inUseQuantity"], found["availableQuantity"]


def test_resource_is_described_as_it_was_made(batch):
    """CR-1, ID-1: by name and by ARN."""
    answer = batch.create_consumable_resource(consumableResourceName="made", totalQuantity=3, tags={"k": "v"})
    arn = "arn:aws:batch:us-east-1:000000000000:consumable-resource/made"
    assert (answer["consumableResourceName"], answer["consumableResourceArn"]) == ("made", arn)
    for name in ("made", arn):
        found = batch.describe_consumable_resource(consumableResource=name)
        assert (found["resourceType"], found["tags"]) == ("REPLENISHABLE", {"k": "v"})
        assert numbers_of(batch, name) == (3, 0, 3)
        assert type(found["createdAt"]) is int
    with pytest.raises(ClientError, match="totalQuantity cannot be a negative number."):
        batch.create_consumable_resource(consumableResourceName="less", totalQuantity=-1)
    with pytest.raises(ClientError, match="ConsumableResource name should match a valid pattern."):
        batch.create_consumable_resource(consumableResourceName="a b", totalQuantity=1)


def test_job_waits_until_all_that_it_needs_is_there(batch, jobs, make, needing, tmp_path):
    """CR-2: it holds up nobody who does not need it; each child of an array needs it for itself."""
    first, second = make(2), make(1)
    holder = needing(tmp_path / "go", needs=[(first, 1)])
    jobs.wait(holder, "RUNNING")
    waiting = needing(needs=[(first, 2), (second, 1)])
    jobs.succeed(jobs.shell("true"))
    assert jobs.status(waiting) == "RUNNABLE"
    assert (numbers_of(batch, first), numbers_of(batch, second)) == ((2, 1, 1), (1, 0, 1))
    (tmp_path / "go").touch()
    detail = jobs.succeed(waiting)
    arn = "arn:aws:batch:us-east-1:000000000000:consumable-resource/"
    listed = detail["consumableResourceProperties"]["consumableResourceList"]
    assert {entry["consumableResource"].removeprefix(arn): entry["quantity"] for entry in listed} == {first: 2, second: 1}
    assert numbers_of(batch, first) == (2, 0, 2)
    array = needing(tmp_path / "more", needs=[(second, 1)], arrayProperties={"size": 2})
    jobs.wait(f"{array}:0", "RUNNING")
    assert jobs.status(f"{array}:1") == "RUNNABLE"
    (tmp_path / "more").touch()
    jobs.succeed(array)


def test_what_is_not_replenishable_is_used_up(batch, jobs, make, needing):
    """CR-2: by every attempt."""
    name = make(3, "NON_REPLENISHABLE")
    jobs.succeed(needing(needs=[(name, 2)]))
    assert numbers_of(batch, name) == (1, 0, 1)
    waiting = needing(needs=[(name, 2)])
    jobs.succeed(jobs.shell("true"))
    assert jobs.status(waiting) == "RUNNABLE"
    batch.update_consumable_resource(consumableResource=name, operation="SET", quantity=2)
    jobs.succeed(waiting)
    assert numbers_of(batch, name) == (0, 0, 0)


def test_more_lets_jobs_in_and_less_keeps_them_out_at_once(batch, jobs, make, needing, tmp_path):
    """CR-3."""
    name = make(0)
    holder = needing(tmp_path / "go", needs=[(name, 3)])
    update = batch.update_consumable_resource
    assert update(consumableResource=name, operation="ADD", quantity=3)["totalQuantity"] == 3
    jobs.wait(holder, "RUNNING")
    update(consumableResource=name, operation="REMOVE", quantity=2)
    assert numbers_of(batch, name) == (3, 3, 0)
    waiting = needing(needs=[(name, 1)])
    assert jobs.status(waiting) == "RUNNABLE"
    (tmp_path / "go").touch()
    jobs.succeed(holder)
    jobs.succeed(waiting)
    assert numbers_of(batch, name) == (1, 0, 1)


def test_same_update_with_the_same_token_is_made_once(batch, make):
    """IDEM-2."""
    name = make(1)
    request = {"consumableResource": name, "operation": "ADD", "quantity": 2, "clientToken": "once"}
    answers = [batch.update_consumable_resource(**request)["totalQuantity"] for _ in range(2)]
    assert answers == [3, 3]
    assert batch.update_consumable_resource(**{**request, "clientToken": "twice"})["totalQuantity"] == 5


def test_deleted_resource_is_waited_for_until_it_is_made_again(batch, jobs, make, needing, tmp_path):
    """CR-4: what was in use of the old one is not given back to the new one."""
    name = make(1)
    holder = needing(tmp_path / "go", needs=[(name, 1)])
    jobs.wait(holder, "RUNNING")
    waiting = needing(tmp_path / "more", needs=[(name, 2)])
    batch.delete_consumable_resource(consumableResource=name)
    batch.delete_consumable_resource(consumableResource=name)
    with pytest.raises(ClientError, match=f"ConsumableResource {name} not found."):
        needing(needs=[(name, 1)])
    make(2, name=name)
    jobs.wait(waiting, "RUNNING")
    (tmp_path / "go").touch()
    jobs.succeed(holder)
    assert numbers_of(batch, name) == (2, 2, 0)
    (tmp_path / "more").touch()
    jobs.succeed(waiting)


def test_resources_and_the_jobs_that_need_them_are_listed(batch, jobs, make, needing):
    """CR-5: names without regard to case, with a trailing `*`; jobs by status and name."""
    for name in ("Listed-a", "listed-b", "other"):
        make(1, name=name)

    def listed(*values):
        filters = [{"name": "CONSUMABLE_RESOURCE_NAME", "values": list(values)}]
        found = batch.list_consumable_resources(filters=filters)["consumableResources"]
        return [entry["consumableResourceName"] for entry in found]

    assert listed("LISTED-*") == ["Listed-a", "listed-b"]
    assert listed("LISTED-B", "other") == ["listed-b", "other"]
    first = needing(needs=[("other", 1)], jobName="one")
    second = needing(needs=[("other", 1)], jobName="two")
    for job in (first, second):
        jobs.succeed(job)

    def found(*filters):
        filters = [{"name": name, "values": [value]} for name, value in filters]
        answer = batch.list_jobs_by_consumable_resource(consumableResource="other", filters=filters)
        return [entry["jobArn"].rpartition("/")[2] for entry in answer["jobs"]]

    assert found() == [second, first]
    assert found(("JOB_NAME", "ONE")) == [first]
    assert found(("JOB_STATUS", "SUCCEEDED")) == [second, first]
    assert found(("JOB_STATUS", "RUNNABLE")) == []
