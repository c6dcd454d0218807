"""The verbs that talk to a server: what goes to stdout, what they exit with (docs/guide/command-line.md)."""

import json
import os
import pty
import signal
import subprocess

import pytest
from jobs import ENDED
from waiting import wait_for

UNKNOWN = "00000000-0000-4000-8000-000000000000"
UNTIL = "until test -e {}; do sleep 0.05; done"


def data(done, code=0):
    """stdout of a verb that exited as expected."""
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def verb(shared):
    return shared.run


@pytest.fixture
def start(shared):
    """Starts a verb, which goes on."""
    made = []

    def start(*words):
        command = [str(word) for word in [shared.program, *words]]
        pipe = subprocess.PIPE
        made.append(subprocess.Popen(command, env=shared.environment(), stdout=pipe, stderr=pipe, text=True))
        return made[-1]

    yield start
    for process in made:
        process.kill()
        process.communicate()


def test_submit_prints_the_id_alone(verb, jobs):
    """The first step of the guide, with no setting but the endpoint."""
    id = data(verb("submit", "--", "echo", "hello")).strip()
    assert jobs.output(jobs.succeed(id)) == ["hello"]
    assert data(verb("logs", id)) == "hello\n"
    assert data(verb("logs", "-f", id)) == "hello\n"


def test_submit_with_everything_asks_for_all_of_it(verb, jobs):
    """Each option ends in the request."""
    first = data(verb("submit", "--", "true")).strip()
    words = ["--name", "sweep", "--array", 3, "--vcpus", 2, "--memory", 64, "--env", "A=1", "--tag", "team=blue"]
    more = ["--attempts", 2, "--timeout", "2m", "--depends-on", first, "--json", "--", "sh", "-c", "echo $A"]
    answer = json.loads(data(verb("submit", *words, *more)))
    detail = jobs.succeed(answer["jobId"])
    assert (detail["jobName"], detail["arrayProperties"]["size"], detail["tags"]) == ("sweep", 3, {"team": "blue"})
    assert detail["dependsOn"] == [{"jobId": first}]
    assert detail["retryStrategy"]["attempts"] == 2 and detail["timeout"] == {"attemptDurationSeconds": 120}
    needs = {entry["type"]: entry["value"] for entry in detail["container"]["resourceRequirements"]}
    assert needs == {"VCPU": "2", "MEMORY": "64"}
    assert sorted(data(verb("logs", answer["jobId"])).splitlines()) == ["[0] 1", "[1] 1", "[2] 1"]


@pytest.mark.parametrize("command, code", [("true", 0), ("exit 3", 1)])
def test_submit_and_wait_exits_as_the_job_does(verb, command, code):
    """0 only if it succeeded; the id stays the only data."""
    done = verb("submit", "--wait", "--", "sh", "-c", command)
    assert len(data(done, code).split()) == 1
    assert ("exit code 3" in done.stderr) == (code == 1)


@pytest.mark.parametrize("end, code", [("exit 0", 0), ("exit 4", 1)])
def test_submit_and_follow_shows_the_output(verb, end, code):
    """stdout is the job's output; what is said of it goes to stderr."""
    done = verb("submit", "--follow", "--", "sh", "-c", f"echo one; echo two; {end}")
    assert data(done, code) == "one\ntwo\n"


def test_logs_follow_a_running_job_to_its_end(start, jobs, tmp_path):
    """Lines come while it runs."""
    gate = tmp_path / "gate"
    job = jobs.shell(f"echo one; {UNTIL.format(gate)}; echo two")
    following = start("logs", "-f", job)
    assert following.stdout.readline() == "one\n"
    assert jobs.status(job) == "RUNNING"
    gate.touch()
    assert following.communicate(timeout=30)[0] == "two\n"
    assert following.returncode == 0


def test_logs_of_an_earlier_attempt(verb, jobs):
    """--attempt."""
    job = jobs.shell('echo $AWS_BATCH_JOB_ATTEMPT; test $AWS_BATCH_JOB_ATTEMPT = 2', retryStrategy={"attempts": 2})
    jobs.succeed(job)
    assert data(verb("logs", "--attempt", 1, job)) == "1\n"
    assert data(verb("logs", job)) == "2\n"
    assert "there is no attempt 3" in verb("logs", "--attempt", 3, job).stderr


def test_jobs_lists_what_has_not_ended(verb, jobs, batch, tmp_path):
    """And everything with --all; as a table and as JSON."""
    order = [{"order": 1, "computeEnvironment": "default"}]
    batch.create_job_queue(jobQueueName="listed", priority=1, computeEnvironmentOrder=order)
    gate = tmp_path / "gate"
    ended = jobs.shell("false", jobQueue="listed")
    jobs.fail(ended)
    running = jobs.shell(UNTIL.format(gate), jobQueue="listed", jobName="held")
    jobs.wait(running, "RUNNING")
    table = data(verb("jobs", "--queue", "listed"))
    assert running in table and "held" in table and ended not in table
    found = json.loads(data(verb("jobs", "--queue", "listed", "--all", "--json")))["jobSummaryList"]
    assert [job["jobId"] for job in found] == [running, ended]
    (failed,) = json.loads(data(verb("jobs", "--queue", "listed", "--status", "failed", "--json")))["jobSummaryList"]
    assert failed["jobId"] == ended
    gate.touch()
    jobs.succeed(running)


