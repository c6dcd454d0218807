"""Stopping the server leaves jobs alone; losing the agent loses its jobs, cleanly."""

import re
import signal

import processes
from jobs import Jobs, exit_codes
from waiting import wait_for

HOST_GONE = r"Host EC2 \(instance i-[0-9a-f]{17}\) terminated\."
TICKING = "echo $$; i=0; until test -e {}; do i=$((i+1)); echo tick $i; sleep 0.05; done"


def pid_of(jobs, job):
    """What a ticking job wrote first."""
    return int(wait_for("the job's first line", lambda: jobs.output(jobs.describe(job)))[0])


def test_server_stopped_and_started_again_leaves_jobs_running(server, tmp_path):
    """SIGTERM: the same process runs on under the same agent, and not a line is lost."""
    gate = tmp_path / "gate"
    running = server()
    jobs = Jobs(running)
    job = jobs.shell(TICKING.format(gate))
    pid, agents = pid_of(jobs, job), running.agents()
    before = jobs.describe(job)
    running.stop()
    assert processes.alive(pid)
    running.start()
    assert running.agents() == agents
    after = jobs.describe(job)
    assert after == before and after["status"] == "RUNNING"
    seen = len(jobs.output(after))
    wait_for("more lines", lambda: len(jobs.output(jobs.describe(job))) > seen)
    gate.touch()
    detail = jobs.succeed(job)
    lines = jobs.output(detail)
    assert lines == [str(pid), *(f"tick {number}" for number in range(1, len(lines)))]
    assert exit_codes(detail) == [0]


def test_job_that_ends_while_the_server_is_down_is_reported_afterwards(server, tmp_path):
    """The agent repeats its reports until they are acknowledged; times and codes are those of the real end."""
    gate = tmp_path / "gate"
    running = server()
    jobs = Jobs(running)
    job = jobs.shell(f"echo $$; until test -e {gate}; do sleep 0.05; done; exit 5")
    pid = pid_of(jobs, job)
    running.stop()
    gate.touch()
    wait_for("the job to end", lambda: not processes.alive(pid))
    running.start()
    assert exit_codes(jobs.fail(job)) == [5]


def test_terminate_before_a_restart_still_ends_the_job(server):
    """What was asked for is done, whoever asks the agent."""
    running = server()
    jobs = Jobs(running)
    job = jobs.shell("sleep 300")
    jobs.wait(job, "RUNNING")
    jobs.batch.terminate_job(jobId=job, reason="stop")
    running.kill()
    running.start()
    assert jobs.fail(job)["statusReason"] == "stop"


def test_agent_killed_ends_its_attempts_as_with_their_host(server, tmp_path):
    """Table 4.1, RTY-2: retried where attempts are left; and no process of the lost attempts stays."""
    gate = tmp_path / "gate"
    running = server()
    jobs = Jobs(running)
    script = f"echo $$; test $AWS_BATCH_JOB_ATTEMPT = 2 || until test -e {gate}; do sleep 0.05; done"
    entries = [{"onStatusReason": "Host EC2*", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}]
    again = jobs.shell(script, retryStrategy={"attempts": 2, "evaluateOnExit": entries})
    once = jobs.shell(script)
    pids = [pid_of(jobs, job) for job in (again, once)]
    (agent,) = running.agents()
    processes.send(agent, signal.SIGKILL)
    lost = jobs.fail(once)
    assert re.fullmatch(HOST_GONE, lost["statusReason"])
    assert re.fullmatch(HOST_GONE, lost["attempts"][0]["statusReason"])
    assert exit_codes(lost) == [None]
    detail = jobs.succeed(again)
    assert exit_codes(detail) == [None, 0]
    assert re.fullmatch(HOST_GONE, detail["attempts"][0]["statusReason"])
    assert running.agents() not in ([], [agent])
    wait_for("the lost attempts' processes to be gone", lambda: not any(map(processes.alive, pids)))


def test_agent_killed_while_the_server_is_down_is_noticed_at_the_start(server):
    """Both gone at once, as with a machine that loses power; the processes that are left are ended."""
    running = server()
    jobs = Jobs(running)
    job = jobs.shell("echo $$; sleep 300")
    pid = pid_of(jobs, job)
    (agent,) = running.agents()
    running.kill()
    processes.send(agent, signal.SIGKILL)
    wait_for("the agent to be gone", lambda: not processes.alive(agent))
    running.start()
    assert re.fullmatch(HOST_GONE, jobs.fail(job)["statusReason"])
    wait_for("the lost attempt's process to be gone", lambda: not processes.alive(pid))


def test_start_after_a_crash_says_what_was_found_and_what_became_of_it(server):
    """And a server that was stopped says nothing of a crash."""
    running = server()
    jobs = Jobs(running)
    job = jobs.shell("sleep 300")
    jobs.wait(job, "RUNNING")
    running.kill()
    running.start()
    wait_for("the agent to be heard of", lambda: "go on or have ended" in running.log())
    said = re.sub(r"\x1b\[[0-9;]*m", "", running.log())
    assert re.search(r"did not end by itself.* jobs=1 attempts=1 took_ms=\d+", said)
    assert re.search(r"go on or have ended.* go_on=1 lost=0", said)
    running.stop()
    running.start()
    assert running.log().count("did not end by itself") == 1


def test_agent_whose_log_cannot_be_written_goes_on(server):
    """A log on a full disk costs its lines, and neither jobs nor threads."""
    one = server(start=False)
    log = one.data_dir / "agent" / "agent.log"
    log.parent.mkdir(parents=True)
    log.symlink_to("/dev/full")
    one.start()
    jobs = Jobs(one)
    jobs.succeed(jobs.shell("echo there"))
    (agent,) = one.agents()
    # Stray processes, ends by signals: whatever is told of in the log by threads of its own.
    jobs.fail(jobs.shell("(sleep 0.2 &); kill -KILL $$"))
    jobs.succeed(jobs.shell("echo still there"))
    assert one.agents() == [agent]
