"""What containers of an engine have together, or to themselves, of networks, processes, memory and staged files: as without an
engine, and nothing of it stays with that."""

import http.server
import json
import shutil
import signal
import threading

import processes
import pytest
from images import save
from jobs import Jobs
from podman import Podman
from pods import make_queue
from server import Server
from users import User
from waiting import wait_for

NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
IMAGE = "localhost/tool:1"
# Nobody's.
UNKNOWN = 54_321
ROLE = "arn:aws:iam::000000000000:role/worker"
POST = """wget -qO- --header "Content-Type: application/json" --post-data '{}' $AWS_ENDPOINT_URL/v1/describejobqueues"""


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    made = Podman()
    archive = tmp_path_factory.mktemp("image") / "tool.tar"
    save(archive, IMAGE, {"Env": ["PATH=/bin"]})
    made.run("load", "--input", archive)
    yield made
    made.close()


@pytest.fixture
def isolated(server, podman):
    return server("--container-engine", podman.address, "--network", "isolated")


@pytest.fixture
def neighbour():
    """A port of the host's loopback that is nobody's business."""
    one = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=one.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{one.server_port}"
    one.shutdown()


def define(server, script, **container):
    properties = {"image": IMAGE, "command": ["sh", "-c", script], "resourceRequirements": NEEDS, **container}
    made = server.client("batch").register_job_definition(
        jobDefinitionName="alone", type="container", containerProperties=properties
    )
    return made["jobDefinitionArn"]


def task(server, *scripts, **members):
    """A task of containers, each started when the one before it runs."""
    containers = [
        {
            "name": f"c{number}",
            "image": IMAGE,
            "command": ["sh", "-c", script],
            "resourceRequirements": NEEDS,
            "essential": number == len(scripts) - 1,
            "dependsOn": [{"containerName": f"c{number - 1}", "condition": "START"}] if number else [],
        }
        for number, script in enumerate(scripts)
    ]
    made = server.client("batch").register_job_definition(
        jobDefinitionName="together",
        type="container",
        ecsProperties={"taskProperties": [{"containers": containers, **members}]},
    )
    return made["jobDefinitionArn"]


def lines(jobs, detail, name):
    (task,) = detail["ecsProperties"]["taskProperties"]
    (stream,) = [one["logStreamName"] for one in task["containers"] if one["name"] == name]
    return jobs.lines(stream)


def nothing_is_left(podman, server):
    wait_for("the end of all containers", lambda: not podman.containers() and not podman.volumes())
    wait_for("the end of their files", lambda: not list((server.data_dir / "containers").glob("*")))


def test_endpoints_are_reached_and_the_host_is_not(isolated, podman, neighbour):
    """CRD-1, ENV-2: Batch under AWS_ENDPOINT_URL, credentials and metadata under 169.254.170.2."""
    script = f"""
        {POST}; echo
        wget -qO- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; echo
        wget -qO- $ECS_CONTAINER_METADATA_URI_V4; echo
        wget -qO- {neighbour} 2>/dev/null || echo kept away
        ls /sys/class/net
    """
    jobs = Jobs(isolated)
    detail = jobs.succeed(jobs.submit(jobDefinition=define(isolated, script, jobRoleArn=ROLE)), timeout=120)
    queues, credentials, metadata, neighbours, interfaces = jobs.output(detail)
    assert json.loads(queues)["jobQueues"][0]["jobQueueName"] == "default"
    assert json.loads(credentials)["RoleArn"] == ROLE
    assert json.loads(metadata)["Image"] == IMAGE
    assert (neighbours, interfaces) == ("kept away", "lo")
    nothing_is_left(podman, isolated)


@pytest.mark.parametrize("network", ["isolated", "host"])
def test_containers_of_a_task_are_together(server, podman, network):
    """MC-6: the processes and the memory of the task, whichever network it is in."""
    started = server("--container-engine", podman.address, "--network", network)
    first = "echo word > /dev/shm/word; exec sleep 4321"
    second = "until grep word /dev/shm/word 2>/dev/null; do sleep 0.1; done; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
    jobs = Jobs(started)
    definition = task(started, first, second, pidMode="task", ipcMode="task")
    detail = jobs.succeed(jobs.submit(jobDefinition=definition), timeout=120)
    word, seen = lines(jobs, detail, "c1")
    assert word == "word" and "sleep 4321" in seen
    nothing_is_left(podman, started)


