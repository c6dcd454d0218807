"""`python -m chaos --kills 1000`, in tests/: a long run of chaos on real processes against a server of its own."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from chaos.campaign import Campaign


def main():
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="makes the plan: which faults, when")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="end after the round in which these are over")
    parser.add_argument("--program", type=Path, default=Path(__file__).parent.parent.parent / "target/release/longshore")
    parser.add_argument("--keep", type=Path, help="run in this directory and leave it")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    end = time.monotonic() + 60 * arguments.minutes
    start = time.time()

    def say(text):
        print(f"{time.time() - start:8.1f} {text}", file=sys.stderr, flush=True)

    def run(directory):
        return Campaign(arguments.program, directory, arguments.seed, say).run(
            arguments.kills, enough=lambda: time.monotonic() > end
        )

    if arguments.keep:
        arguments.keep.mkdir(parents=True)
        totals = run(arguments.keep)
    else:
        with tempfile.TemporaryDirectory() as directory:
            totals = run(Path(directory))
    for violation in totals.violations:
        print(violation)
    print(totals.line(arguments.seed))
    return 1 if totals.violations else 0


if __name__ == "__main__":
    sys.exit(main())
