"""The checker finds what is planted: for each rule a history that keeps it and one that breaks it."""

import dataclasses

import pytest
from chaos.campaign import before, joined
from chaos.checker import RULES, TORN_RULES, check
from chaos.history import ABSENT, Call, Effect, Evidence, Fault, Plan, Recorder, read_effects

JOB = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"


def call(operation, about, began, answer=None, refused=None):
    return Call(operation, about, began, began + 0.1, answer, refused)


def submitted(name="one", job=JOB, at=1.0):
    return call("submit", name, at, {"jobId": job})


def attempt(code=0, began=2.0, ended=3.0):
    container = {} if code is None else {"exitCode": code}
    return {"startedAt": began * 1000, "stoppedAt": ended * 1000, "container": container}


def detail(name="one", status="SUCCEEDED", attempts=(attempt(),), **more):
    stopped = max([each["stoppedAt"] for each in attempts], default=3000)
    return {"jobName": name, "status": status, "attempts": list(attempts), "stoppedAt": stopped, **more}


def ran(job=JOB, number=1, code="0", at=(2.0, 3.0), pid=100):
    start = Effect(at[0], "one", job, number, pid, "start")
    return [start] if code is None else [start, Effect(at[1], "one", job, number, pid, "end", code)]


def seen(status, at, attempts=1, job=JOB):
    return call("describe", job, at, {"status": status, "attempts": attempts})


def life(**changes):
    """One job that was submitted, ran, and succeeded; all well."""
    well = Evidence(
        plans={"one": Plan("one", attempts=3)},
        calls=[submitted(), seen("RUNNING", 2.5), seen("SUCCEEDED", 4.0)],
        effects={JOB: ran()},
        final={JOB: detail()},
        logs={JOB: ["one 1 line 1", "one 1 done"]},
    )
    return dataclasses.replace(well, **changes)


def array(children, summary):
    """An array of two children that both ran, as the service shows it."""
    final = {JOB: {**detail(attempts=()), "arrayProperties": {"size": 2, "statusSummary": summary}}}
    final |= {f"{JOB}:{index}": detail(status=status) for index, status in enumerate(children)}
    effects = {f"{JOB}:{index}": ran(f"{JOB}:{index}") for index in range(2)}
    return life(plans={"one": Plan("one", size=2)}, calls=[submitted()], final=final, effects=effects, logs={})


def dependent(first_ended, started):
    """A job that waits for another."""
    plans = {"zero": Plan("zero"), "one": Plan("one", after=("zero", OTHER))}
    effects = {OTHER: ran(OTHER, at=(first_ended - 1, first_ended)), JOB: ran(at=(started, started + 1))}
    final = {OTHER: detail("zero"), JOB: detail()}
    return life(plans=plans, calls=[submitted("zero", OTHER), submitted()], effects=effects, final=final)


TWO_RUNS = ran() + ran(number=2, at=(5.0, 6.0), pid=101)
TWO_ATTEMPTS = {JOB: detail(attempts=(attempt(None), attempt(0, 5.0, 6.0)))}
AGENT_DIED = [Fault("kill-agent", 3.1, 4.0)]
FAILED = {JOB: detail(status="FAILED", attempts=(attempt(1),) * 3)}
PLANNED_FAILURE = {"one": Plan("one", ("1",), 3)}
FAILED_RUNS = {JOB: [line for n in (1, 2, 3) for line in ran(number=n, code="1", at=(n, n + 0.5), pid=n)]}

INNOCENT = {
    "all well": life(),
    "an unanswered submission that is not there": life(calls=[submitted(), call("submit", "two", 1.0)]),
    "an unanswered submission that is there": life(calls=[call("submit", "one", 1.0)]),
    "an array": array(["SUCCEEDED", "SUCCEEDED"], {"SUCCEEDED": 2, "FAILED": 0}),
    "an order that was kept": dependent(3.0, 3.5),
    "a success whose agent died before it could tell": life(
        calls=[submitted()], effects={JOB: TWO_RUNS}, faults=AGENT_DIED, final=TWO_ATTEMPTS, logs={}
    ),
    "a start that the server had not heard of when the agent died": life(
        effects={JOB: ran(code=None) + ran(at=(5.0, 6.0), pid=101)}, faults=[Fault("kill-agent", 2.5, 4.0)]
    ),
    "a program that fails": life(plans=PLANNED_FAILURE, calls=[submitted()], effects=FAILED_RUNS, final=FAILED, logs={}),
    "a job that was told to end": life(
        calls=[submitted(), call("terminate", JOB, 2.5, {})], final={JOB: detail(status="FAILED", attempts=(attempt(143),))},
        effects={JOB: ran(code=None)}, logs={},
    ),
    "a termination of what had ended": life(calls=[submitted(), call("terminate", JOB, 3.5, {})]),
    "one that could not start for want of processes": life(
        plans={"one": Plan("one", attempts=1)}, effects={}, calls=[submitted()], logs={},
        final={JOB: detail(status="FAILED", attempts=(attempt(None),))}, faults=[Fault("few-processes", 1.0, 3.0)],
    ),
}  # fmt: skip

