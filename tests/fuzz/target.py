"""A server made ready for the fuzzer."""

from waiting import wait_for


def closed_environment(server):
    """Disables the environment `default`, so that jobs are taken and none starts."""
    batch = server.client("batch")
    batch.update_compute_environment(computeEnvironment="default", state="DISABLED")

    def settled():
        (found,) = batch.describe_compute_environments(computeEnvironments=["default"])["computeEnvironments"]
        return (found["state"], found["status"]) == ("DISABLED", "VALID")

    wait_for("the environment to be disabled", settled)
