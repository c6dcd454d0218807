"""Jobs that take over half a minute because the rules say so: submitted first, awaited last."""

IGNORES_TERM = "trap '' TERM; echo ready; while :; do sleep 1; done"
TIMEOUT = {"attemptDurationSeconds": 60}


def two_nodes(batch):
    """A definition of two nodes that wait for ever."""
    needs = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
    container = {"image": "host", "command": ["sleep", "300"], "resourceRequirements": needs}
    ranges = [{"targetNodes": "0:", "container": container}]
    return batch.register_job_definition(
        jobDefinitionName="two-nodes",
        type="multinode",
        nodeProperties={"numNodes": 2, "mainNode": 0, "nodeRangeProperties": ranges},
    )["jobDefinitionArn"]


def submit(jobs):
    """Submits them all; gives their ids by name."""
    ids = {
        "times out": jobs.shell(
            "trap 'echo asked to stop; exit 143' TERM; while :; do sleep 0.1; done",
            timeout=TIMEOUT,
            retryStrategy={"attempts": 3},
        ),
        "times out, deaf": jobs.shell(IGNORES_TERM, timeout=TIMEOUT, retryStrategy={"attempts": 3}),
        "array times out": jobs.array(
            2,
            "test $AWS_BATCH_JOB_ARRAY_INDEX.$AWS_BATCH_JOB_ATTEMPT = 1.1 && sleep 10 && exit 1; while :; do sleep 0.1; done",
            timeout=TIMEOUT,
            retryStrategy={"attempts": 2},
        ),
        "terminated, deaf": jobs.shell(IGNORES_TERM, retryStrategy={"attempts": 3}),
        "nodes time out": jobs.submit(jobDefinition=two_nodes(jobs.batch), retryStrategy={"attempts": 3}, timeout=TIMEOUT),
    }
    # Not before it is deaf.
    from waiting import wait_for

    deaf = ids["terminated, deaf"]
    wait_for("the trap to be set", lambda: jobs.output(jobs.describe(deaf)) == ["ready"])
    jobs.batch.terminate_job(jobId=deaf, reason="enough")
    return ids
