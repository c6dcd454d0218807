"""GPUs: each is one job's at a time, containers see theirs and no other, and who asks for more than there are is told so.
The machine has none: see `gpus.py`."""

import json
import signal

import processes
import pytest
from gpus import LIBRARY, Gpus
from images import image, save
from jobs import Jobs
from podman import Podman
from registry import Registry
from waiting import wait_for

TOO_LARGE = "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - "
SHELL = {"Entrypoint": ["/bin/sh", "-c"], "Env": ["PATH=/bin", "NVIDIA_VISIBLE_DEVICES=all"]}
SEES = f"echo $NVIDIA_VISIBLE_DEVICES /dev/nvidia*; cat {LIBRARY}"
# A container may be asked to wait for a file of a volume, a process for one of the host.
UNTIL = "echo $CUDA_VISIBLE_DEVICES /dev/nvidia[0-9]; until test -e {}; do sleep 0.05; done"


def needs(gpus):
    asked = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
    return [*asked, {"type": "GPU", "value": str(gpus)}] if gpus else asked


class Site:
    """A server whose host offers such GPUs, and an image."""

    def __init__(self, server, gates, reference="tool:1"):
        self.server, self.gates, self.jobs, self.reference = server, gates, Jobs(server), reference
        self.gates.mkdir()

    def contain(self, command, gpus, **members):
        volumes = [{"name": "gates", "host": {"sourcePath": str(self.gates)}}]
        mounts = [{"sourceVolume": "gates", "containerPath": "/gates"}]
        properties = {
            "image": self.reference, "command": [command], "resourceRequirements": needs(gpus), "volumes": volumes,
            "mountPoints": mounts, **members,
        }  # fmt: skip
        made = self.jobs.batch.register_job_definition(
            jobDefinitionName="gpu", type="container", containerProperties=properties
        )
        return self.jobs.submit(jobDefinition=made["jobDefinitionArn"])

    def process(self, script, gpus):
        return self.jobs.shell(script, containerOverrides={"resourceRequirements": needs(gpus)})

    def first_line(self, job):
        self.jobs.wait(job, "RUNNING")
        return wait_for("its first line", lambda: self.jobs.output(self.jobs.describe(job)))[0]

    def open(self, gate):
        (self.gates / gate).touch()

    def missing(self, job):
        """GPUs that hosts lack for it, as `longshore explain` has it."""
        done = self.server.run("explain", "--json", job)
        assert done.returncode == 0, done.stderr
        (entry,) = json.loads(done.stdout)["jobs"]
        return [host["gpus"] for host in entry["wait"]["short"]["hosts"]]


@pytest.fixture
def site(server, longshore, tmp_path):
    def make(*flags, count=2, hooks=False):
        gpus = Gpus(tmp_path / "gpus", count, hooks)
        started = server("--cdi-dir", gpus.directory, *flags)
        archive = tmp_path / "tool.tar"
        save(archive, "tool:1", SHELL)
        image(longshore, started, "load", archive)
        return Site(started, tmp_path / "gates")

    return make


def third_waits_for_a_device_of_two(site, start, see):
    """CPU-1, SCH-5: two jobs have one each, the third gets that of whoever ends first."""
    first, second = start("a"), start("b")
    devices = [site.first_line(first), site.first_line(second)]
    assert sorted(devices) == [see(0), see(1)]
    third = start("c")
    waits = wait_for("why it waits", lambda: site.jobs.describe(third).get("statusReason"))
    assert not waits.startswith("MISCONFIGURATION"), waits
    assert site.jobs.status(third) == "RUNNABLE"
    assert site.missing(third) == [1]
    site.open("b")
    site.jobs.succeed(second)
    assert site.first_line(third) == devices[1]
    site.open("a")
    site.open("c")
    site.jobs.succeed(first)
    site.jobs.succeed(third)


@pytest.mark.parametrize("runtime", ["own", "runc"])
def test_containers_have_different_gpus_and_the_third_waits(site, runtime):
    made = site("--container-runtime", runtime)
    third_waits_for_a_device_of_two(
        made,
        start=lambda gate: made.contain(UNTIL.format(f"/gates/{gate}"), 1),
        see=lambda number: f"/dev/nvidia{number}",
    )


def test_processes_are_told_different_gpus_and_the_third_waits(site):
    """They see all devices of the host, and are told by variables which to use."""
    made = site()
    script = "echo $CUDA_VISIBLE_DEVICES $NVIDIA_VISIBLE_DEVICES $CUDA_DEVICE_ORDER; until test -e {}; do sleep 0.05; done"
    third_waits_for_a_device_of_two(
        made,
        start=lambda gate: made.process(script.format(made.gates / gate), 1),
        see=lambda number: f"{number} {number} PCI_BUS_ID",
    )


