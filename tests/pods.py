"""A queue that takes pods: its environment is an EKS cluster (CE-8)."""

from waiting import wait_for

CLUSTER = "arn:aws:eks:eu-west-1:123456789012:cluster/ours"
NAMESPACE = "ours"
QUEUE = "pods"


def make_queue(batch):
    batch.create_compute_environment(
        computeEnvironmentName="cluster",
        type="MANAGED",
        eksConfiguration={"eksClusterArn": CLUSTER, "kubernetesNamespace": NAMESPACE},
        computeResources={
            "type": "EC2",
            "maxvCpus": 64,
            "minvCpus": 0,
            "allocationStrategy": "BEST_FIT_PROGRESSIVE",
            "instanceTypes": ["m5"],
            "subnets": ["subnet-1"],
            "securityGroupIds": ["sg-1"],
            "instanceRole": "arn:aws:iam::123456789012:instance-profile/eks",
        },
    )

    def valid():
        (found,) = batch.describe_compute_environments(computeEnvironments=["cluster"])["computeEnvironments"]
        return found["status"] == "VALID"

    wait_for("the environment to be VALID", valid)
    order = [{"order": 1, "computeEnvironment": "cluster"}]
    batch.create_job_queue(jobQueueName=QUEUE, priority=1, jobQueueType="EKS", computeEnvironmentOrder=order)
    return QUEUE
