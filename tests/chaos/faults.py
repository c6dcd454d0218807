"""What is done to a server, its agent and the lines between them while jobs run. Each fault begins and heals within one call,
and leaves behind a system that can go on."""

import os
import resource
import signal
import subprocess
import threading
import time
from pathlib import Path

import processes
from chaos.wire import BOTH, TO_FAR, TO_NEAR
from disks import fill
from waiting import wait_for

KILLS = {"kill-server": 60, "kill-agent": 25, "kill-both": 15}
OTHERS = (
    "freeze-server", "freeze-agent", "freeze-then-kill", "cut-link", "cut-link-within", "hold-link", "cut-client",
    "cut-client-within", "few-descriptors", "few-descriptors-of-agent", "few-processes",
)  # fmt: skip
# Where there can be a wire.
LOSSES = ("lose-to-server", "lose-from-server", "lose-both", "lose-then-kill")
PIDS_GROUP = Path("/sys/fs/cgroup/pids")


class Faults:
    """Does things to one server. `random` decides on how much and how long."""

    def __init__(self, server, lines, recorder, random):
        self.server = server
        self.link, self.clients, self.wire = lines
        self.recorder = recorder
        self.random = random
        self._never = threading.Event()

    def do(self, kind):
        """Carries out a fault and records it under a name that says what it may excuse."""
        began = time.time()
        named = getattr(self, kind.replace("-", "_"))() or kind
        self.recorder.fault(named, began)

    def last(self, most):
        """Some time of at most so many seconds."""
        self._never.wait(self.random.uniform(0, most))

    def kill_server(self):
        self.server.kill()
        self.last(0.3)
        self.server.start()

    def kill_agent(self):
        self._kill_agents()
        self.await_agent()

    def kill_both(self):
        first, second = self.random.sample([self.server.kill, self._kill_agents], 2)
        first()
        second()
        self.last(0.2)
        self.server.start()
        self.await_agent()

    def _kill_agents(self):
        for pid in self.server.agents():
            processes.send(pid, signal.SIGKILL)
            wait_for("a killed agent to be gone", lambda pid=pid: not processes.alive(pid))

    def await_agent(self):
        wait_for("an agent", lambda: self._agent_is_locked_in() and self.server.agents())

    def _agent_is_locked_in(self):
        """A process that an agent was about to turn into a job when it was killed looks like one, and is none."""
        inode = os.stat(self.server.data_dir / "agent/lock").st_ino
        return any(line.split()[5].endswith(f":{inode}") for line in Path("/proc/locks").read_text().splitlines())

    def freeze_server(self):
        self._freeze([self.server.process.pid], 1.5)

    def freeze_agent(self):
        self._freeze(self.server.agents(), 1.5)

    def freeze_then_kill(self):
        """Frozen while the other goes on, and never thawed."""
        if self.random.random() < 0.5:
            processes.send(self.server.process.pid, signal.SIGSTOP)
            self.last(0.5)
            self.kill_server()
            return "kill-server"
        for pid in self.server.agents():
            processes.send(pid, signal.SIGSTOP)
        self.last(0.5)
        self.kill_agent()
        return "kill-agent"

    def _freeze(self, pids, most):
        for pid in pids:
            processes.send(pid, signal.SIGSTOP)
        self.last(most)
        for pid in pids:
            processes.send(pid, signal.SIGCONT)

    def cut_link(self):
        self._relay().cut()

    def cut_link_within(self):
        """Somewhere in the next messages."""
        self._relay().cut_after(self.random.randrange(1, 4000))
        self.last(0.5)

    def hold_link(self):
        relay = self._relay()
        relay.hold()
        self.last(1.5)
        if self.random.random() < 0.5:
            relay.cut()
        relay.release()

    def _relay(self):
        """The line that the agent is on. One that got past the relay, when a server started, has to come again."""
        if not self.link.relay or not self.link.relay.carried:
            self.kill_server()
            wait_for("the agent on the line", lambda: self.link.relay and self.link.relay.carried)
        return self.link.relay

    def cut_client(self):
        self.clients.cut()

    def cut_client_within(self):
        self.clients.cut_after(self.random.randrange(1, 3000))
        self.last(0.3)

    def lose_to_server(self):
        self._lose(TO_FAR)

    def lose_from_server(self):
        self._lose(TO_NEAR)

    def lose_both(self):
        self._lose(BOTH)

    def _lose(self, direction):
        """What the agent and the clients send, or what the server does, is lost on the wire, and no end of it hears of that."""
        self._relay()
        self.wire.cut(direction)
        self.last(2.0)
        self.wire.mend()

    def lose_then_kill(self):
        """One end goes while nothing gets through: the other one still has its half of the connection."""
        self._relay()
        self.wire.cut(self.random.choice((TO_FAR, TO_NEAR, BOTH)))
        self.last(0.3)
        kind = self.random.choice(("kill-server", "kill-agent"))
        getattr(self, kind.replace("-", "_"))()
        self.last(1.0)
        self.wire.mend()
        return kind

    def few_descriptors(self):
        self._limit(self.server.process.pid, 0)
        return "few-descriptors"

    def few_descriptors_of_agent(self):
        for pid in self.server.agents():
            self._limit(pid, self.random.randrange(0, 4))
        return "few-descriptors"

    def _limit(self, pid, more):
        """For a while it can open hardly more than it has open."""
        try:
            has = len(os.listdir(f"/proc/{pid}/fd"))
            usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (has + more, usual[1]))
        except (ProcessLookupError, FileNotFoundError):
            return
        self.last(1.0)
        if processes.alive(pid):
            resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)

    def few_processes(self):
        """A control group that lets the agent have hardly more processes than it has. Where there is none, nothing is done."""
        if not (PIDS_GROUP / "cgroup.procs").exists():
            return "few-processes"
        group = PIDS_GROUP / f"longshore-chaos-{self.server.process.pid}"
        group.mkdir()
        for pid in self.server.agents():
            _write(group / "cgroup.procs", str(pid))
        now = int((group / "pids.current").read_text())
        _write(group / "pids.max", str(now + self.random.randrange(0, 6)))
        self.last(1.0)
        _write(group / "pids.max", "max")
        for pid in (group / "cgroup.procs").read_text().split():
            _write(PIDS_GROUP / "cgroup.procs", pid)
        wait_for("the group of few processes to be empty", lambda: _emptied(group))
        return "few-processes"

    def full_disk(self):
        """Filled until the server gives up, which it has to as soon as it has something to write."""
        filler = fill(self.server.data_dir.parent)
        wait_for("the server to end", lambda: self.server.process.poll() is not None)
        assert "full" in self.server.log() or "No space left" in self.server.log(), self.server.log()[-2000:]
        self.last(1.0)
        filler.unlink()
        self.server.start()
        self.await_agent()

    def heal(self):
        """Server and agent run, and can do what they like."""
        if self.server.process.poll() is not None:
            self.server.start()
        self.link.relay and self.link.relay.release()
        self.clients.release()
        self.wire and self.wire.mend()
        self.await_agent()


def _write(path, text):
    try:
        path.write_text(text)
    except OSError:
        # The process has ended.
        pass


def _emptied(group):
    """Takes away a control group; what its processes have started meanwhile moves out first."""
    for pid in (group / "cgroup.procs").read_text().split():
        _write(PIDS_GROUP / "cgroup.procs", pid)
    return subprocess.run(["rmdir", group], capture_output=True).returncode == 0
