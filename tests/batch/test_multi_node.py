"""Multi-node parallel jobs: real processes on one host, each node with an address of its own (spec section 9)."""

import sys

import processes
import pytest
from botocore.exceptions import ClientError
from jobs import exit_codes
from waiting import wait_for

SLEEP = ["sleep", "300"]

# Every worker tells the main node its index, over the main node's address; the main node answers, and ends after them.
TALK = """
import os, socket
index, main, count = (int(os.environ["AWS_BATCH_JOB_" + name]) for name in ("NODE_INDEX", "MAIN_NODE_INDEX", "NUM_NODES"))
own = os.environ["LONGSHORE_NODE_ADDRESS"]
if index == main:
    assert "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS" not in os.environ
    server = socket.create_server((own, PORT), backlog=count)
    workers = [server.accept() for _ in range(count - 1)]
    heard = {int(connection.recv(64)): peer[0] for connection, peer in workers}
    print("heard", sorted(heard), "from", len(set(heard.values())), "addresses", flush=True)
    for connection, _ in workers:
        connection.sendall(b"done")
        connection.recv(1)
else:
    address = os.environ["AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS"]
    while True:
        try:
            connection = socket.create_connection((address, PORT), source_address=(own, 0))
            break
        except ConnectionRefusedError:
            pass
    connection.sendall(str(index).encode())
    print("told", connection.recv(64).decode(), flush=True)
"""


def container(*command):
    requirements = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
    return {"image": "host", "command": [str(word) for word in command], "resourceRequirements": requirements}


@pytest.fixture(scope="module")
def register(batch):
    """Registers a definition of as many nodes, the first of them the main one, from (range, command) pairs."""

    def make(name, count, *ranges, main=0, **members):
        properties = [{"targetNodes": target, "container": container(*command)} for target, command in ranges]
        nodes = {"numNodes": count, "mainNode": main, "nodeRangeProperties": properties}
        return batch.register_job_definition(
            jobDefinitionName=name, type="multinode", nodeProperties=nodes, **members
        )["jobDefinitionArn"]

    return make


def node(job, index):
    return f"{job}#{index}"


def shell(script):
    return ["sh", "-c", script]


def submit(jobs, definition, **request):
    return jobs.submit(jobDefinition=definition, **request)


