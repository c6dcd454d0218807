"""What a job becomes of a definition and a request: checklist items 1 and 13, and the rules of single members."""

import itertools

import pytest
from conformance.definitions import NEEDS, plain

numbers = itertools.count()


@pytest.fixture
def define(batch):
    """Registers a definition; gives its name."""

    def define(**request):
        name = f"submitted-{next(numbers)}"
        batch.register_job_definition(jobDefinitionName=name, type="container", **{**plain(), **request})
        return name

    return define


def needs(detail):
    return {entry["type"]: entry["value"] for entry in detail["container"]["resourceRequirements"]}


def test_answer_names_the_job_in_every_form(batch):
    """SUB-1, ID-1, ID-2, WIRE-1, WIRE-2."""
    answer = batch.submit_job(jobName="answered", jobQueue="default", jobDefinition="host")
    del answer["ResponseMetadata"]
    job = answer["jobId"]
    assert answer == {"jobName": "answered", "jobId": job, "jobArn": f"arn:aws:batch:us-east-1:000000000000:job/{job}"}


def test_same_request_twice_makes_two_jobs(jobs):
    """IDEM-1."""
    first, second = jobs.shell("true"), jobs.shell("true")
    assert first != second
    jobs.succeed(first), jobs.succeed(second)


def test_described_at_once_there_is_a_job(jobs):
    """ST-1, ST-4, WIRE-7, LST-6: by its id, in whatever status, with the time of its submission."""
    job = jobs.shell("true")
    detail = jobs.describe(job)
    assert detail["status"] in ("SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED")
    created = detail["createdAt"]
    assert type(created) is int
    assert jobs.succeed(job)["createdAt"] == created


def test_statuses_never_go_back(jobs, tmp_path):
    """ST-2: seen by one who looks all the time; only a retry leads back to RUNNABLE."""
    order = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
    first = jobs.shell("sleep 0.2")
    job = jobs.shell("sleep 0.2", dependsOn=[{"jobId": first}])
    seen = [jobs.status(job)]
    while seen[-1] != "SUCCEEDED":
        seen.append(jobs.status(job))
    assert [order.index(status) for status in seen] == sorted(order.index(status) for status in seen)
    assert "PENDING" in seen and "RUNNING" in seen


def test_nothing_asked_for_is_nothing_set(jobs, define):
    """RES-4, TMO-4, RTY-9, DSC-2: one attempt, no timeout, no priority, no propagation."""
    detail = jobs.fail(jobs.submit("false", jobDefinition=define()))
    unset = {"retryStrategy", "timeout", "schedulingPriority", "propagateTags", "shareIdentifier", "isCancelled"}
    assert unset & set(detail) == set()
    assert len(detail["attempts"]) == 1
    assert detail["container"]["logStreamName"]


def test_success_is_exit_code_zero_and_nothing_else(jobs):
    """STOP-2: whatever is said on stderr."""
    assert jobs.succeed(jobs.shell("echo fatal error >&2"))["container"]["exitCode"] == 0
    assert jobs.fail(jobs.shell("echo all well; exit 1"))["container"]["exitCode"] == 1


def test_command_of_the_request_replaces_that_of_the_definition_whole(jobs, define):
    """RES-2, ENV-4."""
    name = define(**plain(command=["sh", "-c", "echo definition; exit 9"]))
    detail = jobs.succeed(jobs.submit("echo", "request", jobDefinition=name))
    assert detail["container"]["command"] == ["echo", "request"]
    assert jobs.output(detail) == ["request"]


def test_needs_are_merged_kind_by_kind(jobs, define):
    """RES-2: a kind is replaced, one that is missing is added, the others stay."""
    override = {"resourceRequirements": [{"type": "MEMORY", "value": "99"}]}
    detail = jobs.succeed(jobs.submit(jobDefinition=define(), containerOverrides=override))
    assert needs(detail) == {"VCPU": "1", "MEMORY": "99"}


def test_deprecated_overrides_do_nothing_where_the_definition_has_requirements(jobs, define):
    """RES-2: vcpus and memory."""
    detail = jobs.succeed(jobs.submit(jobDefinition=define(), containerOverrides={"vcpus": 7, "memory": 777}))
    assert needs(detail) == {"VCPU": "1", "MEMORY": "64"}


def test_deprecated_members_are_used_where_the_definition_uses_them(jobs, define):
    """RES-2, DSC-3, JD-5: and they are shown as they were given."""
    name = define(**plain(resourceRequirements=None, vcpus=1, memory=64))
    detail = jobs.succeed(jobs.submit(jobDefinition=name, containerOverrides={"memory": 128}))
    assert detail["container"]["vcpus"] == 1
    assert detail["container"]["memory"] == 128 or needs(detail).get("MEMORY") == "128"


