"""A registry with NUMBER images of busybox that share no layer. Prints their references as JSON, and serves them until its
standard input ends. `registry.py FOLDER NUMBER`"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from registry import Registry  # noqa: E402


def main(folder, number):
    registry = Registry(Path(folder))
    try:
        config = {"Env": ["PATH=/bin"], "Cmd": ["true"]}
        made = [registry.push(f"cold-{index}:1", config, f"own-{index}")[0] for index in range(int(number))]
        print(json.dumps(made), flush=True)
        sys.stdin.read()
    finally:
        registry.close()


main(*sys.argv[1:])
