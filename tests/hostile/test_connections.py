"""Thousands of connections that do nothing, and more of them than are taken: others are served all the while."""

import resource
import subprocess

import pytest
from hostile.sockets import answer, connect, open_files, raise_own_limit, resident_kib, seconds
from jobs import Jobs
from waiting import wait_for

IDLE = 10_000
# What this process needs besides.
SPARE = 500
# What a connection that nothing came over may cost the server, of its memory.
KIB_PER_CONNECTION = 32
# A look at a job, on a busy machine; it takes some milliseconds.
PATIENCE_S = 2.0


@pytest.fixture
def own_limit():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield raise_own_limit(IDLE + SPARE)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def streams():
    held = []
    yield held
    for stream in held:
        stream.close()


def test_ten_thousand_idle_connections_cost_little_and_delay_nobody(server, own_limit, streams):
    """ERR-6: where descriptors do not allow for so many, for as many as they do."""
    running = server(vcpus=4)
    jobs = Jobs(running)
    jobs.succeed(jobs.shell("true"))
    count = min(IDLE, own_limit - SPARE)
    before, files = resident_kib(running.process.pid), open_files(running.process.pid)
    streams += [connect(running) for _ in range(count)]
    wait_for("all to be taken", lambda: open_files(running.process.pid) >= files + count, timeout=60)
    each = (resident_kib(running.process.pid) - before) / count
    print(f"{count} idle connections: {each:.1f} KiB each")
    assert each < KIB_PER_CONNECTION
    job = jobs.shell("true")
    looks = [seconds(lambda: jobs.describe(job))[0] for _ in range(50)]
    print(f"describe: {1000 * sorted(looks)[25]:.1f} ms in the middle, {1000 * max(looks):.1f} ms at most")
    assert max(looks) < PATIENCE_S
    jobs.succeed(job)
    for stream in streams:
        stream.close()
    wait_for("all to be gone", lambda: open_files(running.process.pid) < files + SPARE, timeout=60)


def test_connection_beyond_the_limit_is_told_to_come_again(server, streams):
    """And those who have one go on; when some leave, others come in."""
    running = server("--limit", "open-connections=40", vcpus=4)
    batch = running.client("batch")
    batch.describe_job_queues()
    streams += [connect(running) for _ in range(60)]
    statuses = [answer(stream)[0] for stream in streams[45:]]
    assert set(statuses) == {429}
    # The client keeps its connection.
    assert batch.describe_job_queues()["jobQueues"]
    with connect(running) as another:
        status, _ = answer(another)
        assert status == 429
    for stream in streams:
        stream.close()
    patient = running.client("batch", retries={"total_max_attempts": 10, "mode": "standard"})
    assert patient.describe_job_queues()["jobQueues"]


def test_server_with_few_descriptors_refuses_and_does_not_spin(server, longshore, tmp_path, streams):
    """It takes as many connections as its descriptors allow for, and spends no time on those that it cannot take."""
    running = server(start=False, vcpus=4)
    usual = running.command
    running.command = lambda port=None: ["prlimit", "--nofile=600:600", *usual(port)]
    running.start()
    streams += [connect(running) for _ in range(200)]
    wait_for("the refusal", lambda: "too many connections" in running.log())
    status, text = answer(streams[-1])
    assert (status, "too many connections" in text) == (429, True)
    assert "failed to accept" not in running.log()
    assert open_files(running.process.pid) < 600
    for stream in streams:
        stream.close()
    Jobs(running).succeed(Jobs(running).shell("true"))


def test_jobs_have_the_limit_on_open_files_that_the_server_was_started_with(server):
    """The server raises its own; that is not theirs."""
    running = server(start=False, vcpus=4)
    usual = running.command
    running.command = lambda port=None: ["prlimit", "--nofile=777:9000", *usual(port)]
    running.start()
    limits = subprocess.run(
        ["prlimit", "--pid", str(running.process.pid), "--nofile", "--output=SOFT,HARD", "--noheadings"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert limits.stdout.split() == ["9000", "9000"]
    jobs = Jobs(running)
    assert jobs.output(jobs.succeed(jobs.shell("ulimit -Sn; ulimit -Hn"))) == ["777", "9000"]
