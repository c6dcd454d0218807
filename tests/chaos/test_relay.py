"""The relay does nothing to a line that the line itself could not."""

import socket
import threading

from chaos.relay import Relay


def test_connection_that_is_on_its_way_when_the_relay_retires_is_turned_away():
    """It would reach the other end after those who came later, which no socket does."""
    behind = socket.create_server(("127.0.0.1", 0))
    asked, may_go = threading.Event(), threading.Event()

    def connect():
        asked.set()
        may_go.wait()
        return socket.create_connection(behind.getsockname())

    listener = socket.create_server(("127.0.0.1", 0))
    relay = Relay(listener, connect)
    with socket.create_connection(listener.getsockname()) as near, behind:
        near.sendall(b"late")
        assert asked.wait(10)
        relay.retire()
        may_go.set()
        behind.settimeout(10)
        far, _ = behind.accept()
        with far:
            far.settimeout(10)
            assert far.recv(100) == b"", "nothing is passed on"