def test_whole_objects_of_the_request_replace_the_definition_s(jobs, define):
    """RES-2, RTY-1, RTY-9: retryStrategy is not merged."""
    entries = [{"onExitCode": "3", "action": "EXIT"}]
    name = define(retryStrategy={"attempts": 5, "evaluateOnExit": entries}, propagateTags=True)
    detail = jobs.fail(jobs.shell("exit 3", jobDefinition=name, retryStrategy={"attempts": 2}, propagateTags=False))
    assert detail["retryStrategy"] == {"attempts": 2, "evaluateOnExit": []}
    assert len(detail["attempts"]) == 2
    assert detail["propagateTags"] is False


def test_parameters_are_put_into_the_command_that_runs(jobs, define):
    """RES-3, SUB-10: once, into the request's command too; those that nothing names are allowed."""
    name = define(parameters={"word": "from-definition", "spare": "Ref::word"}, **plain(command=["echo", "Ref::word", "Ref::spare"]))
    detail = jobs.succeed(jobs.submit(jobDefinition=name))
    assert jobs.output(detail) == ["from-definition Ref::word"]
    request = {"jobDefinition": name, "parameters": {"word": "from-request", "unused": "x"}}
    detail = jobs.succeed(jobs.submit("echo", "Ref::word", **request))
    assert jobs.output(detail) == ["from-request"]
    assert detail["container"]["command"] == ["echo", "from-request"]
    assert detail["parameters"] == {"word": "from-request", "spare": "Ref::word", "unused": "x"}
    detail = jobs.succeed(jobs.submit("echo", "a:Ref::word:b", **request))
    assert jobs.output(detail) == ["a:from-request:b"]


def test_parameters_are_put_nowhere_else(jobs, define):
    """RES-3: not into variables."""
    job = jobs.shell(
        'echo "$V"',
        jobDefinition=define(parameters={"word": "x"}),
        containerOverrides={"environment": [{"name": "V", "value": "Ref::word"}]},
    )
    assert jobs.output(jobs.succeed(job)) == ["Ref::word"]


def test_later_revisions_do_not_touch_a_job(jobs, define, batch, tmp_path):
    """RES-1: what was submitted runs, though the definition is replaced and deregistered meanwhile."""
    gate = tmp_path / "gate"
    first = jobs.shell(f"until test -e {gate}; do sleep 0.05; done")
    name = define(**plain(command=["echo", "old"]))
    job = jobs.submit(jobDefinition=name, dependsOn=[{"jobId": first}])
    batch.register_job_definition(jobDefinitionName=name, type="container", **plain(command=["echo", "new"]))
    batch.deregister_job_definition(jobDefinition=f"{name}:1")
    gate.touch()
    assert jobs.output(jobs.succeed(job)) == ["old"]


def test_tags_of_definition_and_job_are_two_maps(jobs, define, batch):
    """JD-8, TAG-3: neither shows in the other."""
    name = define(tags={"of": "definition"})
    detail = jobs.succeed(jobs.submit(jobDefinition=name, tags={"of": "job"}))
    assert detail["tags"] == {"of": "job"}
    (definition,) = batch.describe_job_definitions(jobDefinitionName=name)["jobDefinitions"]
    assert definition["tags"] == {"of": "definition"}


@pytest.mark.parametrize("kind, value", [("ecsPropertiesOverride", {"taskProperties": []}), ("eksPropertiesOverride", {"podProperties": {}})])
def test_override_of_another_kind_is_refused(jobs, batch, kind, value):
    """SUB-11."""
    if kind == "ecsPropertiesOverride":
        value = {"taskProperties": [{"containers": [{"name": "a", "command": ["x"]}]}]}
    with pytest.raises(batch.exceptions.ClientException):
        jobs.submit(**{kind: value})


def test_empty_word_in_a_command_is_refused(jobs, batch):
    """SUB-17."""
    with pytest.raises(batch.exceptions.ClientException):
        jobs.submit("echo", "")


def test_queue_takes_only_jobs_of_its_platform(jobs, batch, define):
    """SUB-5: a definition for Fargate does not run in a queue of EC2."""
    from conformance.definitions import fargate

    name = f"submitted-{next(numbers)}"
    batch.register_job_definition(jobDefinitionName=name, type="container", **fargate())
    with pytest.raises(batch.exceptions.ClientException) as error:
        jobs.submit(jobDefinition=name)
    text = "Job Queue is attached to Compute Environment that can not run Jobs with capability FARGATE."
    assert text in str(error.value)


def test_needs_count_as_they_run(jobs):
    """CPU-1, CPU-2: what is asked for is what is shown, also as text."""
    asked = [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "100"}]
    assert asked != NEEDS
    detail = jobs.succeed(jobs.submit("true", containerOverrides={"resourceRequirements": asked}))
    assert needs(detail) == {"VCPU": "2", "MEMORY": "100"}
