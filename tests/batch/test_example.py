"""The example's own JSON files through the real AWS CLI: definition, array job, dependent job, summary in the bucket."""

import itertools
import json
import math
import os

import pytest
from jobs import Jobs

LINKS = {"AC": 1, "BB": 2, "BD": 1, "BE": 2, "CB": 7, "CD": 3, "DE": 1, "EA": 1, "EB": 1}


def distances():
    """The five-node network's by Floyd and Warshall's three loops: {(from, to): distance} of different nodes."""
    found = {pair: LINKS.get("".join(pair), math.inf) for pair in itertools.permutations("ABCDE", 2)}
    for via, start, end in itertools.product("ABCDE", repeat=3):
        if len({via, start, end}) == 3:
            found[start, end] = min(found[start, end], found[start, via] + found[via, end])
    return {pair: distance for pair, distance in found.items() if distance < math.inf}


@pytest.fixture
def files(root):
    return root / "examples/shortest-path"


def test_five_node_example_ends_with_its_summary_in_the_bucket(server, files, shortest_path, monkeypatch, tmp_path):
    """register-job-definition, submit-job twice, and the results that the shortest paths of five nodes have."""
    # The jobs find the program on the server's path, as the example's own README has it.
    monkeypatch.setenv("PATH", f"{shortest_path.parent}{os.pathsep}{os.environ['PATH']}")
    running = server()
    jobs = Jobs(running)

    def batch(operation, file):
        return running.aws("batch", operation, "--cli-input-json", f"file://{file}")

    definition = files / "job-definition.json"
    (variable,) = json.loads(definition.read_text())["containerProperties"]["environment"]
    bucket = variable["value"]
    running.aws("s3", "mb", f"s3://{bucket}")
    assert batch("register-job-definition", definition)["revision"] == 1
    array = batch("submit-job", files / "array-job.json")["jobId"]
    # As the README has it: sed "s/ARRAY_JOB_ID/$array/".
    aggregate = tmp_path / "aggregate-job.json"
    aggregate.write_text((files / "aggregate-job.json").read_text().replace("ARRAY_JOB_ID", array))
    dependent = batch("submit-job", aggregate)["jobId"]
    described = running.aws("batch", "describe-jobs", "--jobs", array, dependent)["jobs"]
    assert described[0]["arrayProperties"]["size"] == 5
    assert described[1]["dependsOn"] == [{"jobId": array}]
    jobs.succeed(dependent)

    names = running.aws("s3", "ls", f"s3://{bucket}/").split()[3::4]
    parts = [f"{array}_{index}_shortest-path.spr" for index in range(5)]
    assert sorted(names) == sorted([*parts, f"{array}_summary_shortest-path.json"])
    summary = running.aws("s3", "cp", f"s3://{bucket}/{array}_summary_shortest-path.json", "-")
    expected = distances()
    assert (summary["nodes"], summary["reachable_pairs"]) == (5, len(expected))
    assert summary["mean_distance"] == pytest.approx(sum(expected.values()) / len(expected))
    farthest = summary["max_distance"]
    assert farthest["distance"] == expected[farthest["from"], farthest["to"]] == max(expected.values())
    # Child 1 has origin B.
    lines = jobs.output(jobs.describe(f"{array}:1"))
    start = lines.index("Path from B to A. Cost: 3")
    assert lines[start + 1 : start + 3] == ["E", "A"]
