"""Power cuts: a copy of the data directory as it is at one instant, and a server that starts from it.

Server and agent are frozen while the copy is made, so that it is of one instant; what they had not synced is on it all the same. So a
*torn* copy loses some of that: pages at the end of the write-ahead log that are not yet in the database, anywhere in a page."""

import json
import os
import signal
import struct
import subprocess
import time

import processes
from server import Server
from waiting import wait_for

LOG_HEADER, FRAME_HEADER = 32, 24
OTHER_BOOT = "00000000-0000-4000-8000-000000000000"


def copy(server, target):
    """The data directory as a power cut would leave it; gives the time of the cut."""
    frozen = [server.process.pid, *server.agents()]
    for pid in frozen:
        processes.send(pid, signal.SIGSTOP)
    for pid in frozen:
        wait_for("a process to be frozen", lambda pid=pid: _is_frozen(pid))
    at = time.time()
    try:
        subprocess.run(["cp", "-a", "--reflink=auto", server.data_dir, target], check=True)
    finally:
        for pid in frozen:
            processes.send(pid, signal.SIGCONT)
    # The machine that comes back has booted: no process of before is there.
    live = target / "agent/live"
    if live.exists():
        boot, *sessions = live.read_text().splitlines(keepends=True)
        live.write_text("".join([f"boot-id {OTHER_BOOT}\n", *sessions]))
    return at


def _is_frozen(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] in "TtZX"
    except FileNotFoundError:
        return True


def tear(data_dir, random):
    """Takes away the end of the write-ahead log, as far as none of it is in the database; gives the bytes lost."""
    log, index = data_dir / "longshore.db-wal", data_dir / "longshore.db-shm"
    if not log.exists() or log.stat().st_size <= LOG_HEADER or not index.exists():
        return 0
    header = index.read_bytes()
    (page,) = struct.unpack_from(">I", log.read_bytes()[:LOG_HEADER], 8)
    (frames,) = struct.unpack_from("=I", header, 16)
    (folded,) = struct.unpack_from("=I", header, 96)
    end = LOG_HEADER + frames * (page + FRAME_HEADER)
    earliest = LOG_HEADER + folded * (page + FRAME_HEADER)
    cut = random.randint(max(earliest, end - 20 * (page + FRAME_HEADER)), end)
    with log.open("r+b") as file:
        file.truncate(cut)
        # Disks write in sectors, in any order: what is left of the last one may be anything.
        if cut % 512 and random.random() < 0.5:
            file.seek(max(earliest, cut - cut % 512))
            file.write(os.urandom(cut - file.tell()))
    return end - cut


def doctor(program, data_dir):
    """What `longshore doctor` finds wrong: {check: problems}."""
    done = subprocess.run(
        [program, "doctor", "--data-dir", data_dir, "--json"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode in (0, 1), f"doctor: exit {done.returncode}\n{done.stdout}{done.stderr}"
    report = json.loads(done.stdout)
    return {check["name"]: check["problems"] for check in report["checks"] if check["problems"]}


def revive(program, directory, data_dir):
    """A server that starts from a copy."""
    server = Server(program, directory, vcpus=8)
    server.data_dir = data_dir
    return server
