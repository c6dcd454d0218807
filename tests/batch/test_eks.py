"""EKS jobs: pods as tasks of real processes (spec section 14)."""

import pytest
from botocore.exceptions import ClientError
from pods import CLUSTER, make_queue

NEEDS = {"limits": {"cpu": "1", "memory": "64Mi"}}


def container(name, script, **members):
    return {"name": name, "image": "host", "command": ["sh", "-c", script], "resources": NEEDS, **members}


@pytest.fixture(scope="module")
def pods(batch):
    return make_queue(batch)


@pytest.fixture
def register(batch, request):
    """Registers a pod of these containers."""
    name = "pod-" + request.node.name[:100]

    def register(*containers, init=(), **members):
        pod = {"containers": list(containers), **members}
        if init:
            pod["initContainers"] = list(init)
        batch.register_job_definition(jobDefinitionName=name, type="container", eksProperties={"podProperties": pod})
        return name

    return register


@pytest.fixture
def submit(jobs, pods, register):
    """Submits a job of a pod of these containers."""

    def submit(*containers, job=None, **pod):
        return jobs.submit(jobQueue=pods, jobDefinition=register(*containers, **pod), **(job or {}))

    return submit


def ends(listed):
    return {one["name"]: one.get("exitCode") for one in listed}


def test_init_containers_run_in_turn_before_the_others(submit, jobs, tmp_path):
    """EKS-1, DSC-5, EKS-8"""
    file = tmp_path / "log"
    job = submit(
        container("a", f"cat {file}; echo a >> {file}"),
        init=[container("one", f"echo one >> {file}"), container("two", f"echo two >> {file}")],
    )
    detail = jobs.succeed(job)
    assert file.read_text().split() == ["one", "two", "a"]
    pod = detail["eksProperties"]["podProperties"]
    assert (ends(pod["initContainers"]), ends(pod["containers"])) == ({"one": 0, "two": 0}, {"a": 0})
    (attempt,) = detail["eksAttempts"]
    assert attempt["podName"] == pod["podName"] and pod["podName"].startswith("aws-batch.")
    assert (attempt["podNamespace"], attempt["eksClusterArn"]) == ("ours", CLUSTER)
    assert "container" not in detail and not detail.get("attempts")


def test_job_succeeds_only_when_every_container_exits_with_zero(submit, jobs, tmp_path):
    """EKS-1: the first one to end does not end the others."""
    file = tmp_path / "done"
    detail = jobs.fail(submit(container("quick", "exit 3"), container("slow", f"sleep 0.5; touch {file}")))
    assert file.exists()
    assert ends(detail["eksAttempts"][0]["containers"]) == {"quick": 3, "slow": 0}


def test_failed_init_container_keeps_the_others_from_running(submit, jobs, tmp_path):
    """EKS-1"""
    file = tmp_path / "never"
    detail = jobs.fail(submit(container("a", f"touch {file}"), init=[container("one", "exit 7")]))
    assert not file.exists()
    assert ends(detail["eksAttempts"][0]["initContainers"]) == {"one": 7}


def test_overrides_and_parameters_reach_the_container_that_they_name(submit, jobs, tmp_path):
    """EKS-9, SUB-8"""
    file = tmp_path / "out"
    override = {"containers": [{"name": "b", "env": [{"name": "WORD", "value": "over"}], "args": ["Ref::last"]}]}
    plain = container("b", f'echo $WORD $0 > {file}', env=[{"name": "WORD", "value": "plain"}], args=["first"])
    job = {"eksPropertiesOverride": {"podProperties": override}, "parameters": {"last": "second"}}
    detail = jobs.succeed(submit(container("a", "true"), plain, job=job))
    assert file.read_text().split() == ["over", "second"]
    shown = {one["name"]: one for one in detail["eksProperties"]["podProperties"]["containers"]}
    assert shown["b"]["args"] == ["second"] and shown["a"]["args"] == []


def test_retries_are_attempts_of_their_own(submit, jobs):
    """DSC-5, RTY-1"""
    detail = jobs.fail(submit(container("a", "exit 1"), job={"retryStrategy": {"attempts": 2}}))
    names = [attempt["podName"] for attempt in detail["eksAttempts"]]
    assert len(set(names)) == 2


def test_terminated_pod_ends_all_its_containers(submit, jobs, batch):
    """TER-1."""
    job = submit(container("a", "sleep 300"), container("b", "sleep 300"))
    jobs.wait(job, "RUNNING")
    batch.terminate_job(jobId=job, reason="enough")
    detail = jobs.fail(job)
    assert detail["statusReason"] == "enough"
    assert set(ends(detail["eksAttempts"][0]["containers"])) == {"a", "b"}


def test_nodes_can_be_pods(jobs, pods, batch, tmp_path):
    """MNP-1, MNP-8"""
    pod = {"containers": [container("a", f"touch {tmp_path}/$AWS_BATCH_JOB_NODE_INDEX")]}
    ranges = [{"targetNodes": "0:", "eksProperties": {"podProperties": pod}}]
    nodes = {"numNodes": 2, "mainNode": 0, "nodeRangeProperties": ranges}
    batch.register_job_definition(jobDefinitionName="nodes-of-pods", type="multinode", nodeProperties=nodes)
    job = jobs.submit(jobQueue=pods, jobDefinition="nodes-of-pods")
    detail = jobs.succeed(job)
    assert detail["nodeProperties"]["nodeRangeProperties"][0]["eksProperties"]["podProperties"]["containers"]
    main = jobs.describe(f"{job}#0")
    assert ends(main["eksAttempts"][0]["containers"]) == {"a": 0}
    assert "0" in {file.name for file in tmp_path.iterdir()}


def test_pods_and_containers_need_queues_of_their_kind(register, pods, batch):
    """SUB-5, CE-8: environments of EKS clusters are taken, and queues of them are for pods."""
    name = register(container("a", "true"))
    text = "Job Queue is attached to Compute Environment that can not run Jobs with capability"
    with pytest.raises(ClientError, match=f"{text} EKS"):
        batch.submit_job(jobName="j", jobQueue="default", jobDefinition=name)
    with pytest.raises(ClientError, match=f"{text} EC2"):
        batch.submit_job(jobName="j", jobQueue=pods, jobDefinition="host")
