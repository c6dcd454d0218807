"""Jobs in containers: an image of this machine's busybox, loaded and pulled, on the built-in runtime."""

import json
from pathlib import Path

import pytest
from images import image, save
from jobs import exit_codes
from waiting import wait_for

NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]


@pytest.fixture(scope="module")
def tool(longshore, shared, batch, tmp_path_factory):
    """A job definition with an image that was loaded from a file."""
    archive = tmp_path_factory.mktemp("images") / "tool.tar"
    config = {"Entrypoint": ["/bin/sh", "-c"], "Cmd": ["echo $A; pwd"], "Env": ["PATH=/bin", "A=image"], "WorkingDir": "/w"}
    save(archive, "tool:1", config)
    assert image(longshore, shared, "load", archive) == "tool:1\n"
    return define(batch, "tool", "tool:1")


def define(batch, name, image_name, **container):
    properties = {"image": image_name, "resourceRequirements": NEEDS, **container}
    made = batch.register_job_definition(jobDefinitionName=name, type="container", containerProperties=properties)
    return made["jobDefinitionArn"]


def test_image_gives_what_the_job_does_not(jobs, tool):
    """ENV-3, ENV-4: the entry point stays, command and variables of the job win."""
    plain = jobs.succeed(jobs.submit(jobDefinition=tool))
    assert jobs.output(plain) == ["image", "/w"]
    variables = [{"name": "A", "value": "job"}]
    script = 'echo "$A $AWS_BATCH_JOB_ID"; exit 3'
    overrides = {"command": [script], "environment": variables}
    job = jobs.submit(jobDefinition=tool, containerOverrides=overrides)
    failed = jobs.fail(job)
    assert jobs.output(failed) == [f"job {job}"]
    assert exit_codes(failed) == [3]


def test_volume_of_the_host_is_shared_with_its_jobs(jobs, batch, tool, tmp_path):
    """VOL-1, VOL-2: made if it is missing, seen by the next job."""
    volumes = [{"name": "data", "host": {"sourcePath": str(tmp_path / "made")}}]
    mounts = [{"sourceVolume": "data", "containerPath": "/data"}]
    writer = define(batch, "writer", "tool:1", volumes=volumes, mountPoints=mounts, readonlyRootFilesystem=True)
    jobs.succeed(jobs.submit("echo kept > /data/file", jobDefinition=writer))
    assert (tmp_path / "made/file").read_text() == "kept\n"
    reader = define(batch, "reader", "tool:1", volumes=volumes, mountPoints=[{**mounts[0], "readOnly": True}])
    script = "cat /data/file; echo x > /data/file"
    assert jobs.output(jobs.fail(jobs.submit(script, jobDefinition=reader)))[0] == "kept"


def test_containers_of_a_task_share_its_volumes(jobs, batch, tool, shared):
    """VOL-1, MC-2: a volume without a path lives as long as its attempt."""
    mounts = [{"sourceVolume": "scratch", "containerPath": "/scratch"}]
    part = {"image": "tool:1", "resourceRequirements": NEEDS, "mountPoints": mounts}
    first = {**part, "name": "first", "essential": False, "command": ["echo made > /scratch/file"]}
    depends = [{"containerName": "first", "condition": "SUCCESS"}]
    second = {**part, "name": "second", "command": ["cat /scratch/file"], "dependsOn": depends}
    task = {"containers": [first, second], "volumes": [{"name": "scratch"}]}
    made = batch.register_job_definition(
        jobDefinitionName="sharing", type="container", ecsProperties={"taskProperties": [task]}
    )
    detail = jobs.succeed(jobs.submit(jobDefinition=made["jobDefinitionArn"]))
    _, reader = detail["ecsProperties"]["taskProperties"][0]["containers"]
    assert jobs.lines(reader["logStreamName"]) == ["made"]
    wait_for("nothing left", lambda: not list((shared.data_dir / "containers").iterdir()))


def test_limits_and_file_systems_are_what_was_asked_for(jobs, batch, tool):
    """CPU-1, CPU-5, CPU-6."""
    parameters = {"sharedMemorySize": 7, "tmpfs": [{"containerPath": "/fast", "size": 3}], "initProcessEnabled": True}
    definition = define(
        batch,
        "asking",
        "tool:1",
        linuxParameters=parameters,
        ulimits=[{"name": "nofile", "softLimit": 99, "hardLimit": 99}],
    )
    script = "ulimit -n; cat /proc/1/comm; cat /proc/mounts"
    limit, first, *mounts = jobs.output(jobs.succeed(jobs.submit(script, jobDefinition=definition)))
    assert (limit, first) == ("99", "docker-init")
    assert any(" /fast " in mount and "size=3072k" in mount for mount in mounts)
    assert any(" /dev/shm " in mount and "size=7168k" in mount for mount in mounts)


