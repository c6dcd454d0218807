"""Containers in a network of their own: AWS's endpoints are there under their usual addresses, other ports of the host are not."""

import http.server
import json
import threading

import pytest
from images import image, save
from jobs import Jobs
from pods import make_queue

ROLE = "arn:aws:iam::000000000000:role/worker"
NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
POST = """wget -qO- --header "Content-Type: application/json" --post-data '{}' $AWS_ENDPOINT_URL/v1/describejobqueues"""


@pytest.fixture
def isolated(server, longshore, tmp_path):
    """A server whose containers have networks of their own, and its jobs."""
    one = server("--network", "isolated")
    save(tmp_path / "tool.tar", "tool:1", {"Env": ["PATH=/bin"]})
    image(longshore, one, "load", tmp_path / "tool.tar")
    jobs = Jobs(one)
    jobs.server = one
    return jobs


@pytest.fixture
def neighbour():
    """A port of the host's loopback that is nobody's business."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"neighbour")

        def log_message(self, *_):
            pass

    one = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=one.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{one.server_port}"
    one.shutdown()


def define(batch, **container):
    properties = {"image": "tool:1", "resourceRequirements": NEEDS, **container}
    made = batch.register_job_definition(jobDefinitionName="apart", type="container", containerProperties=properties)
    return made["jobDefinitionArn"]


def test_endpoints_are_reached_and_the_host_is_not(isolated, neighbour):
    """CRD-1, ENV-2: Batch and S3 under AWS_ENDPOINT_URL, credentials and metadata under 169.254.170.2."""
    batch = isolated.server.client("batch")
    s3 = isolated.server.client("s3")
    s3.create_bucket(Bucket="inputs")
    s3.put_object(Bucket="inputs", Key="word", Body=b"from S3")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "inputs", "Key": "word"})
    script = f"""
        {POST}; echo
        wget -qO- '{url}'; echo
        wget -qO- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; echo
        wget -qO- $ECS_CONTAINER_METADATA_URI_V4/task; echo
        wget -qO- {neighbour} 2>/dev/null || echo kept away
    """
    definition = define(batch, jobRoleArn=ROLE)
    detail = isolated.succeed(isolated.submit("sh", "-c", script, jobDefinition=definition))
    queues, word, credentials, task, neighbours = isolated.output(detail)
    assert json.loads(queues)["jobQueues"][0]["jobQueueName"] == "default"
    assert word == "from S3"
    assert json.loads(credentials)["RoleArn"] == ROLE
    assert json.loads(task)["TaskARN"] == detail["container"]["taskArn"]
    assert neighbours == "kept away"


def test_network_of_the_host_is_the_default(jobs, longshore, shared, tmp_path, neighbour):
    save(tmp_path / "tool.tar", "tool:1", {"Env": ["PATH=/bin"]})
    image(longshore, shared, "load", tmp_path / "tool.tar")
    definition = define(shared.client("batch"))
    detail = jobs.succeed(jobs.submit("sh", "-c", f"wget -qO- {neighbour}", jobDefinition=definition))
    assert jobs.output(detail) == ["neighbour"]


def test_isolated_jobs_follow_the_server_to_another_port(isolated):
    """What a network reaches is what the server is when the job starts."""
    one = isolated.server
    definition = define(one.client("batch"))
    isolated.succeed(isolated.submit("true", jobDefinition=definition))
    one.stop()
    one.port = 0
    one.start()
    jobs = Jobs(one)
    queues = json.loads(jobs.output(jobs.succeed(jobs.submit("sh", "-c", POST, jobDefinition=definition)))[0])
    assert queues["jobQueues"][0]["jobQueueName"] == "default"


@pytest.fixture
def pods(isolated):
    return make_queue(isolated.batch)


def pod(batch, *scripts, **members):
    needs = {"limits": {"cpu": "0.25", "memory": "16Mi"}}
    containers = [
        {"name": f"c{number}", "image": "tool:1", "command": ["sh", "-c", script], "resources": needs}
        for number, script in enumerate(scripts)
    ]
    properties = {"podProperties": {"containers": containers, **members}}
    made = batch.register_job_definition(jobDefinitionName="pod", type="container", eksProperties=properties)
    return made["jobDefinitionArn"]


def test_containers_of_a_pod_see_each_other(isolated, pods):
    """EKS-3: on localhost, as in any pod."""
    serve = "echo served | busybox nc -l -p 7777"
    ask = "until busybox nc 127.0.0.1 7777 < /dev/null 2> /dev/null; do sleep 0.1; done"
    definition = pod(isolated.batch, serve, ask, hostNetwork=False)
    isolated.succeed(isolated.submit(jobDefinition=definition, jobQueue=pods))


def test_pod_that_wants_the_hosts_network_is_told(isolated, pods):
    """EKS-3: what the operator keeps jobs from is refused, not ignored."""
    definition = pod(isolated.batch, "true", hostNetwork=True)
    failed = isolated.fail(isolated.submit(jobDefinition=definition, jobQueue=pods))
    (container,) = failed["eksAttempts"][0]["containers"]
    assert container["reason"].endswith("hostNetwork true: this host keeps containers off its own network")


def test_nodes_reach_each_other(isolated):
    """MNP-4: the main node's address is one in the network that the nodes of a job share."""
    serve = "echo served | busybox nc -l -p 7777"
    ask = "until busybox nc $AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS 7777 < /dev/null 2> /dev/null; do sleep 0.1; done"
    container = {"image": "tool:1", "resourceRequirements": NEEDS}
    ranges = [
        {"targetNodes": "0", "container": {**container, "command": ["sh", "-c", serve]}},
        {"targetNodes": "1", "container": {**container, "command": ["sh", "-c", ask]}},
    ]
    nodes = {"numNodes": 2, "mainNode": 0, "nodeRangeProperties": ranges}
    made = isolated.batch.register_job_definition(jobDefinitionName="nodes", type="multinode", nodeProperties=nodes)
    isolated.succeed(isolated.submit(jobDefinition=made["jobDefinitionArn"]))