def test_networks_of_a_killed_agent_are_gone_when_the_next_one_is_there(isolated, podman):
    jobs = Jobs(isolated)
    endless = "echo ready; exec sleep 4321"
    alone = jobs.submit(jobDefinition=define(isolated, endless))
    together = jobs.submit(jobDefinition=task(isolated, endless, endless, pidMode="task", ipcMode="task"))
    for job in (alone, together):
        jobs.wait(job, "RUNNING", timeout=120)
    wait_for("all containers, and what they are together in", lambda: len(podman.containers()) == 5)
    (agent,) = isolated.agents()
    processes.send(agent, signal.SIGKILL)
    for job in (alone, together):
        jobs.fail(job, timeout=120)
    nothing_is_left(podman, isolated)
    jobs.succeed(jobs.submit(jobDefinition=define(isolated, POST)), timeout=120)
    nothing_is_left(podman, isolated)


def test_network_lasts_while_the_server_is_away(isolated, podman):
    jobs = Jobs(isolated)
    script = f"echo ready; until test -e /go/now; do sleep 0.1; done; {POST}"
    go = isolated.data_dir / "go"
    volumes = [{"name": "go", "host": {"sourcePath": str(go)}}]
    mounts = [{"sourceVolume": "go", "containerPath": "/go"}]
    job = jobs.submit(jobDefinition=define(isolated, script, volumes=volumes, mountPoints=mounts))
    jobs.wait(job, "RUNNING", timeout=120)
    wait_for("its first line", lambda: jobs.output(jobs.describe(job)) == ["ready"])
    isolated.kill()
    isolated.start()
    (go / "now").touch()
    jobs = Jobs(isolated)
    _, queues = jobs.output(jobs.succeed(job, timeout=120))
    assert json.loads(queues)["jobQueues"][0]["jobQueueName"] == "default"
    nothing_is_left(podman, isolated)


def test_many_networks_leave_nothing_with_the_engine(isolated, podman):
    jobs = Jobs(isolated)
    definition = define(isolated, "sleep 4321 & exit $((AWS_BATCH_JOB_ARRAY_INDEX % 2))")
    many = jobs.submit(jobDefinition=definition, arrayProperties={"size": 12})
    assert jobs.fail(many, timeout=240)["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 6
    nothing_is_left(podman, isolated)


def test_agent_that_may_not_enter_a_network_says_so(podman, longshore):
    """An ordinary user may use an engine's socket all the same, for containers on the host's network."""
    user = User(UNKNOWN, UNKNOWN, longshore)
    podman.directory.chmod(0o755)
    podman.socket.chmod(0o666)
    one = Server(user.program(), user.home, "--container-engine", podman.address, vcpus=4)
    try:
        one.start()
        jobs = Jobs(one)
        assert jobs.output(jobs.succeed(jobs.submit(jobDefinition=define(one, "echo here")), timeout=120)) == ["here"]
        queue = make_queue(jobs.batch)
        needs = {"limits": {"cpu": "0.25", "memory": "16Mi"}}
        pod = {"containers": [{"image": IMAGE, "command": ["true"], "resources": needs}], "hostNetwork": False}
        jobs.batch.register_job_definition(
            jobDefinitionName="pod", type="container", eksProperties={"podProperties": pod}
        )
        failed = jobs.fail(jobs.submit(jobDefinition="pod", jobQueue=queue), timeout=120)
        (container,) = failed["eksProperties"]["podProperties"]["containers"]
        start = "CannotCreateContainerError: make its network: the agent may not enter the networks of containers that an engine"
        assert container["reason"].startswith(start), container
        nothing_is_left(podman, one)
    finally:
        one.close()
        shutil.rmtree(user.home)


def test_staged_arguments_are_files_in_the_container(server, podman):
    started = server("--container-engine", podman.address)
    s3 = started.client("s3")
    s3.create_bucket(Bucket="staging")
    s3.put_object(Bucket="staging", Key="in/a.txt", Body=b"a\n")
    jobs = Jobs(started)
    script = 'cat "$1" > "$3"; echo "$1"'
    properties = {"image": IMAGE, "resourceRequirements": NEEDS}
    made = jobs.batch.register_job_definition(
        jobDefinitionName="staged", type="container", containerProperties=properties
    )
    words = ["sh", "-c", script, "tool", "s3://staging/in/a.txt", "-o", "s3://staging/out/b.txt"]
    overrides = {"command": words}
    tags = {"longshore:stage": "true"}
    definition = made["jobDefinitionArn"]
    job = jobs.submit(jobDefinition=definition, containerOverrides=overrides, tags=tags)
    (path,) = jobs.output(jobs.succeed(job, timeout=120))
    assert path.startswith("/") and path.endswith("/a.txt")
    assert s3.get_object(Bucket="staging", Key="out/b.txt")["Body"].read() == b"a\n"
    nothing_is_left(podman, started)
