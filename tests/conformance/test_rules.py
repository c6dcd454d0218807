"""The list of rules and the tests agree: every rule has a test or a reason for having none."""

import pytest
import rules
from conformance.coverage import holders

MOST_UNTESTED = 80


@pytest.fixture(scope="module")
def held():
    return holders()


def test_every_rule_has_a_test_or_a_reason(held):
    """Run tests/conformance/coverage.py to see which test holds which rule."""
    missing = [
        f"{rule} ({entry.title})"
        for rule, entry in rules.every().items()
        if not (entry.excluded or rule in held or rule in rules.untested())
    ]
    assert not missing, f"neither a test nor a line in untested.txt: {', '.join(missing)}"


def test_no_rule_has_both_a_test_and_a_reason_to_have_none(held):
    both = {rule: held[rule] for rule in rules.untested() if rule in held}
    assert not both, f"take these lines out of untested.txt: {both}"


def test_rules_that_tests_name_exist(held):
    unknown = {rule: tests for rule, tests in held.items() if rule not in rules.every()}
    assert not unknown


def test_reasons_are_given_for_rules_that_exist_and_are_few():
    assert set(rules.untested()) <= set(rules.every())
    assert all(len(reason) > 15 for reason in rules.untested().values())
    assert len(rules.untested()) <= MOST_UNTESTED