def test_secret_is_seen_by_its_job_alone(server, longshore, tmp_path):
    """SEC-1: no answer and no row has the value."""
    from jobs import Jobs

    (tmp_path / "secrets.json").write_text('{"db/main": {"password": "hush-hush"}}')
    one = server("--secrets", str(tmp_path / "secrets.json"))
    save(tmp_path / "tool.tar", "tool:1", {"Env": ["PATH=/bin"]})
    image(longshore, one, "load", tmp_path / "tool.tar")
    arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db/main-AbCdEf"
    role = "arn:aws:iam::000000000000:role/agent"
    asked = [{"name": "PASSWORD", "valueFrom": f"{arn}:password::"}]
    definition = define(one.client("batch"), "secret", "tool:1", secrets=asked, executionRoleArn=role)
    jobs = Jobs(one)
    job = jobs.submit("sh", "-c", "echo ${#PASSWORD} $PASSWORD | tr - +", jobDefinition=definition)
    detail = jobs.succeed(job)
    assert jobs.output(detail) == ["9 hush+hush"]
    assert detail["container"]["secrets"] == asked
    one.kill()
    assert not [file for file in Path(one.data_dir).glob("*.db*") if b"hush-hush" in file.read_bytes()]
    one.start()
    asked[0]["valueFrom"] = "unknown"
    missing = define(one.client("batch"), "secret", "tool:1", secrets=asked, executionRoleArn=role)
    failed = Jobs(one).fail(Jobs(one).submit("true", jobDefinition=missing))
    assert failed["statusReason"] == "Task failed to start"
    reason = failed["attempts"][0]["container"]["reason"]
    assert reason.startswith("ResourceInitializationError: unable to pull secrets or registry auth: ")


def test_array_runs_in_containers(jobs, tool):
    """ARR-1 and on: each child in a container of its own."""
    overrides = {"command": ["echo x > /only && echo $AWS_BATCH_JOB_ARRAY_INDEX"]}
    job = jobs.submit(jobDefinition=tool, arrayProperties={"size": 20}, containerOverrides=overrides)
    jobs.succeed(job)
    outputs = [jobs.output(jobs.describe(f"{job}:{index}")) for index in range(20)]
    assert outputs == [[str(index)] for index in range(20)]


def test_memory_beyond_the_limit_ends_the_job(jobs, tool):
    """Table 4.1, CPU-1."""
    failed = jobs.fail(jobs.submit("tail /dev/zero; exit 1", jobDefinition=tool))
    container = failed["attempts"][0]["container"]
    assert container["reason"] == "OutOfMemoryError: Container killed due to memory usage"
    assert container["exitCode"] == 137


def test_image_that_is_nowhere_cannot_be_pulled(jobs, batch):
    """Table 4.1."""
    nowhere = define(batch, "nowhere", "127.0.0.1:1/nowhere:1")
    failed = jobs.fail(jobs.submit(jobDefinition=nowhere))
    assert failed["statusReason"] == "Task failed to start"
    assert failed["attempts"][0]["container"]["reason"].startswith("CannotPullContainerError: Get ")


def test_terminated_container_is_gone(jobs, batch, tool):
    """STOP-1: SIGTERM, which the program handles."""
    job = jobs.submit('trap "echo bye; exit 5" TERM; echo ready; sleep 1000 & wait', jobDefinition=tool)
    detail = jobs.wait(job, "RUNNING")
    wait_for("the trap", lambda: jobs.output(detail) == ["ready"])
    batch.terminate_job(jobId=job, reason="enough")
    failed = jobs.fail(job)
    assert failed["statusReason"] == "enough"
    assert exit_codes(failed) == [5]
    assert jobs.output(failed) == ["ready", "bye"]


def test_container_outlives_the_server(server, longshore, tmp_path):
    """Jobs go on while the server is away."""
    from jobs import Jobs

    one = server()
    save(tmp_path / "tool.tar", "tool:1", {"Env": ["PATH=/bin"]})
    image(longshore, one, "load", tmp_path / "tool.tar")
    definition = define(one.client("batch"), "tool", "tool:1")
    jobs = Jobs(one)
    script = "echo begin; while [ ! -e /proc/1/cwd/go ] && [ $((i+=1)) -lt 30 ]; do sleep 0.1; done; echo end"
    job = jobs.submit("sh", "-c", script, jobDefinition=definition)
    jobs.wait(job, "RUNNING")
    one.kill()
    one.start()
    jobs = Jobs(one)
    assert jobs.output(jobs.succeed(job)) == ["begin", "end"]


def test_images_are_listed_and_removed(server, longshore, tmp_path):
    one = server()
    save(tmp_path / "tool.tar", "tool:1", {})
    image(longshore, one, "load", tmp_path / "tool.tar")
    (listed,) = json.loads(image(longshore, one, "ls", "--json"))["images"]
    assert listed["names"] == ["tool:1"] and not listed["inUse"]
    assert image(longshore, one, "rm", "tool:1").splitlines()[0] == "untagged tool:1"
    assert json.loads(image(longshore, one, "ls", "--json"))["images"] == []
