"""Rounds of chaos on one server: load, faults by a plan that the seed makes, healing, and the checker's judgement."""

import dataclasses
import random
import shutil
import signal
import socket
import time
from collections import Counter
from pathlib import Path

import processes
from chaos import power
from chaos.checker import TORN_RULES, check, outcome
from chaos.faults import KILLS, LOSSES, OTHERS, Faults
from chaos.gathering import described, gather
from chaos.history import Call, Evidence, Fault, Recorder, read_effects
from chaos.load import Load
from chaos.relay import LinkRelay, at_once, before_port
from chaos.wire import Wire, possible
from jobs import Jobs
from server import Server
from waiting import wait_for

VCPUS = 8
KILLS_PER_ROUND = 50
# What the doctor may find on a copy whose disk had lost the end of what was written: outputs of attempts that were lost with it.
LOST_WITH_ROWS = ("stray-outputs",)
# Acknowledged submissions between two faults, so that each meets a system at work.
PROGRESS = 3


@dataclasses.dataclass
class Totals:
    """What a campaign has done."""

    faults: Counter = dataclasses.field(default_factory=Counter)
    calls: Counter = dataclasses.field(default_factory=Counter)
    jobs: Counter = dataclasses.field(default_factory=Counter)
    starts: int = 0
    copies: Counter = dataclasses.field(default_factory=Counter)
    violations: list = dataclasses.field(default_factory=list)

    def line(self, seed):
        kills = {kind: count for kind, count in self.faults.items() if kind in KILLS}
        others = sum(self.faults.values()) - sum(kills.values())
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kills.items()))
        return (
            f"seed {seed}: {sum(kills.values())} kills ({told}), {others} other faults, {sum(self.copies.values())} power cuts "
            f"({self.copies['torn']} torn); {self.calls['acknowledged']} submissions acknowledged, "
            f"{self.calls['unknown']} unanswered, {self.calls['refused']} refused; {sum(self.jobs.values())} jobs and children, "
            f"{self.jobs['SUCCEEDED']} SUCCEEDED, {self.starts} starts of a process; {len(self.violations)} violations"
        )


