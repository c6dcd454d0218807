"""Finds in the evidence of a run what must not be, by the promises of docs/internals/faults.md. Each rule is a function that
yields what it holds against the run; `RULES` lists them. It knows nothing of how the evidence came about."""

from collections import Counter, defaultdict
from itertools import pairwise

from chaos.history import ABSENT, ENDED

# What ends attempts without their fault: when it falls into an attempt's time, the attempt may count as lost.
DEATHS = ("kill-agent", "kill-both", "power-cut")
# While these last, attempts may fail to start, or to write.
SHORTAGES = ("few-descriptors", "few-processes", "full-disk")
# An agent that could talk with its server for so long has told all that it knew.
TOLD_WITHIN = 5.0
# The processes of an agent that was killed live on until the kernel has got to them.
DYING = 0.5
# An answer is a little older than its arrival.
CLOCK_SLACK = 0.05


def check(evidence, rules=None):
    """All violations, as (rule, text)."""
    return [(rule, text) for rule, judge in (rules or RULES).items() for text in judge(evidence)]


def lost(evidence):
    """A submission that was acknowledged is there at the end, as the job that was asked for."""
    for call in submissions(evidence):
        if call.answer:
            detail = evidence.final.get(call.answer["jobId"])
            if detail is None:
                yield f"{call.about} was acknowledged as {call.answer['jobId']} and is gone"
            elif detail["jobName"] != call.about:
                yield f"{call.answer['jobId']} is {detail['jobName']} and was acknowledged to {call.about}"
    for call in evidence.calls:
        if call.operation == "describe" and call.answer == ABSENT:
            yield f"{call.about} was acknowledged and not there when it was asked for at {call.began}"


def invented(evidence):
    """Every job was asked for, and no call made two."""
    ids = defaultdict(set)
    for job, detail in evidence.final.items():
        ids[detail["jobName"]].add(job.partition(":")[0])
    for name, jobs in ids.items():
        if name not in evidence.plans:
            yield f"nobody asked for {name}"
        elif len(jobs) > 1:
            yield f"{name} was asked for once and is there {len(jobs)} times: {sorted(jobs)}"
    for job, lines in evidence.effects.items():
        if lines and job not in evidence.final:
            yield f"{job} ({lines[0].name}) ran and is not there"


def refused(evidence):
    """What was refused has not happened."""
    names = {detail["jobName"] for detail in evidence.final.values()}
    for call in submissions(evidence):
        if call.refused and call.about in names:
            yield f"{call.about} was refused ({call.refused}) and is there"


def partial(evidence):
    """An array is there with all its children, whose states its counters count."""
    for job, detail in evidence.final.items():
        size = detail.get("arrayProperties", {}).get("size")
        if size is None:
            continue
        children = [evidence.final.get(f"{job}:{index}") for index in range(size)]
        plan = evidence.plan_of(job)
        if plan and plan.size != size or None in children:
            yield f"{job} has {size - children.count(None)} of its {plan.size if plan else size} children"
            continue
        counted = Counter(child["status"] for child in children)
        summary = {status: count for status, count in detail["arrayProperties"]["statusSummary"].items() if count}
        if summary != counted:
            yield f"{job} counts {summary} and has {dict(counted)}"


def unended(evidence):
    """Once everything has healed, every job ends."""
    for job, detail in evidence.final.items():
        if detail["status"] not in ENDED:
            yield f"{job} is {detail['status']}: {detail.get('statusReason')}"


def changed_end(evidence):
    """What has ended has ended for ever, and does not go away."""
    seen = defaultdict(list)
    for call in evidence.calls:
        if call.operation == "describe" and call.answer is not None:
            seen[call.about].append(call)
    for job, calls in seen.items():
        calls = sorted((call for call in calls if call.answer != ABSENT), key=lambda call: call.ended)
        ended = None
        for call in calls:
            if ended and call.began > ended.ended and call.answer != ended.answer:
                yield f"{job} was {ended.answer} and then {call.answer}"
            if ended is None and call.answer["status"] in ENDED:
                ended = call
        last = evidence.final.get(job)
        if ended and last and outcome(last) != ended.answer:
            yield f"{job} was {ended.answer} and is {outcome(last)}"


def outcome(detail):
    """What of a job must not change once it has ended."""
    return {"status": detail["status"], "attempts": len(detail.get("attempts", ()))}


