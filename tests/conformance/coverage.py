"""Which rules are held by which tests: `python tests/conformance/coverage.py [RULE...]`.

Reads the sources: functions `test_*` of the Python tests, and the test files of the Rust crates."""

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import rules  # noqa: E402

RUST = ("core", "api", "adapters", "apps")
SNAKE = re.compile(rf"(?:(?<=_)|\b)({'|'.join(rules.families())})_([1-9][0-9]*)(?=_|\b)")


def python_tests():
    """(name, source) of every Python test."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, text in rules.tests_of(path).items():
            yield f"{path.relative_to(ROOT)}::{name}", text


def rust_tests():
    """(name, text that may name rules) of every Rust test: its name (`mc_1_mc_2_refusals`), and its file's comments."""
    for ring in RUST:
        for path in sorted((ROOT / ring).rglob("*.rs")):
            if "tests" in (path.stem, *(part for part in path.parent.parts[len(ROOT.parts) :])):
                name, text = str(path.relative_to(ROOT)), path.read_text()
                yield name, text
                for test in re.findall(r"\bfn (\w+)\(", text):
                    yield f"{name}::{test}", SNAKE.sub(r" \1-\2 ", test.upper())


def holders():
    """The tests by the rules that they name: {id: [test]}."""
    found = defaultdict(list)
    for name, source in [*python_tests(), *rust_tests()]:
        for rule in rules.cited(source):
            found[rule].append(name)
    return found


def main():
    found = holders()
    for rule in sys.argv[1:] or rules.every():
        entry = rules.every()[rule]
        state = entry.excluded and f"out of scope: {entry.excluded}" or rules.untested().get(rule, "")
        print(f"{rule:<9}{entry.title}")
        for line in found[rule] or [f"({state or 'NO TEST'})"]:
            print(f"         {line}")


if __name__ == "__main__":
    main()
