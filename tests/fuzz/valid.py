"""Requests that the model allows and that often name what exists, so that many of them are carried out."""

import json

ARN = "arn:aws:batch:us-east-1:000000000000"
NAMES = ["default", "host", "alpha", "beta", "gamma-1"]
NEEDS = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]
CONTAINER = {"image": "host", "command": ["true"], "resourceRequirements": NEEDS}
COMPUTE = {
    "type": "EC2", "minvCpus": 0, "maxvCpus": 8, "instanceTypes": ["optimal"], "subnets": ["s"],
    "securityGroupIds": ["g"], "instanceRole": "r",
}  # fmt: skip
MAX_DEPTH = 12


def definitions(fresh):
    """A definition of each kind."""
    named = {"jobDefinitionName": fresh}
    nodes = [{"targetNodes": "0:", "container": CONTAINER}]
    pod = {"containers": [{"image": "i", "resources": {"limits": {"cpu": "1", "memory": "64Mi"}}}]}
    containers = [{"name": "a", **CONTAINER}, {"name": "b", **CONTAINER, "essential": False}]
    return [
        {**named, "type": "container", "containerProperties": CONTAINER},
        {**named, "type": "container", "ecsProperties": {"taskProperties": [{"containers": containers}]}},
        {**named, "type": "container", "eksProperties": {"podProperties": pod}},
        {**named, "type": "multinode", "nodeProperties": {"numNodes": 2, "mainNode": 0, "nodeRangeProperties": nodes}},
    ]


def sensible(choose, known):
    """Requests that the service takes, where what they name exists: {operation: request}."""
    fresh, job = choose(NAMES[2:]), {"jobName": "job", "jobQueue": choose(["default", *NAMES[2:]])}
    order = [{"order": 1, "computeEnvironment": choose(["default", *NAMES[2:]])}]
    shares = {"shareDistribution": [{"shareIdentifier": "a", "weightFactor": 0.5}, {"shareIdentifier": "b*"}]}
    limits = [{"maxCapacity": 3, "capacityUnit": "NUM_INSTANCES"}]
    place = choose(["training", fresh])
    training = {"jobQueueName": place, "jobQueueType": "SAGEMAKER_TRAINING", "priority": 1}
    share = choose(known.quota_shares)
    requests = {
        "SubmitJob": {**job, "jobDefinition": choose(["host", *NAMES[2:]])},
        "RegisterJobDefinition": choose(definitions(fresh)),
        "CreateJobQueue": choose(
            [
                {"jobQueueName": fresh, "priority": 1, "computeEnvironmentOrder": order},
                {**training, "serviceEnvironmentOrder": [{"order": 1, "serviceEnvironment": place}]},
            ]
        ),
        "UpdateJobQueue": {"jobQueue": fresh, "state": choose(["ENABLED", "DISABLED"])},
        "CreateComputeEnvironment": {
            "computeEnvironmentName": fresh, "type": "MANAGED", "state": "ENABLED", "computeResources": COMPUTE,
        },
        "CreateConsumableResource": {"consumableResourceName": fresh, "totalQuantity": 3},
        "UpdateConsumableResource": {"consumableResource": fresh, "operation": choose(["ADD", "REMOVE", "SET"]), "quantity": 1},
        "DescribeConsumableResource": {"consumableResource": fresh},
        "DeleteConsumableResource": {"consumableResource": fresh},
        "ListJobsByConsumableResource": {"consumableResource": fresh},
        "CreateSchedulingPolicy": {"name": fresh, "fairsharePolicy": shares},
        "CreateServiceEnvironment": {
            "serviceEnvironmentName": place, "serviceEnvironmentType": "SAGEMAKER_TRAINING", "capacityLimits": limits,
        },
        "DeregisterJobDefinition": {"jobDefinition": f"{fresh}:{choose([1, 2, 3])}"},
        "CreateQuotaShare": {
            "quotaShareName": fresh, "jobQueue": place, "capacityLimits": limits,
            "resourceSharingConfiguration": {"strategy": choose(["RESERVE", "LEND", "LEND_AND_BORROW"])},
            "preemptionConfiguration": {"inSharePreemption": choose(["ENABLED", "DISABLED"])},
        },
        "DescribeQuotaShare": {"quotaShareArn": share},
        "UpdateQuotaShare": {"quotaShareArn": share, "state": choose(["ENABLED", "DISABLED"])},
        "DeleteQuotaShare": {"quotaShareArn": share},
        "DescribeServiceJob": {"jobId": choose(known.service_jobs).rpartition("/")[2]},
        "SubmitServiceJob": {**job, "jobQueue": place, "serviceJobType": "SAGEMAKER_TRAINING", "serviceRequestPayload": "{}"},
        "GetJobQueueSnapshot": {"jobQueue": fresh},
        "ListJobs": {"jobQueue": job["jobQueue"], "jobStatus": choose(["RUNNABLE", "FAILED", "RUNNING"])},
        "CreateLogGroup": {"logGroupName": fresh},
    }  # fmt: skip
    # Copies: what is made of them is changed.
    return json.loads(json.dumps(requests))