def refusal(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    assert error.value.response["Error"]["Code"] == "ClientException"
    # ERR-2: AWS wraps its texts.
    return error.value.response["Error"]["Message"].split("Exception : ")[-1].split(", RequestId")[0]


def test_nodes_talk_over_their_addresses(jobs, batch, register):
    """MNP-4, MNP-5, MNP-8: workers reach the main node at the address that they were given; its exit ends the job."""
    talk = TALK.replace("PORT", "7077")
    definition = register("talk", 3, ("0:", [sys.executable, "-c", talk]), main=1)
    first, second = (submit(jobs, definition) for _ in range(2))
    for job in (first, second):
        detail = jobs.succeed(job)
        assert jobs.output(jobs.describe(node(job, 1))) == ["heard [0, 2] from 2 addresses"]
        assert exit_codes(detail) == [0]
        for worker in (0, 2):
            assert jobs.output(jobs.describe(node(job, worker)))[0] == "told done"


def test_exit_of_the_main_node_stops_the_others(jobs, register):
    """MNP-5, MNP-10: the job's outcome is the main node's; the others show how they ended."""
    trap = shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done")
    definition = register("main-exits", 3, ("0", shell("sleep 1")), ("1", SLEEP), ("2", trap))
    job = submit(jobs, definition)
    detail = jobs.succeed(job)
    main, killed, trapped = (jobs.describe(node(job, index)) for index in range(3))
    assert (main["status"], exit_codes(main)) == ("SUCCEEDED", [0])
    assert (killed["status"], exit_codes(killed)) == ("FAILED", [143])
    assert (trapped["status"], exit_codes(trapped)) == ("SUCCEEDED", [0])
    for member in ("startedAt", "stoppedAt", "statusReason"):
        assert detail[member] == main[member], member
    assert "isTerminated" not in killed


def test_end_of_another_node_is_ignored(jobs, register, tmp_path):
    """MNP-5: neither failing nor missing nodes fail or stop the job."""
    gate = tmp_path / "gate"
    waiting = shell(f"until test -e {gate}; do sleep 0.05; done")
    definition = register("child-dies", 3, ("0", waiting), ("1", shell("exit 3")), ("2", ["/no/such/program"]))
    job = submit(jobs, definition, retryStrategy={"attempts": 3})
    died, missing = jobs.fail(node(job, 1)), jobs.fail(node(job, 2))
    assert exit_codes(died) == [3]
    assert missing["statusReason"] == "Task failed to start"
    assert jobs.status(job) == "RUNNING"
    gate.touch()
    assert len(jobs.succeed(job)["attempts"]) == 1


def test_failure_of_the_main_node_restarts_every_node(jobs, register, tmp_path):
    """MNP-6: one attempt of every node per attempt of the job, never two at once."""
    count = f'echo "$AWS_BATCH_JOB_ATTEMPT" >> {tmp_path}/"$AWS_BATCH_JOB_NODE_INDEX"'
    main = shell(f'{count}; sleep 0.5; test "$AWS_BATCH_JOB_ATTEMPT" = 3')
    definition = register("retried", 2, ("0", main), ("1", shell(f"{count}; exec sleep 300")))
    job = submit(jobs, definition, retryStrategy={"attempts": 3})
    assert exit_codes(jobs.succeed(job)) == [1, 1, 0]
    assert exit_codes(jobs.describe(node(job, 1))) == [143, 143, 143]
    for index in range(2):
        assert (tmp_path / str(index)).read_text().split() == ["1", "2", "3"]


def test_terminated_job_leaves_no_process(jobs, batch, register):
    """TER-1: every node is stopped and shows the caller's reason."""
    definition = register("terminated", 3, ("0:", shell("sleep 300 & echo $!; wait")))
    job = submit(jobs, definition, retryStrategy={"attempts": 3})

    def pids():
        lines = [jobs.output(jobs.describe(node(job, index))) for index in range(3)]
        return [line[0] for line in lines] if all(lines) else None

    running = wait_for("every node to say its process", pids)
    batch.terminate_job(jobId=job, reason="enough")
    detail = jobs.fail(job)
    assert (detail["statusReason"], detail["isTerminated"], len(detail["attempts"])) == ("enough", True, 1)
    assert [jobs.describe(node(job, index))["statusReason"] for index in range(3)] == ["enough"] * 3
    assert not [pid for pid in running if processes.alive(pid)]


def test_terminated_node_ends_alone_and_the_main_node_ends_the_job(jobs, batch, register):
    """A node beside the main one may end (MNP-5); the main node's end is the job's."""
    job = submit(jobs, register("node-terminated", 3, ("0:", SLEEP)))
    for index in range(3):
        jobs.wait(node(job, index), "RUNNING")
    batch.terminate_job(jobId=node(job, 2), reason="not needed")
    assert jobs.fail(node(job, 2))["statusReason"] == "not needed"
    assert jobs.status(job) == jobs.status(node(job, 1)) == "RUNNING"
    batch.terminate_job(jobId=node(job, 0), reason="enough")
    assert jobs.fail(job)["statusReason"] == "enough"


def test_describe_of_job_and_nodes(jobs, batch, register):
    """MNP-7, DSC-3: what is the job's, and what is each node's."""
    job = submit(jobs, register("described", 2, ("0:", SLEEP), ("1", ["sleep", "200"])))
    details = [jobs.wait(node(job, index), "RUNNING") for index in range(2)]
    parent = jobs.describe(job)
    assert "container" not in parent and "nodeDetails" not in parent
    nodes = parent["nodeProperties"]
    assert (nodes["numNodes"], nodes["mainNode"]) == (2, 0)
    assert [entry["targetNodes"] for entry in nodes["nodeRangeProperties"]] == ["0:", "1"]
    assert nodes["nodeRangeProperties"][1]["container"]["command"] == ["sleep", "200"]
    for index, detail in enumerate(details):
        assert (detail["jobId"], detail["jobArn"]) == (node(job, index), node(parent["jobArn"], index))
        assert detail["nodeDetails"] == {"nodeIndex": index, "isMainNode": index == 0}
        assert "nodeProperties" not in detail and "arrayProperties" not in detail
        assert detail["container"]["command"] == [SLEEP, ["sleep", "200"]][index]
        assert detail["container"]["logStreamName"].startswith("described/default/")
    streams = {detail["container"]["logStreamName"] for detail in details}
    addresses = {detail["container"]["networkInterfaces"][0]["privateIpv4Address"] for detail in details}
    assert len(streams) == len(addresses) == 2
    assert all(address.startswith("127.") for address in addresses)
    assert batch.describe_jobs(jobs=[node(job, 2), f"{job}:0"])["jobs"] == []
    batch.terminate_job(jobId=job, reason="done")
    jobs.fail(job)
    kept = jobs.describe(node(job, 0))["attempts"][0]["container"]["networkInterfaces"]
    assert kept == details[0]["container"]["networkInterfaces"]


def test_listing_of_nodes(jobs, batch, register):
    """MNP-7, LST-7: nodes are listed with their job, and not with the queue."""
    job = submit(jobs, register("listed", 3, ("0:", SLEEP)))
    for index in range(3):
        jobs.wait(node(job, index), "RUNNING")
    listed = batch.list_jobs(multiNodeJobId=job)["jobSummaryList"]
    assert [entry["jobId"] for entry in listed] == [node(job, index) for index in range(3)]
    assert [entry["nodeProperties"] for entry in listed] == [
        {"nodeIndex": index, "isMainNode": index == 0} for index in range(3)
    ]
    assert batch.list_jobs(multiNodeJobId=job, jobStatus="FAILED")["jobSummaryList"] == []
    pages = batch.get_paginator("list_jobs").paginate(multiNodeJobId=job, PaginationConfig={"PageSize": 2})
    assert [len(page["jobSummaryList"]) for page in pages] == [2, 1]
    queue = batch.list_jobs(jobQueue="default")["jobSummaryList"]
    (parent,) = [entry for entry in queue if entry["jobId"].startswith(job)]
    assert (parent["jobId"], parent["nodeProperties"]) == (job, {"numNodes": 3})
    batch.terminate_job(jobId=job, reason="done")
    jobs.fail(job)
    failed = batch.list_jobs(multiNodeJobId=job, jobStatus="FAILED")["jobSummaryList"]
    assert [entry["container"]["exitCode"] for entry in failed] == [143] * 3


def test_overrides_of_nodes(jobs, batch, register):
    """MNP-9, SUB-11: more nodes where a range is open, other commands where a range is named."""
    words = shell('echo "$AWS_BATCH_JOB_NUM_NODES"')
    definition = register("overridden", 2, ("0:", SLEEP), ("0", words))
    override = {"targetNodes": "0", "containerOverrides": {"command": ["echo", "Ref::word"]}}
    request = {"numNodes": 4, "nodePropertyOverrides": [override]}
    job = submit(jobs, definition, nodeOverrides=request, parameters={"word": "hello"})
    detail = jobs.succeed(job)
    assert detail["nodeProperties"]["numNodes"] == 4
    assert detail["nodeProperties"]["nodeRangeProperties"][1]["container"]["command"] == ["echo", "hello"]
    assert jobs.output(jobs.describe(node(job, 0))) == ["hello"]
    assert len(batch.list_jobs(multiNodeJobId=job, jobStatus="FAILED")["jobSummaryList"]) == 3


def test_overrides_that_do_not_line_up_are_refused(jobs, batch, register):
    """MNP-9, SUB-8, SUB-11."""
    open_ended = register("open", 3, ("0", SLEEP), ("1:", SLEEP))
    closed = register("closed", 3, ("0:2", SLEEP))

    def refused(definition, **request):
        return refusal(batch.submit_job, jobName="no", jobQueue="default", jobDefinition=definition, **request)

    strangers = {"nodePropertyOverrides": [{"targetNodes": "0:0"}, {"targetNodes": "5"}]}
    text = "NodeOverride targets should match job definition. Non matching targets - 5"
    assert refused(open_ended, nodeOverrides=strangers) == text
    assert refused(open_ended, nodeOverrides={"numNodes": 1_001}) == "Number of nodes must be between 1 and 1000."
    assert "must be less than numNodes 1" in refused(open_ended, nodeOverrides={"numNodes": 1})
    assert "no upper boundary" in refused(closed, nodeOverrides={"numNodes": 2})
    assert "Array properties" in refused(open_ended, arrayProperties={"size": 2})
    assert "Container overrides" in refused(open_ended, containerOverrides={"command": ["true"]})
    assert "Node overrides" in refused("host", nodeOverrides={"numNodes": 2})


def test_definitions_that_break_the_rules_are_refused(batch, register):
    """MNP-2, section 26.2."""
    for count, ranges, text in [
        (0, ["0:"], "Number of nodes must be between 1 and 1000."),
        (2, ["0"] * 6, "Maximum allowed size of node range properties is 5"),
        (2, ["a:b"], "targetNodes should contain only digits."),
        (2, ["0"], "Node ranges must cover every node from 0 to 1."),
    ]:
        entries = [{"targetNodes": target, "container": container("true")} for target in ranges]
        nodes = {"numNodes": count, "mainNode": 0, "nodeRangeProperties": entries}
        request = {"jobDefinitionName": "no", "type": "multinode", "nodeProperties": nodes}
        assert refusal(batch.register_job_definition, **request) == text
        if count == 2 and len(ranges) == 6:
            fargate = {**request, "platformCapabilities": ["FARGATE"]}
            assert refusal(batch.register_job_definition, **fargate) == "Fargate does not support MNP jobs"
    empty = {"numNodes": 1, "mainNode": 0, "nodeRangeProperties": [{"targetNodes": "0:"}]}
    text = refusal(batch.register_job_definition, jobDefinitionName="no", type="multinode", nodeProperties=empty)
    assert text == "Must specify container for node range 0:"
    text = refusal(batch.register_job_definition, jobDefinitionName="no", type="multinode")
    assert text == "Node properties of multinode job is required."


def test_job_waits_until_there_is_room_for_every_node(server):
    """MNP-4: nothing of a gang runs while one of its nodes has no place."""
    from jobs import Jobs

    small = server(vcpus=3)
    jobs, batch = Jobs(small), small.client("batch")
    nodes = {
        "numNodes": 3,
        "mainNode": 0,
        "nodeRangeProperties": [{"targetNodes": "0:", "container": container("true")}],
    }
    batch.register_job_definition(jobDefinitionName="gang", type="multinode", nodeProperties=nodes)
    first = jobs.shell("sleep 300")
    jobs.wait(first, "RUNNING")
    gang = submit(jobs, "gang")
    jobs.wait(gang, "RUNNABLE")
    assert [jobs.status(node(gang, index)) for index in range(3)] == ["RUNNABLE"] * 3
    batch.terminate_job(jobId=first, reason="make room")
    jobs.succeed(gang)


def test_nodes_outlive_the_server(server, tmp_path):
    """Restarted servers find every node where it was, and the main node's exit still ends the job."""
    from jobs import Jobs

    gate = tmp_path / "gate"
    own = server()
    nodes = {
        "numNodes": 3,
        "mainNode": 0,
        "nodeRangeProperties": [
            {"targetNodes": "0:", "container": container(*SLEEP)},
            {"targetNodes": "0", "container": container(*shell(f"until test -e {gate}; do sleep 0.05; done"))},
        ],
    }
    own.client("batch").register_job_definition(jobDefinitionName="gang", type="multinode", nodeProperties=nodes)
    job = submit(Jobs(own), "gang")
    for index in range(3):
        Jobs(own).wait(node(job, index), "RUNNING")
    own.kill()
    gate.touch()
    own.start()
    jobs = Jobs(own)
    jobs.succeed(job)
    assert [exit_codes(jobs.describe(node(job, index))) for index in range(3)] == [[0], [143], [143]]


def test_dependents_wait_for_jobs_and_nodes(jobs, register):
    """DEP-5: a node counts as ended when its job has."""
    definition = register("first", 2, ("0", ["true"]), ("1", shell("exit 1")))
    job = submit(jobs, definition)
    after_job = jobs.submit("true", dependsOn=[{"jobId": job}])
    after_good = jobs.submit("true", dependsOn=[{"jobId": node(job, 0)}])
    after_bad = jobs.submit("true", dependsOn=[{"jobId": node(job, 1)}])
    jobs.succeed(after_job)
    jobs.succeed(after_good)
    assert jobs.fail(after_bad)["statusReason"] == "Dependent Job failed"
