"""Full disks under containers: attempts end with a reason, nothing half-written stays, and with space again the next job runs."""

import json
import re
import subprocess

import pytest
from disks import fill, mount
from images import image, save
from jobs import Jobs
from registry import Registry
from waiting import wait_for

# What is written to a disk in memory counts as the writer's.
NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "256"}]
CONFIG = {"Env": ["PATH=/bin"], "Cmd": ["sh", "-c", "echo ran"]}
NO_SPACE = re.compile("no space left on device", re.IGNORECASE)
LARGE = 64 << 20
# More than a container's directory needs, less than the large image.
SMALL_DISK = "size=16m"
LARGE_DISK = "size=160m"


@pytest.fixture
def disk():
    """Mounts file systems of a given size, and takes them away after the servers that use them."""
    mounted = []

    def mount_for_now(place, options):
        mounted.append(mount(place, options))

    yield mount_for_now
    for place in mounted:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
def registry(tmp_path):
    made = Registry(tmp_path)
    yield made
    made.close()


def grow(place, size=LARGE_DISK):
    subprocess.run(["mount", "-o", f"remount,{size}", place], check=True)


def used(place):
    """Bytes and names of a file system that are taken."""
    done = subprocess.run(
        ["df", "--output=used,iused", "-B1", place], check=True, capture_output=True, text=True
    )
    return [int(number) for number in done.stdout.splitlines()[1].split()]


def define(batch, name, **members):
    properties = {"image": name, "resourceRequirements": NEEDS, **members}
    made = batch.register_job_definition(jobDefinitionName="small", type="container", containerProperties=properties)
    return made["jobDefinitionArn"]


def reason(detail):
    """Why the latest attempt could not start, which has to be the disk."""
    text = detail["attempts"][-1]["container"]["reason"]
    assert NO_SPACE.search(text), text
    return text


def runs(jobs, definition):
    detail = jobs.succeed(jobs.submit(jobDefinition=definition))
    assert jobs.output(detail) == ["ran"]


@pytest.fixture
def one(server):
    """A server whose directories are mounted before it starts."""
    return server(start=False)


@pytest.fixture
def loaded(one, longshore, tmp_path):
    """Starts it with an image."""

    def start():
        one.start()
        save(tmp_path / "tool.tar", "tool:1", CONFIG)
        image(longshore, one, "load", tmp_path / "tool.tar")
        jobs = Jobs(one)
        return jobs, define(jobs.batch, "tool:1")

    return start


@pytest.fixture
def images(disk, one):
    """Its images are on a small disk."""
    place = one.data_dir / "images"
    disk(place, SMALL_DISK)
    one.start()
    return place


