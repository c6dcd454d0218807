"""What keeps a server from starting or going on: a clear error, a documented exit code, and nothing half done."""

import socket
import subprocess

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from disks import fill, mount
from jobs import Jobs
from waiting import wait_for


def run(server, port=0):
    """Starts a server that is expected to refuse; gives exit code and what it said."""
    done = subprocess.run(server.command(port), capture_output=True, text=True, timeout=30)
    return done.returncode, done.stderr


def test_port_in_use_is_named(server):
    """And the data directory is not even created."""
    refused = server(start=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = run(refused, port)
    assert code == 1
    assert f"port {port} on 127.0.0.1 is in use" in said and "--port" in said
    assert not refused.data_dir.exists()


def test_data_directory_in_use_names_the_other_server(server):
    """And the other goes on."""
    first, second = server(), server(start=False)
    second.data_dir = first.data_dir
    code, said = run(second)
    assert code == 1
    assert str(first.data_dir) in said and f"pid {first.process.pid}" in said and "--data-dir" in said
    Jobs(first).succeed(Jobs(first).shell("true"))


@pytest.mark.parametrize(
    "text, said",
    [
        ("port = 'many'", "port"),
        ("prot = 80", "prot"),
        ("port = ", "line 2, column 8"),
        ("account = '12'", "12 digits"),
    ],
)
def test_bad_configuration_file_is_named_with_its_place(server, tmp_path, text, said):
    """Exit code 2; nothing created."""
    file = tmp_path / "wrong.toml"
    file.write_text(f"# a comment\n{text}\n")
    refused = server("--config", file, start=False)
    code, error = run(refused)
    assert code == 2
    assert str(file) in error and said in error and "line 2" in error
    assert not refused.data_dir.exists()


def test_missing_configuration_file_is_named(server, tmp_path):
    """Exit code 2."""
    code, said = run(server("--config", tmp_path / "absent.toml", start=False))
    assert code == 2 and "absent.toml" in said


def test_data_directory_that_cannot_be_is_named(server, tmp_path):
    """A file stands where the directory should be."""
    refused = server(start=False)
    refused.data_dir.parent.mkdir(exist_ok=True)
    refused.data_dir.write_text("a file")
    code, said = run(refused)
    assert code == 1 and str(refused.data_dir) in said and "--data-dir" in said


def test_address_that_others_reach_needs_access_keys(server):
    """Exposed without keys it does not start."""
    code, said = run(server("--listen", "0.0.0.0", start=False))
    assert code == 1 and "LONGSHORE_ACCESS_KEY_ID" in said


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 8 MiB."""
    disk = mount(tmp_path / "tiny", "size=8m")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_full_disk_acknowledges_nothing_that_is_lost(tiny_disk, server):
    """A failed commit stops the server with a message; with space again everything acknowledged is there, and runs."""
    running = server(start=False)
    running.data_dir = tiny_disk / "data"
    running.start()
    jobs = Jobs(running)
    acknowledged = [jobs.shell("true")]
    filler = fill(tiny_disk)
    refusal = None
    for _ in range(2_000):
        try:
            acknowledged.append(jobs.shell(f"true {'x' * 4000}"))
        except (BotoCoreError, ClientError) as error:
            refusal = error
            break
    assert refusal, "the disk is full, and every submission was acknowledged"
    running.process.wait(timeout=30)
    assert running.process.returncode == 1
    assert "full" in running.log() or "No space left" in running.log()
    code, said = run(running)
    assert code == 1 and ("full" in said or "No space left" in said), (code, said)
    filler.unlink()
    running.start()
    for job in acknowledged:
        jobs.succeed(job)


def test_full_disk_refuses_an_object_and_keeps_the_server(tiny_disk, server):
    """S3 content does not fit: an error, no object; what was there is still read."""
    running = server(start=False)
    running.data_dir = tiny_disk / "data"
    running.start()
    s3 = running.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="small", Body=b"x")
    with pytest.raises((ClientError, BotoCoreError)):
        s3.put_object(Bucket="bucket", Key="large", Body=b"x" * (9 << 20))
    assert [found["Key"] for found in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["small"]
    # The space of what did not fit is free again.
    wait_for("room for another", lambda: s3.put_object(Bucket="bucket", Key="fits", Body=b"x" * (1 << 20)))
