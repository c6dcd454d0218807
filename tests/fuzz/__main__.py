"""`python -m fuzz --seed 7 --count 100000`, in tests/: a long run of the fuzzer against a server of its own."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from fuzz.campaign import Campaign
from fuzz.target import closed_environment
from server import Server


def main():
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--program", type=Path, default=Path(__file__).parent.parent.parent / "target/release/longshore")
    parser.add_argument("--run-jobs", action="store_true", help="let jobs run; rows are then not compared")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    with tempfile.TemporaryDirectory() as directory:
        server = Server(arguments.program, Path(directory), vcpus=4).start()
        try:
            if not arguments.run_jobs:
                closed_environment(server)
            report = Campaign(server, arguments.seed, at_rest=not arguments.run_jobs).run(arguments.count)
        finally:
            server.close()
    for finding in report.findings:
        print(finding)
    print(f"{sum(report.statuses.values())} requests, {dict(report.statuses)}, {len(report.findings)} findings")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
