"""`longshore run`: a workload from its file to its results, and nothing left behind (docs/guide/workload-file.md)."""

import json
import os
import signal
import subprocess

import processes
import pytest
from waiting import wait_for


@pytest.fixture
def run(longshore, tmp_path):
    """Starts runs whose data homes are below the test's own directory, where their processes are looked for."""
    made = []

    def run(*words, workload=None):
        if workload is not None:
            (tmp_path / "workload.yaml").write_text(workload)
            words = [*words, tmp_path / "workload.yaml"]
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LONGSHORE_"))}
        path = f"{longshore.parent}:{own['PATH']}"
        environment = {**own, "XDG_DATA_HOME": str(tmp_path / "home"), "PATH": path}
        command = [str(word) for word in [longshore, "run", *words]]
        pipe = subprocess.PIPE
        made.append(subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True))
        return made[-1]

    yield run
    for process in made:
        process.kill()
    # The promise of the guide: even if it is killed, nothing stays.
    wait_for("the runs' processes to end", lambda: not processes.touching(tmp_path / "home"), timeout=45)


def finished(process, code, timeout=60):
    out, said = process.communicate(timeout=timeout)
    assert process.returncode == code, f"exit {process.returncode}\n{out}{said}"
    return out, said


def left(tmp_path):
    """The processes of a run that are still there."""
    return processes.touching(tmp_path / "home")


@pytest.mark.parametrize("name", ["hello", "array", "dependencies", "shortest-path-five-node"])
def test_example_runs_to_success(run, root, tmp_path, name):
    """Every example that needs no input; with --rm no directory stays, and no process."""
    out, _ = finished(run("--rm", "--json", root / f"examples/workloads/{name}.yaml"), 0)
    summary = json.loads(out)
    assert summary["succeeded"] and summary["name"] == name and summary["notSubmitted"] == []
    assert {job["status"] for job in summary["jobs"]} == {"SUCCEEDED"}
    assert left(tmp_path) == {}
    assert list((tmp_path / "home/longshore/runs").iterdir()) == []


def test_results_are_fetched_and_the_rest_is_kept(run, tmp_path):
    """Uploads, parameters, an array, a job that reads what it made, downloads; then the data to look at."""
    (tmp_path / "in.txt").write_text("seven\n")
    workload = """
name: kept
buckets: [results]
uploads:
  - {from: in.txt, to: s3://inputs/}
parameters: {word: seven}
jobDefinitions:
  - jobDefinitionName: say
    type: container
    containerProperties:
      image: host
      command: [echo, "Ref::word"]
      resourceRequirements: [{type: VCPU, value: 1}, {type: MEMORY, value: 64}]
jobs:
  - {jobName: said, jobDefinition: say, arrayProperties: {size: 3}}
downloads:
  - {from: s3://inputs/, to: ./out}
"""
    _, said = finished(run(workload=workload), 0)
    assert "3/3 succeeded" in said and "kept: 1 of 1 jobs succeeded" in said
    assert (tmp_path / "out/in.txt").read_text() == "seven\n"
    (kept,) = (tmp_path / "home/longshore/runs").iterdir()
    assert kept.name.startswith("kept-") and str(kept) in said
    assert left(tmp_path) == {}


def test_bad_workload_is_shown_at_its_place_and_nothing_starts(run, tmp_path):
    """Exit 2: file, line and column, and what to do; no server, no directory."""
    workload = "jobs:\n  - jobName: a\n    jobDefintion: host\n"
    _, said = finished(run(workload=workload), 2)
    assert f"{tmp_path}/workload.yaml:3:5: " in said
    assert "jobDefintion" in said and "did you mean `jobDefinition`?" in said
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "workload, place, what",
    [
        ("jobs:\n  - {jobName: a, jobDefinition: nothing}\n", "2:", "nothing"),
        (
            "jobs:\n"
            "  - {jobName: a, jobDefinition: host, dependsOn: [{job: b}]}\n"
            "  - {jobName: b, jobDefinition: host, dependsOn: [{job: a}]}\n",
            "2:",
            "a",
        ),
        ("jobs:\n  - {jobName: a, jobDefinition: host, dependsOn: [{job: c}]}\n", "2:", "c"),
        ("jobs: []\n", "1:", "job"),
        ("jobs: [\n", "2:", ""),
        ("jobs:\n  - {jobName: a, jobDefinition: host, arrayProperties: {size: many}}\n", "2:", "size"),
    ],
)
def test_mistakes_of_every_kind_have_a_place(run, tmp_path, workload, place, what):
    """Missing definition, cycle, unknown dependency, nothing to do, no YAML, wrong type: exit 2."""
    _, said = finished(run(workload=workload), 2)
    assert f"{tmp_path}/workload.yaml:{place}" in said and what in said
    assert "help: " in said
    assert not (tmp_path / "home").exists()


