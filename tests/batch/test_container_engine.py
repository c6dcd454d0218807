"""Jobs in containers that Podman runs, through its socket: the same as without an engine."""

import json
import signal
import socket

import processes
import pytest
from jobs import Jobs, exit_codes
from podman import Podman
from registry import Registry
from waiting import wait_for

NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
SHELL = {"Env": ["PATH=/bin", "A=image"], "Entrypoint": ["/bin/sh", "-c"]}
USER, PASSWORD = "puller", "let-me-in"


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    made = Registry(tmp_path_factory.mktemp("registry"), users={USER: PASSWORD})
    yield made
    made.close()


@pytest.fixture(scope="module")
def podman(registry):
    made = Podman(registry)
    yield made
    made.close()


@pytest.fixture
def engine_server(server, podman, tmp_path):
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"registry": {"username": USER, "password": PASSWORD}, "db": "hush"}))
    return server("--container-engine", podman.address, "--secrets", secrets)


def define(server, image, **container):
    properties = {
        "image": image,
        "resourceRequirements": NEEDS,
        "repositoryCredentials": {"credentialsParameter": "registry"},
        "executionRoleArn": "arn:aws:iam::000000000000:role/execution",
        **container,
    }
    batch = server.client("batch")
    made = batch.register_job_definition(jobDefinitionName="engine", type="container", containerProperties=properties)
    return made["jobDefinitionArn"]


def nothing_is_left(podman):
    wait_for("the end of all containers", lambda: not podman.containers() and not podman.volumes())


def test_array_is_run_from_an_image_that_is_pulled_once(engine_server, podman, registry):
    """ARR-3, ENV-1, SEC-1, SEC-2: the image's registry wants to know who pulls."""
    reference, _ = registry.push("array:1", SHELL)
    secrets = [{"name": "PASSWORD", "valueFrom": "db"}]
    command = ["echo $A $AWS_BATCH_JOB_ARRAY_INDEX $PASSWORD; echo >&2 error"]
    definition = define(engine_server, reference, command=command, secrets=secrets)
    jobs = Jobs(engine_server)
    job = jobs.submit(jobDefinition=definition, arrayProperties={"size": 8})
    jobs.succeed(job, timeout=120)
    for index in range(8):
        assert sorted(jobs.output(jobs.describe(f"{job}:{index}"))) == ["error", f"image {index} hush"]
    assert podman.log().count("Trying to pull") == 1
    nothing_is_left(podman)


def test_memory_beyond_the_limit_is_said(engine_server, podman, registry):
    """CPU-1, table 4.1."""
    reference, _ = registry.push("memory:1", SHELL)
    jobs = Jobs(engine_server)
    job = jobs.submit(jobDefinition=define(engine_server, reference, command=["exec tail /dev/zero"]))
    failed = jobs.fail(job)
    (attempt,) = failed["attempts"]
    assert attempt["container"]["reason"] == "OutOfMemoryError: Container killed due to memory usage"
    assert exit_codes(failed) == [137]


def test_job_that_is_terminated_ends(engine_server, podman, registry):
    """STOP-1: it is asked to end, and may say so."""
    reference, _ = registry.push("stop:1", SHELL)
    script = "trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.1; done"
    jobs = Jobs(engine_server)
    job = jobs.submit(jobDefinition=define(engine_server, reference, command=[script]))
    jobs.wait(job, "RUNNING")
    wait_for("its first line", lambda: jobs.output(jobs.describe(job)) == ["ready"])
    jobs.batch.terminate_job(jobId=job, reason="enough")
    failed = jobs.fail(job)
    assert exit_codes(failed) == [7]
    assert jobs.output(failed) == ["ready", "asked"]
    nothing_is_left(podman)


def test_image_that_is_not_there_is_the_reason(engine_server, registry):
    """Table 4.1."""
    registry.push("there:1", SHELL)
    jobs = Jobs(engine_server)
    failed = jobs.fail(jobs.submit(jobDefinition=define(engine_server, f"{registry.address}/there:2")))
    reason = failed["attempts"][0]["container"]["reason"]
    assert reason.startswith("CannotPullContainerError: ") and "manifest unknown" in reason