def twice(evidence):
    """No job runs to success twice, unless its agent died before it could tell."""
    for job, lines in evidence.effects.items():
        successes = [line for line in lines if line.what == "end" and line.code == "0"]
        for first, second in pairwise(successes):
            if not untold(evidence, first.at, second.at):
                yield f"{job} succeeded in attempt {first.attempt} at {first.at} and again at {second.at}"


def at_once(evidence):
    """No two attempts of a job are alive at once."""
    for job, lines in evidence.effects.items():
        yield from (f"{job}: another attempt was alive at {line.at}" for line in lines if line.what == "overlap")
        running = {}
        for line in sorted(lines, key=lambda line: line.at):
            if line.what == "end":
                running.pop(line.pid, None)
                continue
            ends = {end.pid for end in lines if end.what == "end" and end.at > line.at}
            for other in running.values():
                if other.pid in ends:
                    yield f"{job}: attempt {line.attempt} started at {line.at} while {other.attempt} was running"
            running[line.pid] = line


def repeated(evidence):
    """No attempt starts twice, unless the agent died before it could tell of the first start."""
    for job, lines in evidence.effects.items():
        by_number = defaultdict(list)
        for line in lines:
            if line.what == "start":
                by_number[line.attempt].append(line)
        for number, starts in by_number.items():
            for first, second in pairwise(starts):
                if not untold(evidence, first.at, second.at):
                    yield f"{job}: attempt {number} started at {first.at} and again at {second.at}"


def untrue(evidence):
    """A job has succeeded only if its latest attempt has, and the codes of attempts are those of their processes."""
    for job, detail, plan in witnessed(evidence):
        ends = defaultdict(set)
        for line in evidence.effects.get(job, ()):
            if line.what == "end":
                ends[line.attempt].add("137" if line.code == "kill" else line.code)
        attempts = detail.get("attempts", ())
        if detail["status"] == "SUCCEEDED" and "0" not in ends[len(attempts)]:
            yield f"{job} SUCCEEDED; attempt {len(attempts)} ended with {sorted(ends[len(attempts)]) or 'nothing'}"
        for number, attempt in enumerate(attempts, 1):
            code = attempt.get("container", {}).get("exitCode")
            if code is not None and not believable(evidence, job, code, ends[number]):
                yield f"{job}: attempt {number} has the exit code {code} and ended with {sorted(ends[number]) or 'nothing'}"


def believable(evidence, job, code, ended):
    """Whether an attempt that was about to end with one of these codes may have ended with that one."""
    by_signal = code in (137, 143) and asked_to_stop(evidence, job)
    short = code in (98, 99, 126, 127, 254) and any(fault.kind in SHORTAGES for fault in evidence.faults)
    return str(code) in ended or by_signal or short


def groundless(evidence):
    """A job fails only if it was asked to, if its program did, or if it ran out of attempts."""
    for job, detail, plan in witnessed(evidence):
        if detail["status"] != "FAILED" or asked_to_stop(evidence, job) or dependency_failed(evidence, plan):
            continue
        attempts = detail.get("attempts", ())
        if len(attempts) < plan.attempts:
            yield f"{job} FAILED after {len(attempts)} of {plan.attempts} attempts: {detail.get('statusReason')}"
            continue
        for number, attempt in enumerate(attempts, 1):
            if plan.code(number) == "0" and not excused(evidence, attempt):
                yield f"{job}: attempt {number} failed without a cause: {attempt}"


def excused(evidence, attempt):
    """Whether something was done to an attempt that may have ended it."""
    began = attempt.get("startedAt", attempt.get("stoppedAt", 0)) / 1000 - TOLD_WITHIN
    ended = attempt.get("stoppedAt", 0) / 1000 + CLOCK_SLACK
    over = DEATHS + SHORTAGES
    return any(fault.kind in over and fault.began < ended and fault.healed > began for fault in evidence.faults)


def forgotten_success(evidence):
    """A job whose program succeeded, and whose agent lived to tell, has succeeded."""
    for job, detail, _ in witnessed(evidence):
        if detail["status"] != "FAILED" or asked_to_stop(evidence, job):
            continue
        for line in evidence.effects.get(job, ()):
            if line.what == "end" and line.code == "0" and not untold(evidence, line.at, float("inf")):
                yield f"{job} FAILED; its attempt {line.attempt} succeeded at {line.at}"