class Known:
    """Ids and ARNs that answers have named, to be named again."""

    def __init__(self):
        self.jobs = ["00000000-0000-4000-8000-000000000000"]
        self.arns = [f"{ARN}:job-queue/default", f"{ARN}:job-definition/host:1", f"{ARN}:compute-environment/default"]
        self.tokens = ["x"]
        self.service_jobs = [f"{ARN}:service-job/{self.jobs[0]}"]
        self.quota_shares = [f"{ARN}:job-queue/training/quota-share/none"]

    def learn(self, value, key=""):
        """Takes ids, ARNs and tokens out of an answer."""
        if isinstance(value, dict):
            for name, each in value.items():
                self.learn(each, name)
        elif isinstance(value, list):
            for each in value[:5]:
                self.learn(each, key)
        elif isinstance(value, str):
            self._keep(key, value)

    def _keep(self, key, value):
        kinds = {"jobId": self.jobs, "nextToken": self.tokens}
        kept = [kinds[key]] if key in kinds else []
        if value.startswith("arn:aws:batch:"):
            kept.append(self.arns)
            special = {":service-job/": self.service_jobs, "quota-share/": self.quota_shares}
            kept += [values for part, values in special.items() if part in value]
        for values in kept:
            if value not in values:
                values.append(value)
                del values[1:-40]


class Valid:
    """Builds valid requests of one model."""

    def __init__(self, model, random, known):
        self.model = model
        self.random = random
        self.known = known

    def request(self, operation):
        """A request of this operation, as a dictionary."""
        value = self._structure(operation.input, 0) if operation.input else {}
        return self._sensible(operation.name, value)

    def _sensible(self, name, value):
        """Half of the creations are such as the service takes: chance alone would rarely find one."""
        if self.random.random() < 0.5:
            return value
        known = sensible(self.random.choice, self.known)
        if name not in known:
            return value
        # With one or two members of chance beside them.
        spare = [member for member in value if member not in known[name]]
        chosen = self.random.sample(spare, min(len(spare), self.random.randrange(3)))
        return {**known[name], **{member: value[member] for member in chosen}}

    def _structure(self, name, depth):
        shape = self.model.shapes[name]
        required = set(shape.get("required", ()))
        chance = 0.5 if depth == 0 else 0.3 if depth < 4 else 0.1
        chosen = {
            member: target
            for member, target in self.model.members(name).items()
            if member in required or self.random.random() < chance
        }
        return {member: self.value(target, member, depth + 1) for member, target in chosen.items()}

    def value(self, name, member="", depth=0):
        """A value of a shape."""
        shape = self.model.shapes[name]
        kind = shape["type"]
        if kind == "structure":
            return self._structure(name, depth)
        if kind == "list":
            low, high = shape.get("min", 0), min(shape.get("max", 3), 3)
            length = self.random.randint(low, max(low, high)) if depth < MAX_DEPTH else low
            return [self.value(shape["member"], member, depth + 1) for _ in range(length)]
        if kind == "map":
            return {self._word(member): self.value(shape["value"], member, depth + 1) for _ in range(self.random.randrange(3))}
        return self._scalar(shape, member)

    def _scalar(self, shape, member):
        kind = shape["type"]
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind in ("integer", "long"):
            low = max(shape.get("min", 0), -5)
            return self.random.choice([low, low + 1, self.random.randint(low, low + 100)])
        if kind in ("float", "double"):
            return self.random.choice([0.5, 1, 2.25])
        if "enum" in shape:
            return self.random.choice(shape["enum"])
        return self._word(member)

    def _word(self, member):
        """A string that fits what the member's name promises."""
        lower = member.lower()
        if "arn" in lower:
            return self.random.choice(self.known.arns)
        if "jobid" in lower or member in ("jobs", "arrayJobId", "multiNodeJobId"):
            return self.random.choice(self.known.jobs) + self.random.choice(["", "", "", ":0", "#0"])
        if lower == "nexttoken":
            return self.random.choice(self.known.tokens)
        if "loggroup" in lower:
            return "/aws/batch/job"
        if "queue" in lower or "environment" in lower or "definition" in lower:
            return self.random.choice([*NAMES, self.random.choice(self.known.arns)])
        if lower in ("type", "state", "status", "action"):
            return self.random.choice(["VCPU", "MEMORY", "GPU", "ENABLED", "RUNNABLE", "CANCEL", "RETRY", "EXIT", "container"])
        return self.random.choice([*NAMES, "1", "64", "Ref::x", "0:1", "/tmp", "a*"])
