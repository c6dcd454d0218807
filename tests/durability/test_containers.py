"""Containers leave nothing behind: not after a thousand of them, not after the death of their agent in the middle."""

import os
import signal
from pathlib import Path

import pytest
from images import image, save
from jobs import Jobs
from waiting import wait_for

JOBS = 1000
KILLED_AT = 300
NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "16"}]


def groups(pid):
    """The control groups that an agent has made, in every hierarchy."""
    found = []
    for directory, names, _ in os.walk("/sys/fs/cgroup"):
        found += [Path(directory) / name for name in names if name.startswith(f"longshore-{pid}-")]
    return found


def mounts(directory):
    """The processes that see a mount whose source or place is below a directory."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(directory) in (entry / "mountinfo").read_text():
                found.append(entry.name)
        except OSError:
            pass
    return found


def left(server):
    """What containers that have ended have left on the host."""
    return list((server.data_dir / "containers").iterdir()) + mounts(server.data_dir / "containers")


def networks(pid):
    """The network namespaces that an agent holds open; those of containers that have ended have nobody else."""
    found = []
    for place in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(os.readlink(place))
        except FileNotFoundError:
            continue  # closed meanwhile
    return [target for target in found if target.startswith("net:[")]


@pytest.mark.parametrize("network", ["host", "isolated"])
def test_thousand_containers_and_the_death_of_their_agent_leave_nothing(server, longshore, tmp_path, network):
    one = server("--network", network, vcpus=8)
    save(tmp_path / "tool.tar", "tool:1", {"Env": ["PATH=/bin"], "Cmd": ["sh", "-c", "touch /file; sleep 0.05"]})
    image(longshore, one, "load", tmp_path / "tool.tar")
    jobs = Jobs(one)
    properties = {"image": "tool:1", "resourceRequirements": NEEDS}
    made = jobs.batch.register_job_definition(
        jobDefinitionName="tool", type="container", containerProperties=properties
    )
    array = jobs.submit(
        jobDefinition=made["jobDefinitionArn"], arrayProperties={"size": JOBS}, retryStrategy={"attempts": 3}
    )

    def succeeded():
        return jobs.describe(array)["arrayProperties"]["statusSummary"]["SUCCEEDED"]

    wait_for("a part of the children", lambda: succeeded() >= KILLED_AT, timeout=120)
    (killed,) = one.agents()
    os.kill(killed, signal.SIGKILL)
    jobs.succeed(array, timeout=180)
    (agent,) = one.agents()
    assert agent != killed
    wait_for("nothing left of the containers", lambda: not left(one))
    wait_for("nothing left of their networks", lambda: networks(agent) == [])
    assert groups(killed) == []
    # One for each container at a time, and the one that showed that there can be any; twice, for two hierarchies.
    assert len([path for path in groups(agent) if "memory" in path.parts]) <= 8 + 1
    one.close()
    assert groups(agent) == []