def test_jobs_lists_the_children_of_an_array(verb, jobs):
    """--array: all of them, by index."""
    array = jobs.array(3, "true")
    jobs.succeed(array)
    table = data(verb("jobs", "--array", array))
    assert [table.index(f"{array}:{index}") for index in range(3)] == sorted(
        table.index(f"{array}:{index}") for index in range(3)
    )


def test_describe_shows_the_job_to_people_and_programs(verb, jobs):
    """--json is the server's answer."""
    job = jobs.shell("exit 3")
    detail = jobs.fail(job)
    text = data(verb("describe", job))
    for part in (job, "FAILED", "Essential container in task exited", "attempt 1", "exit code 3"):
        assert part in text
    assert json.loads(data(verb("describe", "--json", job)))["jobs"] == [detail]


def test_wait_exits_by_how_jobs_ended(verb, jobs):
    """0 only if all succeeded."""
    good, bad = jobs.shell("true"), jobs.shell("false")
    data(verb("wait", good))
    data(verb("wait", good, bad), 1)
    found = json.loads(data(verb("wait", "--json", bad), 1))["jobs"]
    assert [job["jobId"] for job in found] == [bad]


def test_wait_gives_up_when_its_time_is_up(verb, jobs, tmp_path):
    """--timeout: exit 1; the job goes on."""
    gate = tmp_path / "gate"
    job = jobs.shell(UNTIL.format(gate))
    assert "gave up waiting" in verb("wait", "--timeout", "1s", job).stderr
    gate.touch()
    jobs.succeed(job)


def test_wait_interrupted_leaves_the_job_alone(start, jobs, tmp_path):
    """Ctrl-C: exit 130."""
    gate = tmp_path / "gate"
    job = jobs.shell(UNTIL.format(gate))
    jobs.wait(job, "RUNNING")
    waiting = start("wait", job)
    # It has taken over signals once it catches SIGINT.
    wait_for("the handler to be set", lambda: catches(waiting.pid, signal.SIGINT))
    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=20)
    assert waiting.returncode == 130
    assert jobs.status(job) == "RUNNING"
    gate.touch()
    jobs.succeed(job)


def catches(pid, number):
    from pathlib import Path

    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (mask,) = [line.split()[1] for line in lines if line.startswith("SigCgt:")]
    return int(mask, 16) >> (number - 1) & 1


def test_cancel_ends_what_waits(verb, jobs, tmp_path):
    """With --json it says what was asked for."""
    gate = tmp_path / "gate"
    first = jobs.shell(UNTIL.format(gate))
    second = jobs.shell("true", dependsOn=[{"jobId": first}])
    answer = json.loads(data(verb("cancel", "--json", second)))
    assert answer == {"operation": "CancelJob", "jobIds": [second]}
    jobs.fail(second)
    gate.touch()
    jobs.succeed(first)


def test_terminate_ends_what_runs_and_says_what_has_ended(verb, jobs):
    """With the reason given."""
    job = jobs.shell("sleep 300")
    jobs.wait(job, "RUNNING")
    data(verb("terminate", "--reason", "enough of it", job))
    assert jobs.fail(job)["statusReason"] == "enough of it"
    done = verb("terminate", "--json", job)
    assert json.loads(data(done)) == {"operation": "TerminateJob", "jobIds": []}
    assert "already ended" in done.stderr


@pytest.mark.parametrize("verb_name", ["describe", "logs", "wait", "cancel", "terminate"])
def test_unknown_id_is_named(verb, verb_name):
    """Exit 1, on stderr."""
    done = verb(verb_name, UNKNOWN)
    assert data(done, 1) == "" and UNKNOWN in done.stderr


def test_refused_submission_says_why(verb):
    """Exit 1, in the server's words."""
    done = verb("submit", "--queue", "nowhere", "--", "true")
    assert data(done, 1) == "" and "JobQueue nowhere not found." in done.stderr


@pytest.mark.parametrize("words", [["submit", "--array", "1"], ["jobs", "--status", "asleep"], ["frobnicate"]])
def test_wrong_arguments_exit_with_2(verb, words):
    """And nothing on stdout."""
    assert data(verb(*words), 2) == ""


def test_no_server_exits_with_3(verb):
    """And the help says how to start one."""
    done = verb("jobs", "--endpoint", "http://127.0.0.1:9")
    assert data(done, 3) == "" and "127.0.0.1:9" in done.stderr and "longshore serve" in done.stderr


def test_wait_sits_out_a_restart_of_the_server(server, tmp_path):
    """Jobs outlive it, and so does waiting for them."""
    from jobs import Jobs

    gate = tmp_path / "gate"
    running = server()
    jobs = Jobs(running)
    job = jobs.shell(UNTIL.format(gate))
    jobs.wait(job, "RUNNING")
    shown, terminal = pty.openpty()
    environment = {**running.environment(), "TERM": "xterm"}
    waiting = subprocess.Popen([running.program, "wait", job], env=environment, stderr=terminal)
    try:
        # On a terminal it shows what it saw: by then the server has answered once.
        said = b""
        while b"1 RUNNING" not in said:
            said += os.read(shown, 4096)
        running.kill()
        running.start()
        gate.touch()
        assert waiting.wait(timeout=30) == 0
    finally:
        waiting.kill()
        waiting.wait()
    os.close(terminal), os.close(shown)
    assert jobs.status(job) in ENDED