class Campaign:
    """Everything happens in a directory of its own. `say` is told of each step."""

    def __init__(self, program, directory, seed, say=lambda text: None):
        self.program = program
        self.directory = directory
        self.seed = seed
        self.say = say
        self.totals = Totals()
        self._ends = {}
        self._copies = []
        self.script = directory / "job.sh"
        shutil.copy(Path(__file__).with_name("job.sh"), self.script)
        self.server = Server(program, directory, vcpus=VCPUS)
        self.server.port = _free_port()
        self._witnesses(self.server).mkdir()

    def _witnesses(self, server):
        return self.directory / str(server.port)

    def run(self, kills, others=OTHERS, cuts=("whole", "torn"), enough=lambda: False):
        """So many kills, and in each round each other fault and power cut once. Stops at a violation."""
        self.server.start()
        wire = Wire(f"lt{self.server.port}") if possible() else None
        through = wire.through if wire else at_once
        link = LinkRelay(self.server.data_dir / "agent.sock", through)
        clients, port = before_port(lambda: ("127.0.0.1", self.server.port), through)
        losses = LOSSES if wire and others is OTHERS else ()
        try:
            for number in range(max(1, -(-kills // KILLS_PER_ROUND))):
                share = min(KILLS_PER_ROUND, kills - number * KILLS_PER_ROUND)
                self._round(number, share, [*others, *losses, *cuts], (link, clients, wire, port))
                if self.totals.violations or enough():
                    break
            self._compare_ends(list(self._ends))
        finally:
            clients.close()
            link.close()
            wire and wire.close()
            for pid in [self.server.process.pid, *self.server.agents()]:
                processes.send(pid, signal.SIGCONT)
            self.server.close()
        return self.totals

    def plan(self, number, kills, others):
        """The faults of a round, in order: the same for the same seed."""
        choose = random.Random(f"{self.seed} {number}")
        steps = choose.choices(list(KILLS), list(KILLS.values()), k=kills) + list(others)
        choose.shuffle(steps)
        return steps, choose

    def _round(self, number, kills, others, lines):
        *lines, port = lines
        steps, choose = self.plan(number, kills, others)
        prefix = f"s{self.seed}-r{number}"
        recorder = Recorder()
        faults = Faults(self.server, lines, recorder, choose)
        load = Load(self._connect(port), self.script, recorder, choose, prefix)
        try:
            for step in steps:
                self._await_progress(recorder)
                faults.last(0.2)
                self.say(f"round {number}: {step}")
                if step in ("whole", "torn"):
                    self._copy(number, step, recorder)
                else:
                    faults.do(step)
                    self.totals.faults[step] += 1
        finally:
            load.stop()
        faults.heal()
        evidence = gather(self.server, recorder, prefix, self._witnesses(self.server), choose)
        self._judge(f"round {number}", evidence, check(evidence))
        self._count(evidence)
        self._doctor(f"round {number}", self.server.data_dir)
        self._revive_copies(recorder, prefix, choose)
        self._forget_witnesses(evidence)
        self._compare_ends(choose.sample(list(self._ends), min(len(self._ends), 100)))

    def _connect(self, port):
        def connect(direct):
            # A relay that passes nothing on must not hold a client for long.
            patience = {"read_timeout": 10, "connect_timeout": 5}
            if direct:
                return self.server.client("batch", **patience)
            behind = Server(self.program, self.directory, vcpus=VCPUS)
            behind.endpoint = f"http://127.0.0.1:{port}"
            return behind.client("batch", **patience)

        return connect

    def _await_progress(self, recorder):
        before = len(recorder.acknowledged)
        wait_for("submissions", lambda: len(recorder.acknowledged) >= before + PROGRESS, timeout=60)

    def _count(self, evidence):
        submissions = [call for call in evidence.calls if call.operation == "submit"]
        self.totals.calls["acknowledged"] += sum(call.answer is not None for call in submissions)
        self.totals.calls["unknown"] += sum(call.unknown for call in submissions)
        self.totals.calls["refused"] += sum(call.refused is not None for call in submissions)
        self.totals.jobs.update(detail["status"] for detail in evidence.final.values())
        self.totals.starts += sum(line.what == "start" for lines in evidence.effects.values() for line in lines)
        self._ends |= {job: outcome(detail) for job, detail in evidence.final.items() if ":" not in job}

    def _judge(self, where, evidence, violations):
        for rule, text in violations:
            self.totals.violations.append(f"{where}: {rule}: {text}")
            self.say(self.totals.violations[-1])
            job = next((word.rstrip(":,;") for word in text.split() if word.rstrip(":,;") in evidence.final), None)
            for line in evidence.effects.get(job, ()):
                self.say(f"    {line}")
            if job:
                self.say(f"    {evidence.final[job]}")
        if violations:
            for fault in evidence.faults:
                self.say(f"    {fault}")

    def _doctor(self, where, data_dir, allowed=()):
        for name, problems in power.doctor(self.program, data_dir).items():
            if name not in allowed:
                self.totals.violations.append(f"{where}: doctor: {name}: {problems[:3]}")
                self.say(self.totals.violations[-1])

    def _copy(self, number, kind, recorder):
        target = self.directory / f"copy-{number}-{kind}"
        target.mkdir()
        at = power.copy(self.server, target / "data")
        recorder.fault("freeze-server", at)
        self._copies.append((kind, target, at))

    def _revive_copies(self, recorder, prefix, choose):
        for kind, target, at in self._copies:
            lost = power.tear(target / "data", choose) if kind == "torn" else 0
            where = f"copy {target.name}, {lost} bytes lost"
            self.say(where)
            allowed = LOST_WITH_ROWS if kind == "torn" else ()
            self._doctor(where, target / "data", allowed)
            one = power.revive(self.program, target, target / "data")
            one.port = _free_port()
            witnesses = self._witnesses(one)
            witnesses.mkdir()
            try:
                one.start()
                past = before(at, recorder, self._witnesses(self.server))
                after = gather(one, recorder, prefix, witnesses, choose)
                evidence = joined(past, after, time.time())
                self._judge(where, evidence, check(evidence, TORN_RULES if kind == "torn" else None))
                self._doctor(where, target / "data", allowed)
            finally:
                one.close()
            self.totals.copies[kind] += 1
            shutil.rmtree(target)
            shutil.rmtree(witnesses)
        self._copies = []

    def _forget_witnesses(self, evidence):
        """What runs again from now on has no place among the jobs of its round."""
        for job in evidence.effects:
            (self._witnesses(self.server) / job).unlink()

    def _compare_ends(self, ids):
        """What had ended in former rounds is as it was."""
        found = described(Jobs(self.server), ids)
        for job in ids:
            now = outcome(found[job]) if job in found else None
            if now != self._ends[job]:
                self.totals.violations.append(f"{job} was {self._ends[job]} and is {now}")


def before(at, recorder, witnesses):
    """What had happened, and was known, when the power was cut. Calls on their way then are without an answer."""
    calls = [call for call in recorder.calls if call.began < at]
    calls = [call if call.ended < at else unanswered(call) for call in calls if call.ended < at or call.answer or call.unknown]
    effects = {}
    for job, lines in read_effects(witnesses).items():
        effects[job] = [line for line in lines if line.at < at]
    plans = {plan.name: plan for plan in recorder.plans.values()}
    faults = [fault for fault in recorder.faults if fault.began < at]
    return Evidence(plans, calls, effects, [*faults, Fault("power-cut", at, at)])


def unanswered(call):
    return Call(call.operation, call.about, call.began, call.ended)


def joined(past, after, now):
    """The evidence of a life that went on from a copy."""
    effects = {job: past.effects.get(job, []) + after.effects.get(job, []) for job in {*past.effects, *after.effects}}
    cut = past.faults[-1]
    faults = [*past.faults[:-1], Fault(cut.kind, cut.began, now)]
    return Evidence(past.plans, past.calls, effects, faults, after.final, after.logs)


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]
