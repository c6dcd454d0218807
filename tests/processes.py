"""Processes as /proc shows them. Nothing here knows what they are for."""

import os
import signal
from pathlib import Path


def alive(pid):
    """Whether a process runs; one that is dead but not buried does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def arguments(pid):
    """A process's command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def parent(pid):
    """The process that started it; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def touching(directory):
    """The processes that name a directory in their arguments, or work or have files open below it: {pid: arguments}."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid() and alive(entry) and _touches(entry, str(directory)):
            found[int(entry)] = arguments(entry)
    return found


def _touches(pid, directory):
    if any(directory in argument for argument in arguments(pid)):
        return True
    try:
        links = [f"/proc/{pid}/cwd", *(entry.path for entry in os.scandir(f"/proc/{pid}/fd"))]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
    return any(_target(link).startswith(directory) for link in links)


def _target(link):
    try:
        return os.readlink(link)
    except OSError:
        return ""


def send(pid, number=signal.SIGTERM):
    """Signals a process that may be gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
