"""`longshore backup` and `longshore restore`: a copy of a server that runs and is busy is whole, starts elsewhere, and has
everything that was acknowledged before it was begun; one that was killed is never taken for a whole one."""

import json
import signal
import subprocess
import tarfile
import threading
from contextlib import contextmanager

import pytest
from images import image, save
from jobs import Jobs
from registry import Registry
from waiting import wait_for

OBJECT_BYTES = 300_000
# What runs while a backup is made is lost with it, and runs again.
AGAIN = {"retryStrategy": {"attempts": 3}}


@pytest.fixture
def restored(server):
    """Starts a server on what `longshore restore` makes of a backup; it is audited before and after."""

    def start(backup):
        fresh = server(start=False)
        done = fresh_run(fresh, "restore", backup, "--data-dir", fresh.data_dir)
        assert done.returncode == 0, done.stderr
        audit(fresh)
        return fresh.start()

    return start


def fresh_run(server, *words):
    """A verb that needs no server."""
    return subprocess.run([server.program, *map(str, words)], capture_output=True, text=True, timeout=120)


def audit(server):
    report = json.loads(fresh_run(server, "doctor", "--data-dir", server.data_dir, "--json").stdout)
    assert [check for check in report["checks"] if check["problems"]] == []


def backup(server, target):
    done = server.run("backup", target, "--data-dir", server.data_dir, "--json", timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["manifest"]


@contextmanager
def load(server):
    """Submits jobs that end, and puts and replaces objects, as fast as the server takes them."""
    stop, failures, acknowledged = threading.Event(), [], []

    def submit():
        jobs = Jobs(server)
        while not stop.is_set():
            acknowledged.append(jobs.shell("echo busy", **AGAIN))

    def put():
        s3 = server.client("s3")
        number = 0
        while not stop.is_set():
            s3.put_object(Bucket="busy", Key=f"{number % 20}", Body=bytes([number % 256]) * OBJECT_BYTES)
            number += 1

    def guarded(work):
        try:
            work()
        except Exception as error:
            failures.append(error)

    server.client("s3").create_bucket(Bucket="busy")
    threads = [threading.Thread(target=guarded, args=[work]) for work in (submit, submit, put)]
    for thread in threads:
        thread.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []


@pytest.mark.parametrize("name", ["monday", "monday.tar"])
def test_backup_under_load_starts_elsewhere_with_all_that_was_acknowledged(server, restored, tmp_path, name):
    busy = server(vcpus=8)
    jobs = Jobs(busy)
    running = jobs.shell("echo begun; sleep 600", **AGAIN)
    jobs.wait(running, "RUNNING")
    waiting = jobs.shell("true", dependsOn=[{"jobId": running}])
    with load(busy) as acknowledged:
        wait_for("jobs to come and go", lambda: len(acknowledged) > 40)
        array = jobs.array(50, "echo $AWS_BATCH_JOB_ARRAY_INDEX", **AGAIN)
        last = jobs.succeed(jobs.shell("echo last"))
        busy.client("s3").put_object(Bucket="busy", Key="kept", Body=b"k" * OBJECT_BYTES)
        known = list(acknowledged)
        manifest = backup(busy, tmp_path / name)
    assert manifest["counts"]["jobs"] >= len(known) + 4
    checked = fresh_run(busy, "backup", "verify", tmp_path / name, "--json")
    assert (checked.returncode, json.loads(checked.stdout)["manifest"]) == (0, manifest)
    # What goes on afterwards is not in it.
    jobs.batch.terminate_job(jobId=running, reason="after the backup")
    jobs.fail(running)
    busy.close()

    copy = restored(tmp_path / name)
    jobs = Jobs(copy)
    for job in known:
        assert jobs.output(jobs.succeed(job)) == ["busy"]
    assert jobs.lines(last["container"]["logStreamName"]) == ["last"]
    assert copy.client("s3").get_object(Bucket="busy", Key="kept")["Body"].read() == b"k" * OBJECT_BYTES
    assert jobs.succeed(array)["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 50
    again = jobs.wait(running, "RUNNING")
    (lost,) = again["attempts"]
    assert "terminated" in lost["statusReason"]
    assert jobs.lines(lost["container"]["logStreamName"]) == ["begun"]
    assert jobs.status(waiting) == "PENDING"
    audit(copy)


def test_backup_while_history_is_removed_misses_no_output(server, restored, tmp_path):
    """What the copied rows name stays until it is copied, in the embedded S3 too."""
    busy = server("--retention", "1s", vcpus=8)
    with load(busy) as acknowledged:
        for name in ("first", "second", "third.tar"):
            before = len(acknowledged)
            wait_for("more jobs", lambda before=before: len(acknowledged) > before + 30)
            backup(busy, tmp_path / name)
    busy.close()
    for name in ("first", "third.tar"):
        restored(tmp_path / name).close()


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("name", ["cut", "cut.tar"])
def test_backup_that_ends_early_is_never_taken_for_a_whole_one(server, restored, tmp_path, name, sent):
    one = server()
    jobs = Jobs(one)
    jobs.succeed(jobs.shell("echo hello"))
    s3 = one.client("s3")
    s3.create_bucket(Bucket="large")
    for key in "abcd":
        s3.put_object(Bucket="large", Key=key, Body=b"x" * (16 << 20))
    target, partial = tmp_path / "backups" / name, tmp_path / "backups" / f"{name}.partial"
    command = [str(word) for word in [one.program, "backup", target, "--data-dir", one.data_dir]]
    begun = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait_for("it to have begun", lambda: partial.exists() and any(partial.iterdir()))
    begun.send_signal(sent)
    code = begun.wait(timeout=30)
    if code == 0:
        pytest.fail("the backup was faster than the signal")
    assert not target.exists()
    if sent == signal.SIGINT:
        assert (code, list(target.parent.iterdir())) == (130, [])
    else:
        assert fresh_run(one, "backup", "verify", partial).returncode == 1
        assert fresh_run(one, "restore", partial, "--data-dir", tmp_path / "none").returncode == 1
        assert not (tmp_path / "none").exists()
    backup(one, target)
    assert list(target.parent.iterdir()) == [target]
    one.close()
    restored(target)


def test_damage_is_found_before_anything_is_restored(server, tmp_path):
    one = server()
    jobs = Jobs(one)
    jobs.succeed(jobs.shell("echo hello"))
    place, archive = tmp_path / "b", tmp_path / "b.tar"
    backup(one, place)
    backup(one, archive)
    one.stop()
    assert subprocess.run(["sha256sum", "--check", "--quiet", "files.sha256"], cwd=place).returncode == 0
    with tarfile.open(archive) as tar:
        assert tar.getnames()[-1] == "manifest.json"
    (output,) = (place / "output").glob("*/*.log")
    output.write_text("jello\n")
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b"hello\n", b"jello\n"))
    for broken in (place, archive):
        told = fresh_run(one, "backup", "verify", broken)
        assert told.returncode == 1 and f"{output.name} is not as it was written" in told.stderr
        told = fresh_run(one, "restore", broken, "--data-dir", tmp_path / "fresh")
        assert told.returncode == 1 and "damaged" in told.stderr
        assert not (tmp_path / "fresh").exists() and not (tmp_path / "fresh.restoring").exists()
    output.unlink()
    assert "is missing" in fresh_run(one, "backup", "verify", place).stderr


