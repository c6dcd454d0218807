"""What clients did and heard, what the jobs did, and what was done to the machine: the evidence that a run leaves."""

import threading
import time
from dataclasses import dataclass, field
from functools import cached_property

ENDED = ("SUCCEEDED", "FAILED")
# What DescribeJobs says of a job that it does not know.
ABSENT = {"status": None, "attempts": 0}


@dataclass(frozen=True)
class Plan:
    """A job that is asked for once, under a name of its own."""

    name: str
    # The exit code of each attempt; the last one goes for all further ones.
    codes: tuple = ("0",)
    attempts: int = 10
    # Children of an array; 0 for a job without.
    size: int = 0
    lines: int = 1
    seconds: float = 0.0
    # The job that has to succeed before, as (name, id).
    after: tuple | None = None

    def code(self, attempt):
        return self.codes[min(attempt, len(self.codes)) - 1]

    def succeeds_in(self):
        """The attempt that succeeds if nothing goes wrong; none may."""
        return next((number for number in range(1, self.attempts + 1) if self.code(number) == "0"), None)

    def output(self, attempt):
        """All that an attempt prints that is not interrupted."""
        said = [f"line {number}" for number in range(1, self.lines + 1)]
        return [f"{self.name} {attempt} {each}" for each in [*said, "done"]]


@dataclass(frozen=True)
class Call:
    """A request, and what was heard: an answer, a refusal, or nothing, which may mean either."""

    operation: str
    # The name of the job for a submission, its id for all others.
    about: str
    began: float
    ended: float
    answer: dict | None = None
    refused: str | None = None

    @property
    def unknown(self):
        return self.answer is None and self.refused is None


@dataclass(frozen=True)
class Effect:
    """A line that a job has written: `start`, `overlap` (another attempt was alive), or `end` with the code to come."""

    at: float
    name: str
    job: str
    attempt: int
    pid: int
    what: str
    code: str | None = None

    @classmethod
    def read(cls, line):
        at, name, job, attempt, pid, what, *code = line.split()
        return cls(float(at), name, job, int(attempt), int(pid), what, code[0] if code else None)


@dataclass(frozen=True)
class Fault:
    """What was done to the system, and when it was as before."""

    kind: str
    began: float
    healed: float


@dataclass
class Evidence:
    """All that is known of one run."""

    plans: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)
    # In the order in which they were written: {id of a job or child: lines}.
    effects: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)
    # The state at the end, arrays and children included: {id: JobDetail}.
    final: dict = field(default_factory=dict)
    # What the latest attempt printed: {id: lines}.
    logs: dict = field(default_factory=dict)

    @cached_property
    def asked_to_stop(self):
        """Jobs that somebody wanted to end, and was not refused."""
        stops = [call for call in self.calls if call.operation in ("terminate", "cancel")]
        return {call.about for call in stops if call.refused is None}

    def plan_of(self, job):
        detail = self.final[job]
        return self.plans.get(detail["jobName"])


class Recorder:
    """Gathers the history while threads make it."""

    def __init__(self):
        self._lock = threading.Lock()
        self.plans = {}
        self.calls = []
        self.faults = []
        self.acknowledged = []

    def plan(self, plan):
        with self._lock:
            self.plans[plan.name] = plan

    def call(self, call):
        with self._lock:
            self.calls.append(call)
            if call.operation == "submit" and call.answer:
                self.acknowledged.append((call.about, call.answer["jobId"]))

    def fault(self, kind, began):
        with self._lock:
            self.faults.append(Fault(kind, began, time.time()))


def read_effects(directory):
    """The witnesses of one server's jobs."""
    found = {}
    for path in directory.iterdir():
        lines = path.read_text().split("\n")
        # The last one is empty, or was being written when its writer was killed.
        found[path.name] = [Effect.read(line) for line in lines[:-1]]
    return found