GUILTY = {
    "lost": [
        life(final={}, effects={}),
        life(final={JOB: detail("another")}, plans={"one": Plan("one"), "another": Plan("another")}),
        life(calls=[submitted(), call("describe", JOB, 2.0, ABSENT)]),
    ],
    "invented": [
        life(final={JOB: detail(), OTHER: detail("nobody's")}),
        life(final={JOB: detail(), OTHER: detail()}),
        life(effects={JOB: ran(), OTHER: ran(OTHER)}),
    ],
    "refused": [life(calls=[call("submit", "one", 1.0, refused="no such queue")])],
    "partial": [
        array(["SUCCEEDED"], {"SUCCEEDED": 1}),
        array(["SUCCEEDED", "SUCCEEDED"], {"SUCCEEDED": 1, "RUNNABLE": 1}),
    ],
    "unended": [life(final={JOB: detail(status="RUNNABLE", attempts=())})],
    "changed-end": [
        life(calls=[submitted(), seen("SUCCEEDED", 4.0), seen("RUNNING", 5.0)]),
        life(calls=[submitted(), seen("FAILED", 4.0)]),
        life(calls=[submitted(), seen("SUCCEEDED", 4.0), seen("SUCCEEDED", 5.0, attempts=2)]),
    ],
    "twice": [
        life(effects={JOB: TWO_RUNS}, final=TWO_ATTEMPTS),
        # The agent had all the time that it needed before it died.
        life(
            effects={JOB: ran() + ran(number=2, at=(50.0, 51.0), pid=101)}, final=TWO_ATTEMPTS,
            faults=[Fault("kill-agent", 40.0, 41.0)],
        ),
        # Only the server died, which is no reason.
        life(effects={JOB: TWO_RUNS}, final=TWO_ATTEMPTS, faults=[Fault("kill-server", 3.1, 4.0)]),
    ],
    "at-once": [
        life(effects={JOB: ran() + ran(number=2, at=(2.5, 4.0), pid=101)}),
        life(effects={JOB: [*ran(), Effect(5.0, "one", JOB, 2, 101, "overlap")]}, faults=AGENT_DIED),
    ],
    "repeated": [
        life(effects={JOB: ran(code=None) + ran(at=(5.0, 6.0), pid=101)}),
        life(effects={JOB: ran(code=None) + ran(at=(5.0, 6.0), pid=101)}, faults=[Fault("kill-server", 2.5, 4.0)]),
    ],
    "untrue": [
        life(effects={}),
        life(effects={JOB: ran(code=None)}),
        life(effects={JOB: ran(code="1")}),
        life(final={JOB: detail(status="FAILED", attempts=(attempt(137),))}),
    ],
    "groundless": [
        life(final={JOB: detail(status="FAILED", attempts=(attempt(1),))}),
        life(final={JOB: detail(status="FAILED", attempts=(attempt(None),) * 3)}, effects={}),
    ],
    "forgotten-success": [
        life(final=FAILED),
        life(final=FAILED, faults=[Fault("kill-server", 3.1, 4.0)]),
    ],
    "unheard": [life(calls=[submitted(), call("terminate", JOB, 1.5, {})])],
    "too-early": [dependent(3.0, 2.0)],
    "torn-log": [
        life(logs={JOB: ["one 1 line 1"]}),
        life(logs={JOB: ["one 1 line 1", "one 1 line 1", "one 1 done"]}),
        life(logs={JOB: []}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", INNOCENT)
def test_run_within_the_promises_is_acquitted(name):
    assert check(INNOCENT[name]) == []


@pytest.mark.parametrize("rule, number", [(rule, n) for rule, lives in GUILTY.items() for n in range(len(lives))])
def test_planted_violation_is_found_by_its_rule(rule, number):
    assert rule in {found for found, _ in check(GUILTY[rule][number])}


def test_every_rule_has_a_planted_violation():
    assert set(GUILTY) == set(RULES)


def test_gap_in_what_a_torn_disk_kept_is_found():
    """What was acknowledged before something that is there was asked for is there."""
    first, second = submitted("zero", OTHER, at=1.0), submitted(at=2.0)
    assert check(life(calls=[first, second]), TORN_RULES) != []
    assert check(life(calls=[submitted(at=1.0), submitted("zero", OTHER, at=2.0)]), TORN_RULES) == []


def test_power_cut_leaves_calls_on_their_way_unanswered(tmp_path):
    """What came after it is no part of the past, and a job that ended unheard may run again."""
    recorder = Recorder()
    recorder.plan(Plan("one", attempts=3))
    for each in (submitted(at=1.0), seen("RUNNING", 2.95), submitted("two", OTHER, at=9.0)):
        recorder.call(each)
    lines = "".join(f"{at} one {JOB} 1 100 {what}\n" for at, what in [(2.0, "start"), (2.9, "end 0"), (9.0, "start")])
    (tmp_path / JOB).write_text(lines + "9.5 one torn li")
    past = before(3.0, recorder, tmp_path)
    assert [(each.operation, each.unknown) for each in past.calls] == [("submit", False), ("describe", True)]
    assert [line.what for line in past.effects[JOB]] == ["start", "end"]
    again = ran(number=2, at=(5.0, 6.0), pid=101)
    after = Evidence(effects={JOB: again}, final=TWO_ATTEMPTS, logs={JOB: ["one 2 line 1", "one 2 done"]})
    assert check(joined(past, after, 4.0)) == []


def test_line_that_was_being_written_is_not_read(tmp_path):
    (tmp_path / JOB).write_text(f"2.0 one {JOB} 1 100 start\n3.0 one {JOB} 1 1")
    assert read_effects(tmp_path) == {JOB: ran(code=None)}
