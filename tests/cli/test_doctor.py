"""`longshore doctor`: finds nothing wrong with what servers leave, running or not, and finds what is broken by hand."""

import json
import shutil
import sqlite3

import pytest
from images import image, save
from jobs import Jobs

RULES = [
    *("database-file", "database-layout", "database-rows", "references", "array-counters", "lives", "attempts"),
    *("dependencies", "consumables", "log-streams", "events", "outputs", "stray-outputs", "webhooks", "objects"),
    *("images", "stray-layers"),
]


@pytest.fixture
def used(server):
    """A server that has had jobs of all kinds, some of which wait and run."""
    one = server(vcpus=4)
    jobs = Jobs(one)
    array = jobs.shell("echo child", arrayProperties={"size": 5})
    failed = jobs.shell("exit 3")
    jobs.succeed(array)
    jobs.fail(failed)
    running = jobs.shell("sleep 600")
    jobs.shell("true", dependsOn=[{"jobId": running}])
    jobs.shell("true", arrayProperties={"size": 3}, dependsOn=[{"jobId": running}])
    cancelled = jobs.shell("true", dependsOn=[{"jobId": running}])
    jobs.batch.cancel_job(jobId=cancelled, reason="enough")
    jobs.wait(running, "RUNNING")
    return one


def doctor(one):
    done = one.run("doctor", "--data-dir", one.data_dir, "--json")
    report = json.loads(done.stdout)
    found = {check["name"]: check["problems"] for check in report["checks"]}
    assert done.returncode == (1 if any(found.values()) else 0), done.stderr
    return report, {name: problems for name, problems in found.items() if problems}


def test_nothing_is_wrong_with_a_server_that_runs_was_killed_or_has_stopped(used):
    report, found = doctor(used)
    assert (found, [check["name"] for check in report["checks"]]) == ({}, RULES)
    assert report["server"] == str(used.process.pid)
    used.kill()
    report, found = doctor(used)
    assert (found, report["server"]) == ({}, None)
    used.start()
    assert doctor(used)[1] == {}


def test_what_was_broken_by_hand_is_found_named_and_advised_about(used):
    """ARR-5: counters that do not add up; columns that lie; a queue that is gone; an output that was removed."""
    used.kill()
    with sqlite3.connect(used.data_dir / "longshore.db") as db:
        (array,) = db.execute("SELECT id FROM jobs WHERE array_size = 5").fetchone()
        db.execute("UPDATE jobs SET doc = json_set(doc, '$.array.counts[0]', 1) WHERE id = ?", [array])
        db.execute("UPDATE jobs SET status = 'FAILED' WHERE id = ?", [array])
        db.execute("DELETE FROM environments")
    db.close()
    outputs = (used.data_dir / "output").glob("*/*.log")
    output = next(path for path in outputs if path.read_text() == "child\n")
    moved = output.stem[:-4] + "0000"
    output.rename(output.with_name(f"{moved}.log"))
    _, found = doctor(used)
    assert found.keys() == {"database-rows", "array-counters", "references", "outputs", "stray-outputs"}
    assert [problem["subject"] for problem in found["array-counters"]] == [array]
    assert [problem["subject"] for problem in found["stray-outputs"]] == [moved]
    told = used.run("doctor", "--data-dir", used.data_dir)
    assert told.returncode == 1
    assert f"array-counters: {array}: its counters are [1, " in told.stdout
    assert "longshore terminate" in told.stdout


def test_object_without_content_and_cursor_ahead_of_events_are_found(used):
    s3 = used.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"x" * 300_000)
    assert doctor(used)[1] == {}
    used.kill()
    (content,) = (path for path in (used.data_dir / "s3/content").glob("*/*"))
    content.unlink()
    (used.data_dir / "webhooks").mkdir(exist_ok=True)
    (used.data_dir / "webhooks/0123456789abcdef.json").write_text('{"url": "http://x", "after": 99999999}')
    assert doctor(used)[1].keys() == {"objects", "webhooks"}


def test_damaged_file_is_found(used):
    used.kill()
    database = used.data_dir / "longshore.db"
    sqlite3.connect(database).execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(database.read_bytes())
    content[5000:9000] = b"\xff" * 4000
    database.write_bytes(content)
    assert doctor(used)[1].keys() == {"database-file"}


def test_directory_without_a_database_is_refused(server, tmp_path):
    used = server()
    empty = tmp_path / "empty"
    empty.mkdir()
    done = used.run("doctor", "--data-dir", empty)
    assert done.returncode == 1
    assert "holds no database of Longshore" in done.stderr
    assert list(empty.iterdir()) == []


def test_image_without_its_layer_and_layer_without_an_image_are_found(used, longshore, tmp_path):
    for name in ("kept", "broken"):
        save(tmp_path / f"{name}.tar", f"{name}:1", {}, f"{name}.txt")
        image(longshore, used, "load", tmp_path / f"{name}.tar")
    assert doctor(used)[1] == {}
    layers = {path for path in (used.data_dir / "images/layers").iterdir()}
    (broken,) = [layer for layer in layers if (layer / "fs/broken.txt").exists()]
    shutil.rmtree(broken / "fs")
    shutil.copytree(next(iter(layers - {broken})), broken.with_name("0" * 64), symlinks=True)
    _, found = doctor(used)
    assert found.keys() == {"images", "stray-layers"}
    assert [problem["subject"] for problem in found["images"]] == [broken.name]
    assert [problem["subject"] for problem in found["stray-layers"]] == ["0" * 64]
    assert "longshore image load" in used.run("doctor", "--data-dir", used.data_dir).stdout
