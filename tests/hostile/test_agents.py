"""Broken agents: garbage on the link, claims that cannot be, and strangers. The true agent's jobs run on."""

import json
import random
import socket
import struct

import pytest
from jobs import Jobs
from waiting import wait_for

GARBAGE = 400


@pytest.fixture(scope="module")
def link(shared):
    """Opens a connection to the place where agents come."""

    def make():
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(20)
        stream.connect(str(shared.data_dir / "agent.sock"))
        return stream

    return make


def frame(document):
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return struct.pack("<I", len(text)) + text


def hello(host, **changes):
    resources = {"vcpu_milli": 10**15, "memory_mib": 10**15, "gpus": 0}
    description = {"name": "x", "capacity": resources, "runtimes": ["Process"], "enforcement": "none"}
    return {"Hello": {"version": 1, "host": host, "incarnation": 1, "description": description, "held": [], **changes}}


def ended(stream):
    """Whether the other end closes it."""
    try:
        while stream.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    return True


def works(server):
    jobs = Jobs(server)
    jobs.succeed(jobs.shell("true"))


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nhost: l\r\n\r\n",
        b"\xff\xff\xff\xff" + b"x" * 100,
        struct.pack("<I", (16 << 20) + 1),
        frame(b"{}"),
        frame(b"[" * 100_000),
        frame(b'{"Report":{"number":1e999}}'),
        frame(b"\xff\xfe"),
        frame({"Hello": {"version": 4_000_000_000}}),
    ],
    ids=["http", "huge-length", "just-too-large", "empty", "deep", "large-number", "not-utf-8", "half-a-hello"],
)
def test_garbage_on_the_link_ends_that_link_alone(shared, link, sent):
    with link() as stream:
        stream.sendall(sent)
        assert ended(stream)
    works(shared)


def test_agent_that_claims_a_frame_and_sends_none_holds_nobody_up(shared, link):
    """Twenty of them; the length is only believed as far as content comes."""
    streams = [link() for _ in range(20)]
    for stream in streams:
        stream.sendall(struct.pack("<I", 16 << 20) + b"{")
    works(shared)
    for stream in streams:
        stream.close()


def test_random_bytes_and_broken_messages_never_reach_a_job(shared, link):
    """A seeded few hundred links; the server neither ends nor forgets its own agent."""
    choose = random.Random(6)
    pid, (agent,) = shared.process.pid, shared.agents()
    valid = [
        json.dumps({"Report": {"number": 1, "event": {"Started": {"attempt": "0" * 32, "at": 0}}}}),
        json.dumps(hello("0" * 32)),
    ]
    jobs = Jobs(shared)
    job = jobs.array(30, "sleep 0.2")
    for _ in range(GARBAGE):
        text = bytearray(choose.choice(valid).encode())
        for _ in range(choose.randrange(1, 6)):
            text[choose.randrange(len(text))] = choose.randrange(256)
        with link() as stream:
            try:
                stream.sendall(frame(bytes(text)) if choose.random() < 0.8 else choose.randbytes(200))
            except ConnectionError:
                pass
    jobs.succeed(job)
    assert shared.process.poll() is None and shared.process.pid == pid
    assert shared.agents() == [agent]


def test_socket_of_agents_is_closed_to_other_users(shared):
    """That is what stands in the place of a token: only who owns the data directory gets as far as the link."""
    mode = (shared.data_dir / "agent.sock").stat().st_mode
    assert mode & 0o077 == 0
    wait_for("the agent", shared.agents)