def unheard(evidence):
    """A job that had not ended when its termination was acknowledged does not succeed."""
    for call in evidence.calls:
        detail = evidence.final.get(call.about)
        if call.operation != "terminate" or call.answer is None or not detail or detail["status"] != "SUCCEEDED":
            continue
        stopped = detail["stoppedAt"] / 1000
        # Asked of an array, it is for children that have not ended.
        if "arrayProperties" not in detail and stopped > call.ended + CLOCK_SLACK:
            yield f"{call.about} was told to end at {call.ended} and succeeded at {stopped}"


def too_early(evidence):
    """Nothing starts before what it depends on has succeeded."""
    for job, detail, plan in witnessed(evidence):
        starts = [line.at for line in evidence.effects.get(job, ()) if line.what != "end"]
        if plan.after is None or not starts:
            continue
        (_, before) = plan.after
        ends = [line.at for line in evidence.effects.get(before, ()) if line.what == "end" and line.code == "0"]
        if not ends or min(starts) < min(ends):
            yield f"{job} started at {min(starts)}; {before}, which it waits for, succeeded at {min(ends, default=None)}"


def torn_log(evidence):
    """All that a succeeded attempt has printed can be read, and nothing else."""
    for job, detail, plan in witnessed(evidence):
        if detail["status"] == "SUCCEEDED" and job in evidence.logs:
            wanted, found = plan.output(len(detail["attempts"])), evidence.logs[job]
            if wanted != found:
                at = next((n for n, pair in enumerate(zip(wanted, found)) if len(set(pair)) > 1), min(len(wanted), len(found)))
                yield f"{job} printed {len(wanted)} lines and {len(found)} are read; they differ at {at}: {found[at:at + 2]}"


def out_of_order(evidence):
    """On a disk that had lost the end of what was written: what is gone is newer than all that is there."""
    acknowledged = sorted((call for call in submissions(evidence) if call.answer), key=lambda call: call.ended)
    gone = [call for call in acknowledged if call.answer["jobId"] not in evidence.final]
    for call in acknowledged:
        if gone and call.answer["jobId"] in evidence.final and call.began > gone[0].ended:
            yield f"{call.about} is there, and {gone[0].about}, which was acknowledged before it was asked for, is gone"


RULES = {
    "lost": lost, "invented": invented, "refused": refused, "partial": partial, "unended": unended,
    "changed-end": changed_end, "twice": twice, "at-once": at_once, "repeated": repeated, "untrue": untrue,
    "groundless": groundless, "forgotten-success": forgotten_success, "unheard": unheard, "too-early": too_early,
    "torn-log": torn_log,
}  # fmt: skip
# What holds even if the disk had lost the end of what it had reported as written.
TORN_RULES = {
    "out-of-order": out_of_order, "partial": partial, "unended": unended, "at-once": at_once, "untrue": untrue,
    "torn-log": torn_log,
}  # fmt: skip


def submissions(evidence):
    return [call for call in evidence.calls if call.operation == "submit"]


def witnessed(evidence):
    """Jobs and children that run a program: (id, detail, plan). Arrays do not."""
    for job, detail in evidence.final.items():
        plan = evidence.plan_of(job)
        if plan and not (plan.size and ":" not in job):
            yield job, detail, plan


def untold(evidence, since, until):
    """Whether an agent died between these times that had not had the time to tell what it knew at the first of them. When in
    the course of a fault it died is not known."""
    deaths = [fault for fault in evidence.faults if fault.kind in DEATHS and fault.began < until and since < fault.healed + DYING]
    return any(quiet_time(evidence, since, death.began) < TOLD_WITHIN for death in deaths)


def quiet_time(evidence, since, until):
    """Seconds between two times in which nothing was done to the system."""
    quiet, reached = 0.0, since
    for fault in sorted(evidence.faults, key=lambda fault: fault.began):
        if fault.began >= until:
            break
        quiet += max(0.0, fault.began - reached)
        reached = max(reached, fault.healed)
    return quiet + max(0.0, until - reached)


def asked_to_stop(evidence, job):
    """Whether somebody may have been heard who wanted it to end."""
    return job in evidence.asked_to_stop or job.partition(":")[0] in evidence.asked_to_stop


def dependency_failed(evidence, plan):
    return plan.after is not None and evidence.final.get(plan.after[1], {}).get("status") == "FAILED"
