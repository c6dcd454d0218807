"""Containers of a server that an ordinary user started: with the user's further ids, and with none."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from images import image, save
from jobs import Jobs
from server import Server
from users import User
from waiting import wait_for

NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
NAME = "longshore-ordinary"
# Nobody's, so that there is no account with further ids.
LONE = 54_321
OWNER = 1000


@pytest.fixture(params=["with further ids", "alone"])
def user(request, longshore):
    if request.param == "alone":
        made = User(LONE, LONE, longshore)
        yield made
    else:
        subprocess.run(["useradd", "--no-create-home", NAME], check=True)
        numbers = [int(subprocess.check_output(["id", kind, NAME])) for kind in ("-u", "-g")]
        made = User(*numbers, longshore)
        made.further = True
        yield made
        subprocess.run(["userdel", NAME], check=True)
    shutil.rmtree(made.home)


@pytest.fixture
def start(user):
    """Starts a server of the user with an image whose files are of several owners."""
    servers = []

    def start(*flags, **around):
        one = Server(user.program(**around), user.home, *flags, vcpus=4)
        servers.append(one)
        one.start()
        archive = user.home / "tool.tar"
        save(archive, "tool:1", {"Env": ["PATH=/bin"]}, "owned", owner=OWNER)
        archive.chmod(0o644)
        image(user.home / "longshore", one, "load", archive)
        return one, Jobs(one)

    yield start
    for one in servers:
        one.close()


def define(jobs, **members):
    properties = {"image": "tool:1", "resourceRequirements": NEEDS, **members}
    made = jobs.batch.register_job_definition(
        jobDefinitionName="ordinary", type="container", containerProperties=properties
    )
    return made["jobDefinitionArn"]


def reason(jobs, definition, *command):
    failed = jobs.fail(jobs.submit(*command, jobDefinition=definition))
    return failed["attempts"][0]["container"]["reason"]


def is_refused(jobs):
    """The kernel denies it, and the job says so."""
    text = reason(jobs, define(jobs), "true")
    begin = 'CannotStartContainerError: this host runs only the image "host", not "tool:1": '
    assert text.startswith(f"{begin}this kernel gives ordinary users no user namespaces")
    assert "start the server as root" in text and "user.max_user_namespaces" in text


def test_containers_run_as_the_user_who_started_the_server(user, start):
    _, jobs = start()
    if not user.may_have_namespaces():
        print("this kernel gives ordinary users no user namespaces: their refusal is tested instead")
        return is_refused(jobs)
    script = "id -u; busybox stat -c %u /owned; echo x > /new && rm /owned 2>/dev/null || busybox rm /owned; echo $?"
    output = jobs.output(jobs.succeed(jobs.submit("sh", "-c", script, jobDefinition=define(jobs))))
    many = hasattr(user, "further")
    assert output == ["0", str(OWNER if many else 0), "0"]
    as_other = define(jobs, user=str(OWNER))
    if many:
        assert jobs.output(jobs.succeed(jobs.submit("id", "-u", jobDefinition=as_other))) == [str(OWNER)]
    else:
        text = reason(jobs, as_other, "true")
        assert text.startswith(f"CannotStartContainerError: user {OWNER} is not to be had here")
    # What is not in a container is the user's own as ever.
    assert jobs.output(jobs.succeed(jobs.shell("id -u; cat /proc/self/uid_map"))) == [
        str(user.uid),
        *Path("/proc/self/uid_map").read_text().splitlines(),
    ]


def test_contract_holds_for_ordinary_users(user, start, tmp_path):
    """Volumes, file systems in memory, ulimits, a network of its own: nothing of it needs root."""
    one, jobs = start("--network", "isolated")
    if not user.may_have_namespaces():
        print("this kernel gives ordinary users no user namespaces: their refusal is tested instead")
        return is_refused(jobs)
    definition = define(
        jobs,
        volumes=[{"name": "own"}, {"name": "host", "host": {"sourcePath": str(user.home / "made")}}],
        mountPoints=[
            {"sourceVolume": "own", "containerPath": "/bin/scratch"},
            {"sourceVolume": "host", "containerPath": "/host"},
        ],
        linuxParameters={"tmpfs": [{"containerPath": "/fast", "size": 3}], "sharedMemorySize": 7},
        ulimits=[{"name": "nofile", "softLimit": 99, "hardLimit": 99}],
    )
    script = """
        ulimit -n; echo kept > /host/file; echo x > /bin/scratch/file && cat /bin/scratch/file
        grep -c -E ' (/fast|/dev/shm) .*size=(3072|7168)k' /proc/mounts
        wget -qO- $ECS_CONTAINER_METADATA_URI_V4 | grep -c DockerId
        ls /sys/class/net
    """.replace("ls ", "busybox ls ")
    output = jobs.output(jobs.succeed(jobs.submit("sh", "-c", script, jobDefinition=definition)))
    assert output == ["99", "x", "2", "1", "lo"]
    assert (user.home / "made/file").read_text() == "kept\n"
    assert (user.home / "made/file").stat().st_uid == user.uid
    assert not list((one.data_dir / "containers").iterdir())


def test_death_of_the_agent_ends_its_containers(user, start):
    """However it dies; the next agent cleans up, and runs the next attempt."""
    one, jobs = start()
    if not user.may_have_namespaces():
        print("this kernel gives ordinary users no user namespaces: their refusal is tested instead")
        return is_refused(jobs)
    mark = "3725"
    script = f"echo $AWS_BATCH_JOB_ATTEMPT; echo x > /file; [ $AWS_BATCH_JOB_ATTEMPT = 2 ] || exec sleep {mark}"
    job = jobs.submit("sh", "-c", script, jobDefinition=define(jobs), retryStrategy={"attempts": 2})
    detail = jobs.wait(job, "RUNNING")
    wait_for("the container", lambda: jobs.output(detail) == ["1"])
    (agent,) = one.agents()
    os.kill(agent, signal.SIGKILL)
    assert jobs.output(jobs.succeed(job)) == ["2"]
    assert not list((one.data_dir / "containers").iterdir())
    assert [pid for pid in sleeping(mark)] == []


def sleeping(mark):
    """Processes that sleep for so long."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cmdline").read_bytes() == f"sleep\0{mark}\0".encode():
                yield entry.name


# A user namespace with everybody in it, and none inside of it. Who has just gone there gets root's privileges with the next
# program, once there is a root; the process stays the same one throughout.
FORBIDDING = """
(
    until [ "$(readlink /proc/$$/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
    echo 0 0 4294967295 > /proc/$$/gid_map
    echo 0 0 4294967295 > /proc/$$/uid_map
) &
exec unshare --user sh -c 'until grep -q . /proc/self/uid_map; do sleep 0.01; done; exec "$@"' sh \\
    sh -c 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"' sh {} "$@"
"""


def test_kernel_without_user_namespaces_is_named(start):
    """What the operator can do about it is in the reason."""
    _, jobs = start(around=FORBIDDING)
    is_refused(jobs)
    assert jobs.output(jobs.succeed(jobs.shell("echo processes run"))) == ["processes run"]
