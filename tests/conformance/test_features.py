"""README's table of features is true: it is made from the lists, names everything once, and a server answers as it says."""

from collections import Counter

import pytest
import rules
from botocore.exceptions import ClientError
from conformance import features
from conformance.minimal import request_of


def test_readme_has_the_table_that_the_lists_make():
    """Run tests/conformance/features.py to write it anew."""
    text = features.README.read_text()
    assert features.START in text
    assert features.written(text) == text


def test_every_operation_and_every_subject_is_in_one_row():
    assert len(features.operations()) == 48
    named = Counter(name for feature in features.FEATURES for name in feature.operations)
    assert set(named) == features.operations() and set(named.values()) == {1}
    subjects = Counter(subject for feature in features.FEATURES for subject in feature.subjects)
    assert set(subjects) == {rule.subject for rule in rules.every().values() if not rule.excluded}
    assert set(subjects.values()) == {1}


@pytest.mark.parametrize("name", sorted(features.operations()))
def test_operation_is_built_or_says_that_it_is_not(batch, name):
    """WIRE-2, ERR-8."""
    try:
        batch._make_api_call(name, request_of(name))
        message = ""
    except ClientError as error:
        message = error.response["Error"]["Message"]
        assert error.response["Error"]["Code"] == "ClientException", message
    assert ("is not implemented by this version" in message) == (name in features.NOT_BUILT), message