@pytest.mark.parametrize("files", [["large"], [f"part-{number}" for number in range(8)]])
def test_image_that_does_not_fit_leaves_nothing(images, one, longshore, registry, files):
    """Table 4.1: however far it came, its layer is gone; with space again the same job runs."""
    empty = used(images)
    name, _ = registry.push("large:1", CONFIG, *files, size=LARGE // len(files))
    jobs = Jobs(one)
    definition = define(jobs.batch, name)
    failed = jobs.fail(jobs.submit(jobDefinition=definition, retryStrategy={"attempts": 2}))
    assert failed["statusReason"] == "Task failed to start" and len(failed["attempts"]) == 2
    assert reason(failed).startswith("CannotPullContainerError: ")
    assert json.loads(image(longshore, one, "ls", "--json"))["images"] == []
    assert [list((images / part).iterdir()) for part in ("partial", "layers", "names", "configs")] == [[], [], [], []]
    assert used(images) == empty
    grow(images)
    runs(jobs, definition)


def test_image_with_too_many_files_leaves_nothing(disk, one, registry):
    """A disk is full as well when it takes no more names."""
    images = one.data_dir / "images"
    disk(images, "size=160m,nr_inodes=200")
    one.start()
    empty = used(images)
    name, _ = registry.push("many:1", CONFIG, *[f"file-{number}" for number in range(400)])
    jobs = Jobs(one)
    definition = define(jobs.batch, name)
    failed = jobs.fail(jobs.submit(jobDefinition=definition))
    assert reason(failed).startswith("CannotPullContainerError: ")
    assert used(images) == empty
    grow(images, "nr_inodes=2000")
    runs(jobs, definition)


def test_archive_that_does_not_fit_leaves_nothing(images, one, longshore, tmp_path):
    """`longshore image load` says so."""
    empty = used(images)
    save(tmp_path / "large.tar", "large:1", CONFIG, "large", size=LARGE)
    with pytest.raises(subprocess.CalledProcessError) as failed:
        image(longshore, one, "load", tmp_path / "large.tar")
    assert NO_SPACE.search(failed.value.stderr), failed.value.stderr
    assert used(images) == empty
    grow(images)
    image(longshore, one, "load", tmp_path / "large.tar")
    jobs = Jobs(one)
    runs(jobs, define(jobs.batch, "large:1"))


@pytest.mark.parametrize("size", ["size=1m", "nr_inodes=24"])
def test_container_without_a_place_is_refused(disk, one, loaded, size):
    """Table 4.1: bytes or names are what is missing. A launcher that writes no bytes there runs without them."""
    containers = one.data_dir / "containers"
    disk(containers, size)
    jobs, definition = loaded()
    runs(jobs, definition)
    empty = used(containers)
    if size.startswith("size"):
        fillers = [fill(containers)]
    else:
        fillers = [containers / f"filler-{number}" for number in range(24 - empty[1])]
        for filler in fillers:
            filler.touch()
    ended = jobs.wait(jobs.submit(jobDefinition=definition))
    if ended["status"] == "FAILED" or size.startswith("nr_inodes"):
        assert re.match("Cannot(Create|Start)ContainerError: ", reason(ended))
    wait_for("only the fillers", lambda: sorted(containers.iterdir()) == sorted(fillers))
    for filler in fillers:
        filler.unlink()
    runs(jobs, definition)
    wait_for("nothing of it", lambda: used(containers) == empty)


def test_job_that_fills_its_root_fails_and_is_taken_away(disk, one, loaded):
    """What a job writes into its container is the job's to fail with, and goes with it."""
    containers = one.data_dir / "containers"
    disk(containers, SMALL_DISK)
    jobs, definition = loaded()
    empty = used(containers)
    failed = jobs.fail(jobs.submit("sh", "-c", f"head -c {LARGE} /dev/zero > /large", jobDefinition=definition))
    assert failed["attempts"][0]["container"]["exitCode"] == 1
    assert used(containers) == empty
    runs(jobs, definition)


def test_job_whose_output_does_not_fit_fails_and_keeps_what_did(disk, one, loaded):
    """Its program is told, and what was written can be read."""
    output = one.data_dir / "output"
    disk(output, SMALL_DISK)
    jobs, definition = loaded()
    script = f"echo first; head -c {LARGE} /dev/zero | tr '\\0' '\\n'"
    failed = jobs.fail(jobs.submit("sh", "-c", script, jobDefinition=definition))
    assert failed["attempts"][0]["container"]["exitCode"] == 1
    stream = failed["container"]["logStreamName"]
    page = jobs.logs.get_log_events(logGroupName="/aws/batch/job", logStreamName=stream, startFromHead=True, limit=1)
    assert [event["message"] for event in page["events"]] == ["first"]
    speechless = jobs.fail(jobs.submit(jobDefinition=definition))
    assert (speechless["attempts"][0]["container"]["exitCode"], jobs.output(speechless)) == (1, [])
    grow(output)
    runs(jobs, definition)


def test_everything_on_one_full_disk_loses_nothing(disk, server, longshore, tmp_path):
    """A job fills the data directory itself: the server may stop, with a message; what it had acknowledged ends, and runs."""
    place = tmp_path / "disk"
    disk(place, "size=48m")
    one = server(start=False)
    one.data_dir = place / "data"
    one.start()
    save(tmp_path / "tool.tar", "tool:1", CONFIG)
    image(longshore, one, "load", tmp_path / "tool.tar")
    jobs = Jobs(one)
    definition = define(jobs.batch, "tool:1")
    # It waits for space as well, so that the disk stays full until there is more.
    script = f"until head -c {LARGE} /dev/zero > /large; do sleep 0.1; done 2> /dev/null; rm /large; echo ran"
    greedy = jobs.submit("busybox", "sh", "-c", script.replace("rm", "busybox rm"), jobDefinition=definition)
    others = [jobs.submit(jobDefinition=definition, dependsOn=[{"jobId": greedy}]) for _ in range(3)]
    jobs.wait(greedy, "RUNNING", "SUCCEEDED")
    grow(place)
    if one.process.poll() is not None:
        assert "full" in one.log()
        one.start()
        jobs = Jobs(one)
    for job in [greedy, *others]:
        assert jobs.output(jobs.succeed(job)) == ["ran"]
    assert not list((one.data_dir / "containers").iterdir())
