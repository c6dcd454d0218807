"""Makes `layout-N.sql` with the binary of some version: `make.py PROGRAM > layout-N.sql`. Uses only what every version has."""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from jobs import Jobs  # noqa: E402
from server import Server  # noqa: E402


def fill(server):
    """Jobs that have ended, one that runs, and some that wait for it."""
    jobs = Jobs(server)
    jobs.succeed(jobs.submit("true", jobName="succeeded"))
    jobs.fail(jobs.submit("false", jobName="failed", retryStrategy={"attempts": 2}))
    jobs.succeed(jobs.submit("true", jobName="array", arrayProperties={"size": 3}))
    running = jobs.submit("sleep", "600", jobName="running", retryStrategy={"attempts": 2})
    jobs.wait(running, "RUNNING")
    after = [{"jobId": running}]
    jobs.submit("true", jobName="dependent", dependsOn=after)
    jobs.submit("true", jobName="dependents", dependsOn=after, arrayProperties={"size": 2})
    big = {"resourceRequirements": [{"type": "VCPU", "value": "4"}]}
    jobs.submit("true", jobName="queued", containerOverrides={"command": ["true"], **big})


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        server = Server(program, Path(directory), vcpus=4).start()
        try:
            fill(server)
            server.stop()
            database = server.data_dir / "longshore.db"
            print(subprocess.run(["sqlite3", database, ".dump"], capture_output=True, text=True, check=True).stdout, end="")
        finally:
            server.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
