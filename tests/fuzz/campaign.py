"""One run of the fuzzer: a seed, a number of requests, and all that was found wrong.

A server is "at rest" when its environment is DISABLED, so that no job starts: then nothing but requests changes a row, and a
refusal that changes one is seen. On one that is not, jobs run while they are cancelled, terminated and asked for."""

import json
import random
from collections import Counter
from dataclasses import dataclass, field

from fuzz.broken import ARNS, CONTENT_TYPES, QUERIES, Breaker
from fuzz.exchange import Wire, faults, request
from fuzz.model import Model
from fuzz.rows import Rows
from fuzz.valid import Known, Valid

SERVICES = ("batch", "logs")
# Beyond this a server may hang up before it has read all.
LARGEST_BODY = 8 << 20
# How often a refused request is sent again before a changed row is laid to it.
REPEATS = 3


@dataclass
class Finding:
    """Something wrong: what, and the request that shows it."""

    what: str
    request: str

    def __str__(self):
        return f"{self.what}\n    {self.request}"


@dataclass
class Report:
    """What a run has seen."""

    findings: list = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    accepted: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)


class Campaign:
    """Sends requests to one server."""

    def __init__(self, server, seed, at_rest=True):
        self.server = server
        # Whether nothing but requests changes a row.
        self.at_rest = at_rest
        self.random = random.Random(seed)
        self.models = {service: Model(service) for service in SERVICES}
        self.operations = [operation for model in self.models.values() for operation in model.operations]
        self.known = Known()
        self.valid = {service: Valid(model, self.random, self.known) for service, model in self.models.items()}
        self.breaker = Breaker(self.random)
        self.wire = Wire(server.endpoint)
        self.rows = Rows(server.data_dir)
        self.report = Report()

    def run(self, count, enough=lambda: False):
        """Sends `count` requests, or fewer when it is enough; every operation in turn."""
        version = self.rows.settle() if self.at_rest else 0
        for number in range(count):
            operation = self.operations[number % len(self.operations)]
            version = self._step(operation, self._make(operation), version)
            if enough() or len(self.report.findings) >= 20:
                break
        self._look_at_the_log()
        return self.report

    def _make(self, operation):
        members = self.valid[operation.service].request(operation)
        prefix = self.models[operation.service].target_prefix
        deed = self.random.randrange(10)
        if deed < 3:
            return request(operation, members, prefix)
        if deed < 7:
            return request(operation, self.breaker.members(members), prefix)
        made = request(operation, members, prefix)
        if deed == 7 and operation.service == "batch":
            return self._break_the_head(operation, made)
        made.body = self.breaker.body(members)
        return made

    def _break_the_head(self, operation, made):
        made.broken_head = True
        if "{resourceArn}" in operation.uri:
            made.path = "/v1/tags/" + self.random.choice(ARNS) + self.random.choice(["", *QUERIES])
        elif self.random.random() < 0.2:
            made.path = self.random.choice([made.path.upper(), made.path + "/", "/" + made.path, made.path + "?x=%ZZ"])
        made.headers["Content-Type"] = self.random.choice(CONTENT_TYPES)
        if self.random.random() < 0.3:
            region = self.random.choice(["", "..", "us-east-1\u00e9", "x" * 300, '"', "eu-west-3", "%2F"])
            made.headers["Authorization"] = made.headers["Authorization"].replace("us-east-1", region)
        return made

    def _step(self, operation, made, version):
        made.body = made.body[:LARGEST_BODY]
        try:
            status, headers, body = answer = self.wire.send(made)
        except OSError as error:
            self._found(f"no answer: {error!r}", made)
            return self.rows.version()
        self.report.statuses[status] += 1
        (self.report.accepted if status == 200 else self.report.refused)[operation.name] += 1
        for fault in faults(self.models[operation.service], operation, made, answer):
            self._found(f"{operation.name}: {fault}", made)
        if status == 200:
            self.known.learn(json.loads(body))
        if self.at_rest and status != 200 and self.rows.version() != version:
            self._lay_changes_to(made, status)
        return self.rows.version()

    def _lay_changes_to(self, made, status):
        """A row has changed since the last request: by this refusal, or by something before that was late?"""
        for _ in range(REPEATS):
            self.rows.settle()
            before = self.rows.all()
            again, _, _ = self.wire.send(made)
            self.rows.settle()
            after = self.rows.all()
            changed = sorted({table for table, _ in before ^ after})
            if not changed or again == 200:
                return
        self._found(f"status {status}, and rows of {', '.join(changed)} changed", made)

    def _look_at_the_log(self):
        for line in self.server.log().splitlines():
            if "panicked" in line or " ERROR " in line:
                self._found(f"the server's log: {line[:500]}", "")

    def _found(self, what, made):
        self.report.findings.append(Finding(what, str(made)))