def test_what_is_in_the_way_is_left_alone(server, tmp_path):
    one = server()
    place = tmp_path / "b"
    backup(one, place)
    told = one.run("backup", place, "--data-dir", one.data_dir)
    assert told.returncode == 1 and "exists already" in told.stderr
    used = tmp_path / "used"
    used.mkdir()
    (used / "mine").write_text("mine")
    told = fresh_run(one, "restore", place, "--data-dir", used)
    assert told.returncode == 1 and "is not empty" in told.stderr
    assert [path.name for path in used.iterdir()] == ["mine"]
    told = fresh_run(one, "backup", tmp_path / "c", "--data-dir", used)
    assert told.returncode == 1 and "holds no database" in told.stderr
    assert not list(tmp_path.glob("c*"))


@pytest.mark.parametrize("form", ["b", "b.tar"])
def test_images_that_cannot_be_pulled_again_are_in_it(server, restored, longshore, tmp_path, form):
    """A job runs from them where they were restored; those that have a registry are copied on demand."""
    one = server()
    config = {"Cmd": ["sh", "-c", "cat /mine.txt; id -u"], "User": "1000"}
    save(tmp_path / "tool.tar", "tool:1", config, "mine.txt", size=3, owner=1000)
    image(longshore, one, "load", tmp_path / "tool.tar")
    made = backup(one, tmp_path / form)
    assert (made["counts"]["images"], made["format"]) == (1, 2)
    assert fresh_run(one, "backup", "verify", tmp_path / form).returncode == 0
    bare = one.run("backup", tmp_path / "bare", "--data-dir", one.data_dir, "--images", "none", "--json")
    manifest = json.loads(bare.stdout)["manifest"]
    assert (manifest["counts"]["images"], manifest["format"]) == (0, 1)
    one.close()
    again = restored(tmp_path / form)
    assert json.loads(image(longshore, again, "ls", "--json"))["images"][0]["names"] == ["tool:1"]
    (theirs,) = (again.data_dir / "images/layers").glob("*/fs/mine.txt")
    assert theirs.stat().st_uid == 1000 and theirs.read_bytes() == bytes(3)
    jobs = Jobs(again)
    properties = {"image": "tool:1", "resourceRequirements": [
        {"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"},
    ]}
    definition = jobs.batch.register_job_definition(
        jobDefinitionName="tool", type="container", containerProperties=properties
    )["jobDefinitionArn"]
    detail = jobs.succeed(jobs.submit(jobDefinition=definition))
    assert jobs.output(detail)[-1].endswith("1000")


def test_pulled_images_are_in_it_on_demand(server, longshore, tmp_path):
    registry = Registry(tmp_path)
    try:
        reference, _ = registry.push("tool:1", {"Cmd": ["true"]})
        one = server()
        image(longshore, one, "pull", reference)
    finally:
        registry.close()
    assert backup(one, tmp_path / "loaded")["counts"]["images"] == 0
    done = one.run("backup", tmp_path / "all", "--data-dir", one.data_dir, "--images", "all", "--json")
    assert json.loads(done.stdout)["manifest"]["counts"]["images"] == 1
    assert len(list((tmp_path / "all/images/layers").glob("*.tar"))) == 1
