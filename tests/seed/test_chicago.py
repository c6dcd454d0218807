"""The main job at its size: a metropolitan network over 32 children, against one process and against Boost."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from jobs import Jobs

CHILDREN = 32
NAME = "ChicagoRegional_net.tntp"
NODES = 12_982


@pytest.fixture(scope="module")
def network(root, shortest_path, tmp_path_factory):
    """ChicagoRegional from LONGSHORE_DATA, or where it is not to be had a generated network of its size."""
    folder = Path(os.environ.get("LONGSHORE_DATA") or root.parent / "shared/data/networks")
    path = folder / NAME
    if path.exists():
        print(f"network: {path}")
        return path
    path = tmp_path_factory.mktemp("network") / "generated_net.tntp"
    subprocess.run([shortest_path, "generate", "--nodes", str(NODES), "--output", path], check=True, timeout=60)
    print(f"network: {path}, generated, as there is no {folder / NAME}")
    return path


@pytest.fixture(scope="module")
def boost(root, network, tmp_path_factory):
    """Boost's checksum of all distances: two processes, each over half of the origins, started before the jobs."""
    folder = tmp_path_factory.mktemp("boost")
    source = root / "bench/shortest-path/boost.cpp"
    program = folder / "boost"
    subprocess.run(["g++", "-O3", "-std=c++17", "-o", program, source], check=True, timeout=110)
    nodes = next(
        int(line.rpartition(">")[2]) for line in network.read_text().splitlines() if line.startswith("<NUMBER OF NODES>")
    )
    shares = [(0, nodes // 2), (nodes // 2, nodes - nodes // 2)]
    halves = [
        subprocess.Popen(
            [program, network, "free-flow-time", "csr", str(first), str(count), "-"], stdout=subprocess.PIPE, text=True
        )
        for first, count in shares
    ]

    def checksum():
        results = [json.loads(half.communicate()[0]) for half in halves]
        assert sum(result["origins"] for result in results) == nodes
        total = sum(int(result["checksum"], 16) for result in results) % (1 << 64)
        return f"{total:016x}", sum(result["pairs"] for result in results)

    yield checksum
    for half in halves:
        half.kill()
        half.wait()


@pytest.fixture(scope="module")
def alone(network, shortest_path, tmp_path_factory):
    """The summary of a single process."""
    folder = tmp_path_factory.mktemp("alone")
    subprocess.run(
        [shortest_path, "paths", "--network", network, "--output", folder], check=True, timeout=110, capture_output=True
    )
    done = subprocess.run(
        [shortest_path, "aggregate", "--input", folder, "--json"], check=True, timeout=60, capture_output=True
    )
    return json.loads(done.stdout)


@pytest.mark.timeout(240)
def test_network_over_32_children_gives_the_checksum_of_one_process_and_of_boost(
    server, network, shortest_path, alone, boost
):
    """Every distance is the same however the origins are split, and the same as Boost's."""
    running = server(vcpus=4)
    jobs, s3 = Jobs(running), running.client("s3")
    s3.create_bucket(Bucket="results")
    s3.upload_file(str(network), "results", "in/network.tntp")
    own = [{"name": "BUCKET_NAME", "value": "results"}, {"name": "NETWORK", "value": "s3://results/in/network.tntp"}]
    command = {"command": [str(shortest_path), "paths"], "environment": own}
    array = jobs.submit(jobName="paths", arrayProperties={"size": CHILDREN}, containerOverrides=command)
    joined = jobs.submit(
        jobName="aggregate",
        dependsOn=[{"jobId": array}],
        containerOverrides={
            "command": [str(shortest_path), "aggregate"],
            "environment": [*own, {"name": "ARRAY_JOB_ID", "value": array}],
        },
    )
    jobs.succeed(joined, timeout=200)
    body = s3.get_object(Bucket="results", Key=f"{array}_summary_shortest-path.json")["Body"].read()
    summary = json.loads(body)
    assert summary == alone
    assert (summary["checksum"], summary["reachable_pairs"]) == boost()
    print(f"{summary['reachable_pairs']} pairs, checksum {summary['checksum']}")
