"""Clients that speak HTTP as badly as they like, over plain sockets."""

import json
import resource
import socket
import time
from pathlib import Path


def connect(server, timeout=30):
    return socket.create_connection(("127.0.0.1", server.port), timeout=timeout)


def head(path, length, *more):
    """The head of a POST, as bytes."""
    lines = [f"POST {path} HTTP/1.1", "host: localhost", f"content-length: {length}", *more, "", ""]
    return "\r\n".join(lines).encode()


def answer(stream):
    """Status and body of the next answer; status 0 if there is none."""
    file = stream.makefile("rb")
    line = file.readline().decode()
    if not line:
        return 0, ""
    length = 0
    while (header := file.readline().decode().strip()) != "":
        name, _, value = header.partition(":")
        if name.lower() == "content-length":
            length = int(value)
    return int(line.split()[1]), file.read(length).decode()


def post(server, path, body):
    with connect(server) as stream:
        stream.sendall(head(path, len(body)) + body)
        return answer(stream)


def message(body):
    return json.loads(body)["message"]


def resident_kib(pid):
    """Memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def open_files(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def raise_own_limit(needed):
    """Lets this process have so many files open; gives how many it may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else needed


def seconds(act):
    """How long it takes; and what it gives."""
    start = time.monotonic()
    result = act()
    return time.monotonic() - start, result
