"""Parts that job definitions of the tests are made of."""

NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
FARGATE_NEEDS = [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}]
ROLE = "arn:aws:iam::000000000000:role/r"
CONTAINER = {"image": "host", "command": ["true"], "resourceRequirements": NEEDS}


def plain(**members):
    """A definition with one container, with these members of the container changed or, where None, left out."""
    merged = {**CONTAINER, **members}
    return {"containerProperties": {name: value for name, value in merged.items() if value is not None}}


def fargate(**members):
    base = {"resourceRequirements": FARGATE_NEEDS, "executionRoleArn": ROLE}
    return {"platformCapabilities": ["FARGATE"], **plain(**{**base, **members})}


def container(name="a", **members):
    return {"name": name, **CONTAINER, **members}


def task(*containers, **members):
    """A definition with several containers."""
    return {"ecsProperties": {"taskProperties": [{"containers": list(containers), **members}]}}


def pod(*containers, **members):
    return {"eksProperties": {"podProperties": {"containers": list(containers), **members}}}


def kube(name="c", resources=None, **members):
    resources = resources or {"limits": {"cpu": "1", "memory": "64Mi"}}
    return {"name": name, "image": "busybox", "resources": resources, **members}


def nodes(count, *ranges, main=0):
    """A multi-node definition: ranges are `targetNodes` strings or whole properties."""
    whole = [{"targetNodes": each, "container": CONTAINER} if isinstance(each, str) else each for each in ranges]
    properties = {"numNodes": count, "mainNode": main, "nodeRangeProperties": whole}
    return {"type": "multinode", "nodeProperties": properties}
