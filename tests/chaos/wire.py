"""A network in the middle of a line: two network namespaces and a cable between them, over which the line's bytes go as TCP.

What is cut here is lost without a word: no end of a connection hears of it, and each goes on trying. One direction is cut by giving the
other end a wrong hardware address, both by taking the cable down. Nothing outside the two namespaces is touched."""

import contextlib
import ctypes
import os
import socket
import subprocess
import threading

from chaos.relay import Relay

CLONE_NEWNET = 0x40000000
NEAR, FAR = "192.0.2.1", "192.0.2.2"
NOBODY = "02:00:00:00:00:99"
TO_FAR, TO_NEAR, BOTH = "to-far", "to-near", "both"


class Wire:
    """The near end is where those are who connect."""

    def __init__(self, name):
        self._near, self._far = f"{name}-near", f"{name}-far"
        self._lines = []
        with contextlib.ExitStack() as undo:
            for namespace in (self._near, self._far):
                _ip("netns", "add", namespace)
                undo.callback(_ip, "netns", "del", namespace)
            _ip("link", "add", "w", "netns", self._near, "type", "veth", "peer", "name", "w", "netns", self._far)
            for namespace, address in ((self._near, NEAR), (self._far, FAR)):
                _ip("-n", namespace, "address", "add", f"{address}/30", "dev", "w")
                _ip("-n", namespace, "link", "set", "w", "up")
            self._undo = undo.pop_all()

    def through(self, connect):
        """Goes over the wire, and from its far end on by `connect`."""
        listener = _inside(self._far, lambda: socket.create_server((FAR, 0)))
        self._lines.append(Relay(listener, connect))
        address = listener.getsockname()

        def reach():
            near = _inside(self._near, lambda: socket.socket())
            near.settimeout(5)
            try:
                near.connect(address)
            except OSError:
                near.close()
                raise
            near.settimeout(None)
            return near

        return reach

    def cut(self, direction):
        """From now on what goes in this direction is lost."""
        if direction == BOTH:
            _ip("-n", self._near, "link", "set", "w", "down")
        else:
            namespace, other = (self._near, FAR) if direction == TO_FAR else (self._far, NEAR)
            _ip("-n", namespace, "neighbour", "replace", other, "lladdr", NOBODY, "nud", "permanent", "dev", "w")

    def mend(self):
        """Everything gets through again."""
        _ip("-n", self._near, "link", "set", "w", "up")
        for namespace, other in ((self._near, FAR), (self._far, NEAR)):
            _ip("-n", namespace, "neighbour", "flush", "to", other, "dev", "w", "nud", "all")

    def close(self):
        for line in self._lines:
            line.close()
        self._undo.close()


def possible():
    """Whether this user can have namespaces on this machine."""
    try:
        Wire(f"lt{os.getpid()}p").close()
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _inside(namespace, make):
    """What `make` makes in a thread of that network: a socket stays in the network in which it was made."""
    libc = ctypes.CDLL(None, use_errno=True)
    made = []

    def work():
        with open(f"/run/netns/{namespace}") as file:
            if libc.setns(file.fileno(), CLONE_NEWNET):
                made.append(OSError(ctypes.get_errno(), "setns"))
                return
        try:
            made.append(make())
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if isinstance(made[0], OSError):
        raise made[0]
    return made[0]