@pytest.mark.parametrize("runtime", ["own", "runc"])
def test_container_gets_what_its_gpus_need_and_others_get_nothing(site, runtime):
    made = site("--container-runtime", runtime)
    both = made.jobs.succeed(made.contain(f"{SEES}; echo $GPU_0 $GPU_1; echo x > /dev/nvidia1", 2))
    expected = ["void /dev/nvidia0 /dev/nvidia1 /dev/nvidiactl", "a library", "here here"]
    assert made.jobs.output(both) == expected
    none = made.jobs.fail(made.contain(SEES, 0))
    assert made.jobs.output(none)[0] == "void /dev/nvidia*"
    process = made.jobs.succeed(made.process('echo "<$CUDA_VISIBLE_DEVICES>" $NVIDIA_VISIBLE_DEVICES', 0))
    assert made.jobs.output(process) == ["<> void"]


def test_hooks_are_run_by_a_program(site):
    """The agent's own launcher runs none: crun or runc takes its place for such a container."""
    made = site(hooks=True)
    detail = made.jobs.succeed(made.contain("cat /from-hook; echo /dev/nvidia*", 1))
    assert made.jobs.output(detail) == ["linked", "/dev/nvidia0 /dev/nvidiactl"]
    made.jobs.succeed(made.contain("true", 0))


def test_hooks_that_nobody_would_run_are_the_reason(site):
    made = site("--container-runtime", "own", hooks=True)
    (attempt,) = made.jobs.fail(made.contain("true", 1))["attempts"]
    assert attempt["container"]["reason"] == (
        "CannotCreateContainerError: give it its GPUs: their CDI specification has hooks (createContainer): the agent's own "
        "launcher runs no hooks: let crun or runc be used as well (--container-runtime auto)"
    )
    made.jobs.succeed(made.contain("true", 0))


def test_job_that_asks_for_more_gpus_than_there_are_is_told_so(site):
    """SCH-10, SCH-11."""
    made = site("--gpus", 1)
    job = made.process("true", 2)
    # Its host may not be there yet.
    wait_for("why it waits", lambda: made.jobs.describe(job).get("statusReason", "").startswith(TOO_LARGE))
    assert made.missing(job) == [1]
    made.jobs.succeed(made.process("true", 1))
    made.jobs.batch.cancel_job(jobId=job, reason="never")


def test_host_that_offers_none_hides_nothing(site):
    made = site("--gpus", "none")
    detail = made.jobs.succeed(made.process('echo "${CUDA_VISIBLE_DEVICES-unset}"', 0))
    assert made.jobs.output(detail) == ["unset"]
    job = made.process("true", 1)
    wait_for("why it waits", lambda: (made.jobs.describe(job).get("statusReason") or "").startswith(TOO_LARGE))


def test_gpus_of_a_dead_agent_are_free(site):
    """Attempts die with their agent, and with them what they had."""
    made = site(count=1)
    log = made.server.data_dir / "agent/agent.log"
    assert "nvidia.com/gpu=0" in log.read_text()
    job = made.contain(UNTIL.format("/gates/never"), 1)
    assert made.first_line(job) == "/dev/nvidia0"
    (agent,) = made.server.agents()
    processes.send(agent, signal.SIGKILL)
    made.jobs.fail(job)
    made.jobs.succeed(made.contain("test -c /dev/nvidia0", 1))


@pytest.fixture
def registry(tmp_path_factory):
    made = Registry(tmp_path_factory.mktemp("registry"))
    yield made
    made.close()


@pytest.fixture
def podman(registry):
    made = Podman(registry)
    yield made
    made.close()


@pytest.fixture
def engine_site(registry, podman, server, tmp_path):
    def make(**gpus):
        reference, _ = registry.push("gpu:1", SHELL)
        directory = Gpus(tmp_path / "gpus", 2, **gpus).directory
        started = server("--cdi-dir", directory, "--container-engine", podman.address)
        return Site(started, tmp_path / "gates", reference)

    return make


def test_engine_is_told_of_gpus_that_it_does_not_know(engine_site):
    made = engine_site()
    third_waits_for_a_device_of_two(
        made,
        start=lambda gate: made.contain(UNTIL.format(f"/gates/{gate}"), 1),
        see=lambda number: f"/dev/nvidia{number}",
    )
    both = made.jobs.succeed(made.contain(SEES, 2))
    assert made.jobs.output(both) == ["void /dev/nvidia0 /dev/nvidia1 /dev/nvidiactl", "a library"]


def test_hooks_that_podman_would_not_run_are_the_reason(engine_site):
    made = engine_site(hooks=True)
    (attempt,) = made.jobs.fail(made.contain("true", 1))["attempts"]
    assert "has hooks (createContainer), which Podman does not run" in attempt["container"]["reason"]
    made.jobs.succeed(made.contain("true", 0))
