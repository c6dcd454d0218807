"""Requests that no client would send, and all that clients may (spec section 1)."""

import json
import re
import urllib.error
import urllib.request

import botocore.loaders
import botocore.model
import pytest
from botocore.exceptions import ClientError

SCOPE = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/batch/aws4_request, SignedHeaders=host, Signature=0"
MODEL = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("batch", "service-2"), "batch")
BUILT = {
    "CreateComputeEnvironment", "UpdateComputeEnvironment", "DeleteComputeEnvironment", "DescribeComputeEnvironments",
    "CreateJobQueue", "UpdateJobQueue", "DeleteJobQueue", "DescribeJobQueues",
    "RegisterJobDefinition", "DeregisterJobDefinition", "DescribeJobDefinitions",
    "SubmitJob", "DescribeJobs", "ListJobs", "CancelJob", "TerminateJob",
    "CancelJobs", "TerminateJobs", "TagResource", "UntagResource", "ListTagsForResource",
}  # fmt: skip


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


def minimal(shape, depth=0):
    """The smallest value that the model allows."""
    if shape.type_name == "structure":
        return {name: minimal(shape.members[name], depth + 1) for name in shape.required_members}
    if shape.type_name == "list":
        return [minimal(shape.member, depth + 1)]
    enum = getattr(shape, "enum", None)
    values = {"string": "x", "integer": 1, "long": 1, "boolean": True, "map": {}, "double": 1.0, "float": 1.0}
    return enum[0] if enum else values[shape.type_name]


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_every_operation_answers(batch, name):
    """All 48 are routed: those that are not built say so by name; none is unknown or breaks."""
    operation = MODEL.operation_model(name)
    request = minimal(operation.input_shape) if operation.input_shape else {}
    if "resourceArn" in request:
        request["resourceArn"] = "arn:aws:batch:us-east-1:000000000000:job-queue/default"
    try:
        batch._make_api_call(name, request)
        status, message = 200, ""
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ClientException"
        status, message = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Message"]
    assert status in (200, 400, 409)
    if name not in BUILT:
        assert (status, message) == (400, f"The operation {name} is not implemented by this version of Longshore.")
    else:
        assert "not implemented" not in message


def test_model_has_48_operations():
    """The number that the test above stands for."""
    assert len(MODEL.operation_names) == 48 and BUILT < set(MODEL.operation_names)


def test_arns_carry_the_region_of_the_request(shared):
    """SIG-5: one server plays any region."""
    import boto3

    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "thing"}
    batch = boto3.client("batch", endpoint_url=shared.endpoint, region_name="eu-west-3", **keys)
    (queue,) = batch.describe_job_queues(jobQueues=["default"])["jobQueues"]
    assert queue["jobQueueArn"] == "arn:aws:batch:eu-west-3:000000000000:job-queue/default"
