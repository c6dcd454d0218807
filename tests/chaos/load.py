"""Clients that submit, look and stop, all the time, and write down what they heard."""

import dataclasses
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError
from chaos.checker import outcome
from chaos.history import ABSENT, ENDED, Call, Plan

SUBMITTERS = 3
# Jobs under way beyond which nothing is submitted.
OPEN_MAX = 60
PAGE = 40


class Load:
    """Runs until it is stopped. `connect(direct)` makes a client of the service."""

    def __init__(self, connect, program, recorder, random, prefix):
        self.connect = connect
        self.program = program
        self.recorder = recorder
        self.prefix = prefix
        self._ended = threading.Event()
        self._open = {}
        self._known_ends = set()
        self._threads = [
            threading.Thread(target=self._submit, args=(number, type(random)(random.random())))
            for number in range(SUBMITTERS)
        ]
        self._threads.append(threading.Thread(target=self._watch, args=(type(random)(random.random()),)))
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _submit(self, number, random):
        batch = self.connect(direct=number == 0)
        count = 0
        while not self._ended.is_set():
            if len(self._open) > OPEN_MAX:
                self._ended.wait(0.02)
                continue
            count += 1
            plan = self._plan(f"{self.prefix}-{number}-{count}", random)
            self.recorder.plan(plan)
            answer = self.call(batch, "submit", plan.name, lambda plan=plan: submit(batch, self.program, plan))
            if answer:
                self._open[answer["jobId"]] = plan
            else:
                self._ended.wait(0.02)

    def _plan(self, name, random):
        """Short jobs, mostly; some that fail first or for good, that print much, arrays, and jobs that wait for others."""
        attempts = random.choice([1, 8, 8, 8])
        codes = random.choices([("0",), ("1", "0"), ("7",), ("kill", "0")], [80, 10, 5, 5])[0]
        plan = Plan(
            name, codes, attempts,
            lines=random.choice([1, 3, 3, 500]),
            seconds=random.choice([0, 0, 0.02, 0.1, 0.5]),
        )  # fmt: skip
        kind = random.random()
        if kind < 0.08:
            return dataclasses.replace(plan, size=random.randrange(2, 9))
        single = [(known.name, job) for job, known in list(self._open.items()) if not known.size]
        if kind < 0.2 and single:
            return dataclasses.replace(plan, after=random.choice(single))
        return plan

    def _watch(self, random):
        batch = self.connect(direct=True)
        while not self._ended.wait(0.05):
            waiting = list(self._open)
            known = [job for _, job in self.recorder.acknowledged]
            page = waiting[:PAGE] + random.sample(known, min(len(known), PAGE // 2))
            self.look(batch, page)
            if waiting and random.random() < 0.2:
                self._stop(batch, random.choice(waiting), random.choice(["terminate", "cancel"]))

    def look(self, batch, jobs):
        """Describes jobs, and notes what each was seen as."""
        if not jobs:
            return
        began = time.time()
        try:
            found = batch.describe_jobs(jobs=jobs)["jobs"]
        except (BotoCoreError, ClientError):
            return
        ended = time.time()
        for job in set(jobs) - {detail["jobId"] for detail in found}:
            self.recorder.call(Call("describe", job, began, ended, ABSENT))
        for detail in found:
            self.recorder.call(Call("describe", detail["jobId"], began, ended, outcome(detail)))
            if detail["status"] in ENDED:
                self._open.pop(detail["jobId"], None)

    def _stop(self, batch, job, how):
        act = batch.terminate_job if how == "terminate" else batch.cancel_job
        self.call(batch, how, job, lambda: act(jobId=job, reason="chaos"))

    def call(self, batch, operation, about, act):
        """Calls, and records what came of it. An answer that says that it failed inside is as none."""
        began = time.time()
        answer, refusal = None, None
        try:
            answer = act()
            answer.pop("ResponseMetadata", None)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                refusal = str(error)
        except BotoCoreError:
            pass
        self.recorder.call(Call(operation, about, began, time.time(), answer, refusal))
        return answer


def submit(batch, program, plan):
    words = [str(program), plan.name, str(plan.seconds), str(plan.lines), ",".join(plan.codes)]
    more = {}
    if plan.size:
        more["arrayProperties"] = {"size": plan.size}
    if plan.after:
        more["dependsOn"] = [{"jobId": plan.after[1]}]
    return batch.submit_job(
        jobName=plan.name,
        jobQueue="default",
        jobDefinition="host",
        retryStrategy={"attempts": plan.attempts},
        containerOverrides={"command": words},
        **more,
    )
