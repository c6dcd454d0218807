"""Requests that no client would send (spec section 1)."""

import json
import re
import urllib.error
import urllib.request

import pytest

SCOPE = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/batch/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture
def send(shared):
    """Sends any bytes; gives status, headers and the JSON of the answer."""

    def send(path, body, method="POST"):
        headers = {"Authorization": SCOPE, "Content-Type": "application/json"}
        request = urllib.request.Request(shared.endpoint + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.load(error)

    return send


def check_error(answer, status, kind):
    """ERR-1: the type in the header, the text in the body, and an id to ask about."""
    got, headers, body = answer
    assert (got, headers["x-amzn-ErrorType"].partition(":")[0]) == (status, kind), body
    assert headers["Content-Type"] == "application/json" and headers["x-amzn-RequestId"]
    assert body["message"]
    return body["message"]


@pytest.mark.parametrize("path", ["/v1/launchmissiles", "/v2/submitjob", "/v1/"])
def test_unknown_operation_is_named(send, path):
    """ERR-8."""
    assert path in check_error(send(path, b"{}"), 404, "UnknownOperationException")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"jobs": [1,]}', b"\xff\xfe", b'{"jobs": "x"}', b"null"])
def test_malformed_body_is_refused(send, body):
    """ERR-9: or, where it may be read as an empty request, its missing member is named (WIRE-4)."""
    status, headers, answer = send("/v1/describejobs", body)
    kind = headers["x-amzn-ErrorType"]
    assert (status, kind) == (400, "SerializationException") or (body in (b"", b"null") and "jobs" in answer["message"])
    assert answer["message"]


@pytest.mark.parametrize(
    "operation, body, member",
    [
        ("submitjob", {"jobQueue": "default", "jobDefinition": "host"}, "jobName"),
        ("submitjob", {"jobName": "x", "jobQueue": "default"}, "jobDefinition"),
        ("describejobs", {}, "jobs"),
        ("terminatejob", {"jobId": "x"}, "reason"),
        ("createjobqueue", {"jobQueueName": "x"}, "priority"),
        ("registerjobdefinition", {"jobDefinitionName": "x"}, "type"),
    ],
)
def test_missing_member_is_named(send, operation, body, member):
    """WIRE-8, SUB-1."""
    assert member in check_error(send(f"/v1/{operation}", json.dumps(body).encode()), 400, "ClientException")


@pytest.mark.parametrize(
    "operation, body, value",
    [
        ("listjobs", {"jobQueue": "default", "jobStatus": "running"}, "running"),  # WIRE-9: exact case
        ("createjobqueue", {"jobQueueName": "x", "priority": 1, "state": "SLEEPY"}, "SLEEPY"),
        ("registerjobdefinition", {"jobDefinitionName": "x", "type": "sandwich"}, "sandwich"),
    ],
)
def test_unknown_enum_value_is_refused(send, operation, body, value):
    """WIRE-8."""
    assert value in check_error(send(f"/v1/{operation}", json.dumps(body).encode()), 400, "ClientException")


def test_unknown_member_is_ignored(send):
    """WIRE-8."""
    status, _, body = send("/v1/describejobs", b'{"jobs": ["x"], "colour": "blue"}')
    assert (status, body) == (200, {"jobs": []})


def test_empty_answer_is_an_empty_object(send):
    """WIRE-5."""
    status, headers, body = send("/v1/canceljob", b'{"jobId": "x", "reason": "y"}')
    assert (status, body) == (200, {})
    assert headers["Content-Type"] == "application/json"
    assert re.fullmatch("[0-9a-f-]{36}", headers["x-amzn-RequestId"])
