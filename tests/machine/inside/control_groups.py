"""What a kernel with version 2 of control groups enforces for us. Runs on the virtual machine of `machine.py`: everything here is root's,
and the machine is thrown away afterwards."""

import os
import re
import signal
from pathlib import Path

import processes
import pytest
from images import image, save
from jobs import Jobs
from server import Server
from users import User
from waiting import wait_for

GROUPS = Path("/sys/fs/cgroup")
USER = 1000
NEEDS = [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "64"}]
KILLED = "OutOfMemoryError: Container killed due to memory usage"


class Place:
    """A control group that a server is started in, by root or by somebody else."""

    def __init__(self, name, longshore):
        self.group = GROUPS / name
        self.group.mkdir()
        self.longshore = longshore
        self.server = None

    def serve(self, *flags, user=0):
        somebody = User(user, user, self.longshore)
        program = somebody.program(f"echo 0 > {self.group}/cgroup.procs\nexec {{}} \"$@\"")
        self.server = Server(program, somebody.home, *flags, vcpus=4).start()
        return self.server

    def give(self, user):
        for name in (".", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"):
            os.chown(self.group / name, user, user)

    def members(self):
        return (self.group / "cgroup.procs").read_text().split()


@pytest.fixture
def place(request, longshore):
    made = Place(re.sub(r"\W", "-", request.node.name), longshore)
    yield made
    if made.server:
        made.server.close()


def submit(server, jobs, *command, **more):
    properties = {"image": "host", "command": list(command), "resourceRequirements": NEEDS, **more}
    made = jobs.batch.register_job_definition(jobDefinitionName="job", type="container", containerProperties=properties)
    return jobs.submit(jobDefinition=made["jobDefinitionArn"])


def check_limit(server, **more):
    """A job that takes all the memory there is ends by its limit, another one does not."""
    jobs = Jobs(server)
    eats = submit(server, jobs, "sh", "-c", "tail /dev/zero; exit 1", **more)
    modest = submit(server, jobs, "sh", "-c", "echo fine", **more)
    container = jobs.fail(eats)["attempts"][0]["container"]
    assert "exitCode" in container, container.get("reason")
    assert (container["reason"], container["exitCode"]) == (KILLED, 137)
    assert jobs.output(jobs.succeed(modest)) == ["fine"]


def agent(server):
    return wait_for("the agent", lambda: server.agents())[0]


def group_of(pid):
    return GROUPS / Path(f"/proc/{pid}/cgroup").read_text().partition("::/")[2].strip()


def test_limits_hold_and_the_group_of_the_server_is_as_it_was(place):
    """As a service of root: its group is the service manager's, which starts another server in it while the agent lives."""
    server = place.serve("--strict-limits")
    check_limit(server)
    alive = agent(server)
    server.kill()
    assert group_of(alive) == place.group
    server.start()
    check_limit(server)
    assert agent(server) == alive
    assert group_of(server.process.pid) == place.group
    assert [made for made in (GROUPS / "longshore").iterdir() if made.name.startswith(f"longshore-{alive}-")]


def test_limits_hold_for_somebody_whose_group_it_is(place):
    """As `systemd-run --user --scope -p Delegate=yes` makes it: server and agent move into a group below, and those of the attempts are
    beside it, also after the death of either."""
    place.give(USER)
    server = place.serve("--strict-limits", user=USER)
    check_limit(server)
    assert place.members() == []
    first = agent(server)
    below = group_of(first)
    assert below.parent == place.group and below == group_of(server.process.pid)
    processes.send(first, signal.SIGKILL)
    wait_for("another agent", lambda: [pid for pid in server.agents() if pid != first])
    check_limit(server)
    assert group_of(agent(server)).parent == place.group
    assert not list(below.glob("*/cgroup.procs"))


def load(longshore, server, directory):
    save(directory / "tool.tar", "tool:1", {"Env": ["PATH=/bin"]})
    image(longshore, server, "load", directory / "tool.tar")


def test_processors_are_shared_by_weight(place, longshore, tmp_path):
    """CPU-1: two vCPUs have about twice the weight of one."""
    server = place.serve()
    load(longshore, server, tmp_path)
    jobs = Jobs(server)
    weights = []
    for vcpus in ("1", "2"):
        needs = [{"type": "VCPU", "value": vcpus}, {"type": "MEMORY", "value": "64"}]
        job = submit(server, jobs, "sh", "-c", f"cat /sys/fs/cgroup/cpu.weight; : {vcpus}", image="tool:1", resourceRequirements=needs)
        weights.append(int(jobs.output(jobs.succeed(job))[0]))
    assert 1.7 < weights[1] / weights[0] < 2.3, weights


def test_processes_in_groups_below_end_with_their_job(place):
    """What has left its session, its parent and its group is found all the same, and the group is as it was for the next job."""
    server = place.serve("--strict-limits")
    jobs = Jobs(server)
    hides = """
        group=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
        mkdir -p $group/a/b
        (echo 0 > $group/a/b/cgroup.procs; exec setsid sleep 4321 > /dev/null 2>&1) &
        while ! grep -q . $group/a/b/cgroup.procs; do :; done
        echo $group
    """
    group = Path(jobs.output(jobs.succeed(submit(server, jobs, "sh", "-c", hides)))[0])
    wait_for("nothing of it to run", lambda: not sleepers())
    wait_for("no group of it to be left", lambda: not (group / "a").exists())
    check_limit(server)


def sleepers():
    pids = (entry for entry in os.listdir("/proc") if entry.isdigit())
    return [pid for pid in pids if processes.arguments(pid) == ["sleep", "4321"]]


@pytest.mark.parametrize("runtime", ["own", "crun", "runc"])
def test_limits_hold_in_containers(place, longshore, tmp_path, runtime):
    server = place.serve("--container-runtime", runtime)
    load(longshore, server, tmp_path)
    check_limit(server, image="tool:1")


def test_limits_hold_in_containers_of_somebody_whose_group_it_is(place, tmp_path):
    """They are run by a process in namespaces of its own, which sees neither agent nor server."""
    place.give(USER)
    server = place.serve(user=USER)
    load(server.program, server, server.data_dir.parent)
    check_limit(server, image="tool:1")
    first = agent(server)
    processes.send(first, signal.SIGKILL)
    wait_for("another agent", lambda: [pid for pid in server.agents() if pid != first])
    check_limit(server, image="tool:1")


def test_somebody_in_a_group_of_others_is_told_what_to_do(place):
    server = place.serve(user=USER)
    log = server.data_dir / "agent/agent.log"
    advice = "start Longshore in a group of its own, such as by `systemd-run"
    wait_for("the advice", lambda: log.exists() and advice in log.read_text())
