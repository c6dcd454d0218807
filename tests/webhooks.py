"""Receivers of webhooks, as users write them: HTTP servers that write down what they get."""

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """Takes events at `url`; `answer(number)` decides the status of each answer. It can go away and come back."""

    def __init__(self, answer=lambda number: 200):
        self.answer = answer
        self.requests = []
        self._port = 0
        self._connections = set()
        self.open()

    def open(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                receiver._connections.add(self.connection)

            def finish(self):
                receiver._connections.discard(self.connection)
                super().finish()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(receiver.answer(int(self.headers["x-longshore-sequence"])))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", self._port), Handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def close(self):
        """Nobody listens any more, and whoever was connected is cut off."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}/events"

    def numbers(self):
        """The numbers of what was sent, in the order of arrival."""
        return [int(headers["x-longshore-sequence"]) for _, headers, _ in list(self.requests)]

    def events(self):
        return [event for _, _, event in list(self.requests)]
