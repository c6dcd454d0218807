"""The rules of AWS Batch's behaviour by their ids, and which of them a test says it holds.

A test names the rules that it holds in its docstring, its comments or the table of its cases: `ARR-3`, `RTY-4 to RTY-7`.
pytest makes a marker of them; `pytest --rule ARR-3` runs the tests of one rule."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "conformance"
ONE = r"\b([A-Z][A-Z0-9]*)-([1-9][0-9]*)\b"
RANGE = rf"{ONE} (?:to|through) \1-([1-9][0-9]*)\b"


@dataclass(frozen=True)
class Rule:
    """A rule, as `conformance/rules.txt` has it."""

    id: str
    title: str
    subject: str
    # Why it is out of scope; empty when it is not.
    excluded: str


@cache
def every():
    """All rules by id, in the order of the list."""
    rules, subject, excluded = {}, "", ""
    for line in (FOLDER / "rules.txt").read_text().splitlines():
        if heading := re.fullmatch(r"\[(.+)\](?: out of scope: (.+))?", line):
            subject, excluded = heading[1], heading[2] or ""
        elif line and not line.startswith("#"):
            rule, title = line.split(maxsplit=1)
            assert rule not in rules, f"rules.txt has {rule} twice"
            rules[rule] = Rule(rule, title, subject, excluded)
    return rules


@cache
def untested():
    """The rules that no test holds, each with the reason."""
    lines = (FOLDER / "untested.txt").read_text().splitlines()
    return dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))


def families():
    """What stands before the number in an id."""
    return {rule.partition("-")[0] for rule in every()}


def cited(text):
    """The ids in a text, ranges written out. What has the form of an id but no rule's family is none (`SHA-256`)."""
    found = [(family, number) for family, number in re.findall(ONE, text)]
    for family, first, last in re.findall(RANGE, text):
        found += [(family, number) for number in range(int(first), int(last) + 1)]
    known = families()
    return {f"{family}-{number}" for family, number in found if family in known}


@cache
def tests_of(path):
    """The tests of a Python file, each with the text in which it may name rules: {name: text}. To a test belong the tables
    of its file that its decorators name."""
    text = path.read_text()
    tree = ast.parse(text)
    segment = lambda node: ast.get_source_segment(text, node, padded=True)  # noqa: E731
    tables = {node.targets[0].id: segment(node) for node in tree.body if _is_table(node)}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            decorators = [each for decorator in node.decorator_list for each in ast.walk(decorator)]
            named = [each.id for each in decorators if isinstance(each, ast.Name) and each.id in tables]
            found[node.name] = "\n".join([*map(segment, node.decorator_list), segment(node), *(tables[name] for name in named)])
    return found


def _is_table(node):
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def of_test(path, name):
    """The rules that a test function holds."""
    return cited(tests_of(path).get(name, "")) & set(every())
