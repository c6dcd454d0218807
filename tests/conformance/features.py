"""README's table of features, made from the lists of rules and operations: `python tests/conformance/features.py` writes it,
`test_features.py` fails when it is not what this makes of them, or when a server answers otherwise."""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import rules  # noqa: E402

README = ROOT / "README.md"
START, END = "<!-- features: made by tests/conformance/features.py -->", "<!-- features end -->"


@dataclass(frozen=True)
class Feature:
    """A row: what it is, how far it goes, its operations, and the subjects of its rules."""

    title: str
    state: str
    operations: tuple = ()
    subjects: tuple = ()


SERVICES = (
    "CreateServiceEnvironment",
    "UpdateServiceEnvironment",
    "DeleteServiceEnvironment",
    "DescribeServiceEnvironments",
    "SubmitServiceJob",
    "UpdateServiceJob",
    "DescribeServiceJob",
    "ListServiceJobs",
    "TerminateServiceJob",
    "TerminateServiceJobs",
    "CreateQuotaShare",
    "UpdateQuotaShare",
    "DeleteQuotaShare",
    "DescribeQuotaShare",
    "ListQuotaShares",
)
FEATURES = (
    Feature("Submitting", "complete", ("SubmitJob",), ("Submitting",)),
    Feature(
        "Lives of jobs",
        "arrays, dependencies, retries, timeouts: complete",
        subjects=("Job states", "Retries", "Timeouts", "Dependencies", "Arrays"),
    ),
    Feature("Reading jobs", "complete", ("DescribeJobs", "ListJobs"), ("Reading",)),
    Feature("Ending jobs", "complete", ("CancelJob", "TerminateJob", "CancelJobs", "TerminateJobs"), ("Stopping",)),
    Feature("Running jobs", "processes of this host, and containers by a launcher of its own, crun, runc, Docker or Podman", subjects=("Running",)),
    Feature("Several containers", "complete", subjects=("Several containers",)),
    Feature("Multi-node jobs", "complete; every node is on this host", subjects=("Multi-node jobs",)),
    Feature(
        "Fargate, managed instances, Kubernetes",
        "checked as AWS does; all of them run on this host",
        subjects=("Fargate", "Managed instances", "Kubernetes pods"),
    ),
    Feature(
        "Definitions",
        "complete",
        ("RegisterJobDefinition", "DeregisterJobDefinition", "DescribeJobDefinitions"),
        ("Definitions",),
    ),
    Feature(
        "Environments",
        "complete; all hosts are this one",
        (
            "CreateComputeEnvironment",
            "UpdateComputeEnvironment",
            "DeleteComputeEnvironment",
            "DescribeComputeEnvironments",
        ),
        ("Environments",),
    ),
    Feature(
        "Queues, scheduling",
        "complete",
        ("CreateJobQueue", "UpdateJobQueue", "DeleteJobQueue", "DescribeJobQueues", "GetJobQueueSnapshot"),
        ("Queues", "Scheduling"),
    ),
    Feature(
        "Fair share",
        "complete",
        (
            "CreateSchedulingPolicy",
            "UpdateSchedulingPolicy",
            "DeleteSchedulingPolicy",
            "DescribeSchedulingPolicies",
            "ListSchedulingPolicies",
        ),
        ("Fair share",),
    ),
    Feature(
        "Consumable resources",
        "complete",
        (
            "CreateConsumableResource",
            "UpdateConsumableResource",
            "DeleteConsumableResource",
            "DescribeConsumableResource",
            "ListConsumableResources",
            "ListJobsByConsumableResource",
        ),
        ("Consumable resources",),
    ),
    Feature(
        "Service jobs, quota shares",
        "kept and shown; there is no SageMaker to run them",
        SERVICES,
        ("Service jobs and quota shares",),
    ),
    Feature("Tags", "complete", ("TagResource", "UntagResource", "ListTagsForResource"), ("Tags",)),
    Feature("Events", "complete; to webhooks and `longshore events`", subjects=("Events",)),
    Feature("CloudWatch Logs, STS", "what readers of job output call", subjects=("Logs and STS",)),
    Feature("Wire, errors, pages, signatures", "complete", subjects=("Wire", "Signatures")),
    Feature("What Terraform and CloudFormation poll", "complete", subjects=("Polling tools",)),
)
# Known, and answered with an error that says so.
NOT_BUILT = frozenset()


def operations():
    """All operations of the model."""
    return set(json.loads((ROOT / "model/batch.json").read_text())["operations"])


def row(feature):
    """A line of the table."""
    built = [name for name in feature.operations if name not in NOT_BUILT]
    state = feature.state if built or not feature.operations else "not yet"
    named = ", ".join(name if name in built else f"*{name}*" for name in feature.operations)
    ids = [rule.id for rule in rules.every().values() if rule.subject in feature.subjects]
    untested = [rule for rule in ids if rule in rules.untested()]
    held = f"{len(ids) - len(untested)} of {len(ids)}"
    return f"| {feature.title} | {state} | {named} | {held} |"


def remarks():
    """What stands below the table."""
    missing = "Operations in italics answer that this version does not have them. " if NOT_BUILT else ""
    reasons = {rule.subject: rule.excluded for rule in rules.every().values() if rule.excluded}
    return f"{missing}Out of scope, for reasons that the list of rules gives: {', '.join(reasons)}."


def table():
    head = ["| | state | operations | rules tested |", "|---|---|---|---|"]
    return "\n".join([START, *head, *map(row, FEATURES), "", remarks(), END])


def written(text):
    """README with the table in its place."""
    return re.sub(f"{re.escape(START)}.*{re.escape(END)}", lambda _: table(), text, flags=re.S)


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