def test_containers_of_a_killed_agent_are_gone_when_the_next_one_is_there(engine_server, podman, registry):
    reference, _ = registry.push("leftover:1", SHELL)
    volumes = {"volumes": [{"name": "v"}], "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]}
    jobs = Jobs(engine_server)
    job = jobs.submit(jobDefinition=define(engine_server, reference, command=["sleep 1000"], **volumes))
    jobs.wait(job, "RUNNING")
    (labels,) = podman.containers()
    assert labels["longshore.data-dir"] == str(engine_server.data_dir)
    (agent,) = engine_server.agents()
    processes.send(agent, signal.SIGKILL)
    jobs.fail(job)
    nothing_is_left(podman)


def test_engine_that_comes_back_is_used_again(engine_server, podman, registry):
    """A container goes on without its engine's service, and its end is told."""
    reference, _ = registry.push("away:1", SHELL)
    jobs = Jobs(engine_server)
    script = "echo ready; while ! test -e /go/now; do sleep 0.1; done; exit 3"
    go = engine_server.data_dir / "go"
    volumes = [{"name": "go", "host": {"sourcePath": str(go)}}]
    mounts = [{"sourceVolume": "go", "containerPath": "/go"}]
    job = jobs.submit(
        jobDefinition=define(engine_server, reference, command=[script], volumes=volumes, mountPoints=mounts)
    )
    jobs.wait(job, "RUNNING")
    wait_for("its first line", lambda: jobs.output(jobs.describe(job)) == ["ready"])
    podman.kill()
    podman.socket.unlink()
    podman.start()
    (go / "now").touch()
    assert exit_codes(jobs.fail(job)) == [3]
    nothing_is_left(podman)


def test_many_containers_leave_nothing_with_the_engine(engine_server, podman, registry):
    """Containers that end, that fail and that are stopped, with volumes of their own."""
    reference, _ = registry.push("many:1", SHELL)
    volumes = {"volumes": [{"name": "v"}], "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]}
    jobs = Jobs(engine_server)
    script = "echo x > /v/x; sleep 1000 & exit $((AWS_BATCH_JOB_ARRAY_INDEX % 2))"
    many = jobs.submit(
        jobDefinition=define(engine_server, reference, command=[script], **volumes), arrayProperties={"size": 24}
    )
    endless = jobs.submit(jobDefinition=define(engine_server, reference, command=["sleep 1000"], **volumes))
    jobs.wait(endless, "RUNNING")
    jobs.batch.terminate_job(jobId=endless, reason="enough")
    failed = jobs.fail(many, timeout=180)
    assert failed["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 12
    jobs.fail(endless, timeout=60)
    nothing_is_left(podman)
    assert not list((engine_server.data_dir / "containers").glob("*"))


def test_role_and_metadata_are_where_a_container_looks_for_them(engine_server, podman, registry):
    """CRD-1, ENV-2: as in containers of Longshore's own."""
    reference, _ = registry.push("asking:1", SHELL)
    jobs = Jobs(engine_server)
    script = (
        "wget -qO- $AWS_CONTAINER_CREDENTIALS_FULL_URI; echo; "
        "wget -qO- $ECS_CONTAINER_METADATA_URI_V4; echo; echo ${AWS_ACCESS_KEY_ID-none}"
    )
    role = "arn:aws:iam::000000000000:role/worker"
    definition = define(engine_server, reference, command=[script], jobRoleArn=role)
    credentials, metadata, own = jobs.output(jobs.succeed(jobs.submit(jobDefinition=definition)))
    credentials = json.loads(credentials)
    assert credentials["RoleArn"] == role and credentials["AccessKeyId"].startswith("ASIA")
    assert json.loads(metadata)["Image"] == reference
    assert own == "none"
    nothing_is_left(podman)


def test_engine_that_comes_after_the_agent_runs_what_waits_for_it(server, podman, registry, tmp_path):
    """The same agent: nobody has to start it again."""
    reference, _ = registry.push("later:1", SHELL)
    podman.kill()
    podman.socket.unlink()
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"registry": {"username": USER, "password": PASSWORD}}))
    started = server("--container-engine", podman.address, "--secrets", secrets)
    log = started.data_dir / "agent/agent.log"
    wait_for("the agent to say so", lambda: "containers wait for their engine" in log.read_text())
    (agent,) = started.agents()
    jobs = Jobs(started)
    definition = define(started, reference, command=["echo here"])
    waits, unwanted = (jobs.submit(jobDefinition=definition) for _ in range(2))
    jobs.wait(waits, "STARTING")
    jobs.wait(unwanted, "STARTING")
    jobs.succeed(jobs.shell("true"))
    jobs.batch.terminate_job(jobId=unwanted, reason="enough")
    jobs.fail(unwanted)
    podman.start()
    jobs.succeed(waits, timeout=120)
    assert started.agents() == [agent]
    nothing_is_left(podman)


def test_socket_that_says_nothing_is_passed_over(server, podman, registry, monkeypatch, tmp_path):
    """`auto`: where Longshore runs no containers itself, the first engine that answers does."""
    silent = socket.socket(socket.AF_UNIX)
    # Sockets have short paths.
    place = podman.directory / "silent.sock"
    silent.bind(str(place))
    silent.listen()
    (podman.directory / "podman").mkdir()
    (podman.directory / "podman/podman.sock").symlink_to(podman.socket)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(podman.directory))
    monkeypatch.setenv("PATH", str(tmp_path))
    secrets = tmp_path / "secrets.json"
    secrets.write_text(json.dumps({"registry": {"username": USER, "password": PASSWORD}}))
    started = server("--container-runtime", "crun", "--secrets", secrets)
    monkeypatch.undo()
    reference, _ = registry.push("passed:1", SHELL)
    log = started.data_dir / "agent/agent.log"
    wait_for("the engine to be found", lambda: "containers are run by it" in log.read_text(), timeout=60)
    jobs = Jobs(started)
    detail = jobs.succeed(jobs.submit(jobDefinition=define(started, reference, command=["echo here"])))
    assert jobs.output(detail) == ["here"]
    silent.close()
    nothing_is_left(podman)
