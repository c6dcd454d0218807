"""A database of every earlier layout opens, is copied first, and its jobs go on; one of a later version is left as it is."""

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest
from jobs import Jobs

FIXTURES = sorted(Path(__file__).parent.glob("layout-*.sql"))


def layout(database):
    with sqlite3.connect(database) as db:
        (version,) = db.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    db.close()
    return version


def doctor(server):
    done = server.run("doctor", "--data-dir", server.data_dir, "--json")
    # Outputs are not part of the fixture.
    return {check["name"] for check in json.loads(done.stdout)["checks"] if check["problems"]} - {"outputs"}


@pytest.fixture
def upgraded(server):
    def start(fixture, *flags):
        one = server(*flags, start=False, vcpus=4)
        one.data_dir.mkdir()
        (one.data_dir / "bootstrapped").touch()
        with sqlite3.connect(one.data_dir / "longshore.db") as db:
            db.executescript(fixture.read_text())
        db.close()
        return one.start()

    return start


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_database_of_an_earlier_layout_goes_on(upgraded, fixture):
    one = upgraded(fixture)
    assert doctor(one) == set()
    assert "brought to the layout of this version" in one.log()
    copy = one.data_dir / f"longshore.db.{fixture.stem}"
    assert layout(copy) == fixture.stem.removeprefix("layout-")
    jobs = Jobs(one)
    pages = jobs.batch.get_paginator("list_jobs").paginate(
        jobQueue="default", filters=[{"name": "JOB_NAME", "values": ["*"]}]
    )
    known = {job["jobName"]: job["jobId"] for page in pages for job in page["jobSummaryList"]}
    assert {"succeeded", "failed", "array", "running", "dependent", "dependents", "queued"} <= known.keys()
    assert [jobs.status(known[name]) for name in ("succeeded", "failed", "array")] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]
    # Its host never comes back: that is seen after a minute. What waited for it is let go by ending it.
    jobs.batch.terminate_job(jobId=known["running"], reason="upgraded")
    jobs.succeed(known["queued"])
    jobs.succeed(jobs.shell("true"))
    one.stop()
    one.start()
    assert doctor(one) == set()


def test_copy_can_be_left_out(upgraded):
    one = upgraded(FIXTURES[0], "--upgrade-copy=false")
    assert not list(one.data_dir.glob("longshore.db.layout-*"))


def test_database_of_a_later_version_is_refused_and_left_alone(server):
    one = server()
    one.stop()
    database = one.data_dir / "longshore.db"
    with sqlite3.connect(database) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    db.close()
    before = database.read_bytes()
    done = subprocess.run(one.command(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "layout 99" in done.stderr and "start the version that wrote it" in done.stderr
    assert database.read_bytes() == before