def test_missing_workload_file_is_named(run):
    """Exit 2."""
    assert "absent.yaml" in finished(run("absent.yaml"), 2)[1]


def test_failing_child_is_shown_with_its_output(run, tmp_path):
    """Exit 1: which child, its code and how its output ended; dependents are failed; --rm keeps what failed."""
    workload = """
jobs:
  - jobName: work
    jobDefinition: host
    arrayProperties: {size: 3}
    containerOverrides:
      command: [sh, -c, 'echo "on $AWS_BATCH_JOB_ARRAY_INDEX"; test $AWS_BATCH_JOB_ARRAY_INDEX != 1 || exit 7']
  - {jobName: after, jobDefinition: host, dependsOn: [{job: work}]}
"""
    out, said = finished(run("--rm", "--json", workload=workload), 1)
    work, after = json.loads(out)["jobs"]
    assert (work["status"], work["childrenSucceeded"], work["childrenFailed"]) == ("FAILED", 2, 1)
    assert after["statusReason"] == "Dependent Job failed"
    assert f"{work['jobId']}:1" in said and "exit code 7" in said and "| on 1" in said
    assert len(list((tmp_path / "home/longshore/runs").iterdir())) == 1
    assert left(tmp_path) == {}


def held(tmp_path):
    """A workload whose job says when it runs, and takes a child along."""
    return f"""
jobs:
  - jobName: held
    jobDefinition: host
    containerOverrides: {{command: [sh, -c, 'sleep 300 & echo $$ $! > {tmp_path}/pids; wait']}}
"""


def pids_of(tmp_path):
    file = tmp_path / "pids"
    return wait_for("the job to run", lambda: file.exists() and file.read_text().split())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_no_process(run, tmp_path, number):
    """Exit 130: the job and its child, the agent and the server are gone when it returns."""
    running = run("--json", workload=held(tmp_path))
    pids = pids_of(tmp_path)
    assert len(left(tmp_path)) >= 4, "server, agent, job and its child"
    running.send_signal(number)
    out, said = finished(running, 130)
    assert left(tmp_path) == {}
    assert not any(map(processes.alive, pids))
    (job,) = json.loads(out)["jobs"]
    assert (job["status"], job["exitCode"]) == ("FAILED", 143)
    assert "interrupted" in said


def test_killed_run_leaves_no_process(run, tmp_path):
    """kill -9: its server notices, and ends the job, the agent and itself."""
    running = run(workload=held(tmp_path))
    pids = pids_of(tmp_path)
    running.kill()
    wait_for("everything to end", lambda: left(tmp_path) == {}, timeout=20)
    assert not any(map(processes.alive, pids))


def test_run_on_a_server_that_exists_leaves_it_as_it_is(run, server, tmp_path):
    """--endpoint: its jobs are there afterwards, and no directory of the run."""
    running = server()
    workload = "name: there\njobs:\n  - {jobName: one, jobDefinition: host}\n"
    finished(run("--endpoint", running.endpoint, workload=workload), 0)
    listed = running.client("batch").list_jobs(jobQueue="default", jobStatus="SUCCEEDED")["jobSummaryList"]
    assert [job["jobName"] for job in listed] == ["one"]
    assert not (tmp_path / "home").exists()
