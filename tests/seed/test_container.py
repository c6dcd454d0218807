"""The main job in containers: an image built in two stages, pushed to a registry with users, run as an array and its aggregation."""

import json
import subprocess

import pytest
from jobs import Jobs
from registry import Registry

CHILDREN = 8
NODES = 2_000
USER, PASSWORD = "builder", "let-me-in"


@pytest.fixture
def registry(tmp_path):
    (tmp_path / "registry").mkdir()
    made = Registry(tmp_path / "registry", users={USER: PASSWORD})
    yield made
    made.close()


@pytest.fixture
def image(root, registry):
    """The example's image, in the registry."""
    local, reference = "localhost/shortest-path:1", f"{registry.address}/examples/shortest-path:1"
    subprocess.run([root / "examples/shortest-path/build-image.sh", local], check=True, timeout=1_200)
    push = ["buildah", "push", "--quiet", "--tls-verify=false", "--creds", registry.login(), local]
    subprocess.run([*push, f"docker://{reference}"], check=True, timeout=120)
    return reference


def alone(shortest_path, network, folder):
    """The summary of a single process."""
    paths = [shortest_path, "paths", "--network", network, "--output", folder]
    subprocess.run(paths, check=True, timeout=110, capture_output=True)
    aggregate = [shortest_path, "aggregate", "--input", folder, "--json"]
    return json.loads(subprocess.run(aggregate, check=True, timeout=60, capture_output=True).stdout)


@pytest.mark.timeout(1_500)
def test_image_of_the_example_computes_what_a_process_does(server, shortest_path, image, tmp_path):
    """ENV-3, ENV-4, SEC-2: entry point of the image, arguments and variables of the jobs, a registry that wants a login."""
    network = tmp_path / "network.tntp"
    generate = [shortest_path, "generate", "--nodes", str(NODES), "--seed", "1", "--output", network]
    subprocess.run(generate, check=True, timeout=60)
    (tmp_path / "secrets.json").write_text(json.dumps({"login": {"username": USER, "password": PASSWORD}}))
    running = server("--secrets", str(tmp_path / "secrets.json"), vcpus=4)
    jobs, s3 = Jobs(running), running.client("s3")
    s3.create_bucket(Bucket="results")
    s3.upload_file(str(network), "results", "in/network.tntp")
    own = [{"name": "BUCKET_NAME", "value": "results"}, {"name": "NETWORK", "value": "s3://results/in/network.tntp"}]
    container = {
        "image": image,
        "environment": own,
        "readonlyRootFilesystem": True,
        "user": "1000",
        "executionRoleArn": "arn:aws:iam::000000000000:role/agent",
        "repositoryCredentials": {"credentialsParameter": "login"},
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "128"}],
    }
    made = jobs.batch.register_job_definition(
        jobDefinitionName="shortest-path", type="container", containerProperties=container
    )["jobDefinitionArn"]
    array = jobs.submit(jobDefinition=made, arrayProperties={"size": CHILDREN})
    overrides = {"command": ["aggregate"], "environment": [*own, {"name": "ARRAY_JOB_ID", "value": array}]}
    joined = jobs.submit(jobDefinition=made, dependsOn=[{"jobId": array}], containerOverrides=overrides)
    jobs.succeed(joined, timeout=200)
    body = s3.get_object(Bucket="results", Key=f"{array}_summary_shortest-path.json")["Body"].read()
    (tmp_path / "alone").mkdir()
    assert json.loads(body) == alone(shortest_path, network, tmp_path / "alone")
