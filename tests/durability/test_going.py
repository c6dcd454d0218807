"""An agent that is asked to end while short jobs keep coming: it goes at once, and takes none with it that had not begun."""

import signal
import subprocess

import processes
from jobs import Jobs
from waiting import wait_for

SLOTS = 2
CHILDREN = 3000
# Between SIGTERM and SIGKILL an attempt has 30 s; these jobs end at once.
SOON_S = 15


def queue_of_short_jobs(server):
    jobs = Jobs(server)
    array = jobs.submit("sleep", "0.05", arrayProperties={"size": CHILDREN})
    counts = lambda: jobs.describe(array)["arrayProperties"]["statusSummary"]
    wait_for("some to have run", lambda: counts()["SUCCEEDED"] > 20)
    return counts


def test_jobs_wait_for_the_agent_that_comes_after_one_that_goes(server):
    one = server(vcpus=SLOTS)
    counts = queue_of_short_jobs(one)
    (first,) = one.agents()
    processes.send(first, signal.SIGTERM)
    wait_for("the agent to go", lambda: not processes.alive(first), timeout=SOON_S)
    before = counts()["SUCCEEDED"]
    wait_for("another agent to run jobs", lambda: counts()["SUCCEEDED"] > before + 20)
    # Those that ran when the agent was asked to end, and those that were on their way to it.
    assert counts()["FAILED"] <= 2 * SLOTS


def test_private_server_ends_soon_and_leaves_no_agent(server):
    one = server("--private", vcpus=SLOTS, start=False)
    one.start(stdin=subprocess.PIPE)
    queue_of_short_jobs(one)
    one.process.stdin.close()
    assert one.process.wait(timeout=SOON_S) == 0, one.log()
    assert not one.agents()
