"""A cable with a hand on it: passes bytes between two sockets, and can be cut, held up, or cut in the middle of a message."""

import os
import socket
import threading

CHUNK = 1 << 16


class Relay:
    """Listens on one socket and connects each who comes to another."""

    def __init__(self, listener, connect):
        self._listener = listener
        self._connect = connect
        self._lock = threading.Lock()
        self._pairs = set()
        self._flowing = threading.Event()
        self._flowing.set()
        # Bytes until the next cut.
        self._left = None
        self._retired = False
        self.carried = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Ends all connections, with what is on its way."""
        with self._lock:
            pairs, self._pairs, self._left = self._pairs, set(), None
        for pair in pairs:
            for end in pair:
                _end(end)

    def cut_after(self, count):
        """Ends all connections when so many more bytes have passed, wherever in a message that is."""
        with self._lock:
            self._left = count

    def hold(self):
        """Lets nothing through until `release`; nobody is told."""
        self._flowing.clear()

    def release(self):
        self._flowing.set()

    def retire(self):
        """Lets nobody in any more; who is connected stays so. Who is still on the way to the other end is turned away: who came
        after may be there already, and a socket keeps those in order who connect to it."""
        with self._lock:
            self._retired = True
        _end(self._listener)
        self._listener.close()
        self.release()

    def close(self):
        self.retire()
        self.cut()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = self._connect()
            except OSError:
                near.close()
                continue
            with self._lock:
                retired = self._retired
                if not retired:
                    self._pairs.add((near, far))
                    self.carried += 1
            if retired:
                near.close()
                far.close()
                return
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(*ends, (near, far)), daemon=True).start()

    def _pass(self, source, target, pair):
        try:
            while data := source.recv(CHUNK):
                self._flowing.wait()
                allowed = self._allowed(len(data))
                target.sendall(data[:allowed])
                if allowed < len(data):
                    self.cut()
        except OSError:
            pass
        with self._lock:
            known = pair in self._pairs
            self._pairs.discard(pair)
        for end in pair:
            _end(end)
            if not known:
                # The other direction is through as well.
                end.close()

    def _allowed(self, count):
        with self._lock:
            if self._left is None or count < self._left:
                self._left = self._left and self._left - count
                return count
            return self._left


def _end(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def at_once(connect):
    """With nothing in between."""
    return connect


def before_port(address, through=at_once):
    """A relay to a TCP address; gives it and its own port."""
    listener = socket.create_server(("127.0.0.1", 0))
    relay = Relay(listener, through(lambda: socket.create_connection(address(), timeout=5)))
    return relay, listener.getsockname()[1]


class LinkRelay:
    """A relay in the place of the server's socket for agents. A server that starts takes its place back, so `keep` looks
    after it. Whoever was connected hears of the former server's end from that end."""

    def __init__(self, path, through=at_once):
        self.path = path
        self._reach = through(self._reach_server)
        self._behind = path.with_name("s")
        self._own = path.with_name("r")
        self._relay = None
        self._inode = None
        self._closed = threading.Event()
        threading.Thread(target=self._keep, daemon=True).start()

    @property
    def relay(self):
        return self._relay

    def close(self):
        self._closed.set()
        if self._relay:
            self._relay.close()

    def _keep(self):
        while not self._closed.wait(0.002):
            try:
                if os.stat(self.path).st_ino != self._inode:
                    self._install()
            except FileNotFoundError:
                pass

    def _install(self):
        os.rename(self.path, self._behind)
        listener = socket.socket(socket.AF_UNIX)
        self._own.unlink(missing_ok=True)
        listener.bind(str(self._own))
        listener.listen()
        os.rename(self._own, self.path)
        self._inode = os.stat(self.path).st_ino
        former, self._relay = self._relay, Relay(listener, self._reach)
        if former:
            former.retire()

    def _reach_server(self):
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self._behind))
        return far
