"""Consumable resources by what jobs do with them: checklist item 12."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from waiting import wait_for

UNTIL = "until test -e {}; do sleep 0.05; done"


@pytest.fixture
def resource(batch, request):
    """Makes the resource of this test: `resource(2)`; gives its name."""

    def make(total, **members):
        name = request.node.name.partition("[")[0][5:]
        batch.create_consumable_resource(consumableResourceName=name, totalQuantity=total, **members)
        return name

    return make


@pytest.fixture
def hold(jobs, tmp_path):
    """Submits a job that needs some of a resource and runs until it is let go: `hold(name, 2)`."""

    def submit(name, quantity=1, gate="gate", **members):
        return jobs.shell(UNTIL.format(tmp_path / gate), **needing(name, quantity), **members)

    return submit


def needing(name, quantity=1):
    return {"consumableResourcePropertiesOverride": {"consumableResourceList": [{"consumableResource": name, "quantity": quantity}]}}


def quantities(batch, name):
    """(total, in use, available)."""
    found = batch.describe_consumable_resource(consumableResource=name)
    return found["totalQuantity"], found["inUseQuantity"], found["availableQuantity"]


def update(batch, name, operation, quantity, **members):
    return batch.update_consumable_resource(consumableResource=name, operation=operation, quantity=quantity, **members)


def waits_for(jobs, job, name):
    """Waits until the job says that it waits for the resource."""
    wait_for("the reason", lambda: name in jobs.describe(job).get("statusReason", ""))
    assert jobs.status(job) == "RUNNABLE"


def test_jobs_that_need_more_than_is_free_wait_until_some_ends(batch, jobs, resource, hold, tmp_path):
    """CR-1, CR-2: held from the start, given back at the end."""
    name = resource(2)
    first = hold(name, 2)
    jobs.wait(first, "RUNNING")
    second = hold(name, 1)
    waits_for(jobs, second, name)
    assert quantities(batch, name) == (2, 2, 0)
    (tmp_path / "gate").touch()
    for job in (first, second):
        jobs.succeed(job)
    assert quantities(batch, name) == (2, 0, 2)


def test_resource_that_is_not_replenishable_is_used_up(batch, jobs, resource, hold, tmp_path):
    """CR-1, CR-2, CR-3: what a failed job took is gone too; SET is of what is available."""
    name = resource(2, resourceType="NON_REPLENISHABLE")
    jobs.succeed(jobs.shell("true", **needing(name)))
    jobs.fail(jobs.shell("exit 1", **needing(name)))
    assert quantities(batch, name)[2] == 0
    late = jobs.shell("true", **needing(name))
    waits_for(jobs, late, name)
    update(batch, name, "SET", 1)
    jobs.succeed(late)
    assert quantities(batch, name)[2] == 0


def test_raised_total_lets_more_in_and_lowered_total_keeps_them_out(batch, jobs, resource, hold, tmp_path):
    """CR-3: what runs keeps what it has."""
    name = resource(1)
    first, second = hold(name), hold(name)
    jobs.wait(first, "RUNNING")
    waits_for(jobs, second, name)
    assert update(batch, name, "ADD", 1)["totalQuantity"] == 2
    jobs.wait(second, "RUNNING")
    update(batch, name, "REMOVE", 1)
    assert (quantities(batch, name)[1:], jobs.status(second)) == ((2, 0), "RUNNING")
    third = hold(name)
    waits_for(jobs, third, name)
    (tmp_path / "gate").touch()
    for job in (first, second, third):
        jobs.succeed(job)
    assert quantities(batch, name) == (1, 0, 1)


def test_deleted_resource_is_the_same_one_to_jobs_that_wait_when_it_is_made_again(batch, jobs, resource, hold, tmp_path):
    """CR-4: what was held of the old one is not given to the new one."""
    name = resource(1)
    first, second = hold(name), hold(name)
    jobs.wait(first, "RUNNING")
    waits_for(jobs, second, name)
    batch.delete_consumable_resource(consumableResource=name)
    with pytest.raises(ClientError):
        batch.describe_consumable_resource(consumableResource=name)
    assert jobs.status(first) == "RUNNING"
    with pytest.raises(ClientError):
        hold(name)
    resource(1)
    jobs.wait(second, "RUNNING")
    (tmp_path / "gate").touch()
    for job in (first, second):
        jobs.succeed(job)
    assert quantities(batch, name) == (1, 0, 1)


def test_each_child_of_an_array_needs_its_own(batch, jobs, resource, tmp_path):
    """CR-4, CR-2: never more at once than there is."""
    name = resource(2)
    script = f"mkdir {tmp_path}/$AWS_BATCH_JOB_ARRAY_INDEX; ls {tmp_path} | wc -l; rmdir {tmp_path}/$AWS_BATCH_JOB_ARRAY_INDEX"
    array = jobs.array(12, script, **needing(name))
    jobs.succeed(array)
    seen = [int(jobs.output(jobs.describe(f"{array}:{index}"))[0]) for index in range(12)]
    assert max(seen) <= 2
    assert quantities(batch, name) == (2, 0, 2)


def test_same_update_with_the_same_token_is_made_once(batch, resource):
    """IDEM-2: also when several ask at once."""
    name = resource(1)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(update, batch, name, "ADD", 5, clientToken="once") for _ in range(4)]
    assert {each.result()["totalQuantity"] for each in asked} == {6}
    assert quantities(batch, name) == (6, 0, 6)


def test_lists_are_filtered(batch, jobs, resource):
    """CR-5: names in any case, with a star at the end; jobs by status and name."""
    name = resource(1)
    done = jobs.shell("true", jobName="small", **needing(name))
    jobs.succeed(done)
    late = jobs.shell("true", jobName="large", **needing(name, 2))
    filters = lambda key, *values: [{"name": key, "values": list(values)}]  # noqa: E731
    listed = batch.list_consumable_resources(filters=filters("CONSUMABLE_RESOURCE_NAME", f"{name[:9].upper()}*"))
    (found,) = listed["consumableResources"]
    assert (found["consumableResourceName"], found["totalQuantity"], found["inUseQuantity"]) == (name, 1, 0)

    def ids(*chosen):
        page = batch.list_jobs_by_consumable_resource(consumableResource=name, filters=list(chosen))
        return [job["jobArn"].rpartition("/")[2] for job in page["jobs"]]

    wait_for("both", lambda: set(ids()) == {done, late})
    assert ids(*filters("JOB_NAME", "large")) == [late]
    assert ids(*filters("JOB_STATUS", "SUCCEEDED")) == [done]
    batch.cancel_job(jobId=late, reason="enough")


REFUSED = [
    ("no negative totals (CR-1)", {"consumableResourceName": "r", "totalQuantity": -1}, "totalQuantity cannot be a negative number."),
    ("no other types (CR-1)", {"consumableResourceName": "r", "totalQuantity": 1, "resourceType": "LEASED"}, "resourceType"),
]


@pytest.mark.parametrize(("why", "asked", "text"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_created_is_refused(batch, why, asked, text):
    with pytest.raises(ClientError, match=text):
        batch.create_consumable_resource(**asked)


def test_jobs_may_need_five_of_them_and_each_once(batch, jobs, resource):
    """CR-2, SUB-16."""
    name = resource(9)
    twice = [{"consumableResource": name, "quantity": 1}] * 2
    six = [{"consumableResource": f"{name}-{number}", "quantity": 1} for number in range(6)]
    for needs in (twice, six):
        with pytest.raises(ClientError):
            jobs.shell("true", consumableResourcePropertiesOverride={"consumableResourceList": needs})
