"""One request in the forms in which different clients send it: checklist item 15."""

import http.client
import json
from urllib.parse import quote

import boto3
import pytest
from botocore.client import Config
from botocore.exceptions import ClientError

ARN = "arn:aws:batch:us-east-1:000000000000:job-queue/default"
SCOPE = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/batch/aws4_request, SignedHeaders=host, Signature=0"
FORMS = [quote(ARN, safe=""), quote(ARN, safe=":"), quote(ARN, safe=":/"), quote(ARN, safe="/"), quote(ARN, safe="").lower()]


@pytest.fixture
def send(shared):
    """Sends a request just as it stands; gives status, headers and document."""

    def send(method, path, body=None, **headers):
        connection = http.client.HTTPConnection(shared.endpoint.removeprefix("http://"), timeout=20)
        connection.putrequest(method, path)
        connection.putheader("Authorization", SCOPE)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        data = json.dumps(body).encode() if body is not None else b""
        if method == "POST":
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data or None)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, answer.headers, json.loads(text)

    return send


@pytest.mark.parametrize("form", FORMS)
def test_arn_in_the_path_is_read_in_every_encoding(send, form):
    """WIRE-3, WIRE-2: as a whole, or with its slash or its colons left alone."""
    status, _, body = send("POST", f"/v1/tags/{form}", {"tags": {"form": "x"}})
    assert (status, body) == (200, {})
    status, _, body = send("GET", f"/v1/tags/{form}")
    assert (status, body["tags"]["form"]) == (200, "x")
    status, _, body = send("DELETE", f"/v1/tags/{form}?tagKeys=form&tagKeys=never")
    assert (status, body) == (200, {})
    assert send("GET", f"/v1/tags/{form}")[2] == {"tags": {}}


def test_keys_to_untag_are_repeated_and_percent_encoded(send):
    """WIRE-2, WIRE-3, TAG-2."""
    send("POST", f"/v1/tags/{FORMS[0]}", {"tags": {"a b": "1", "c/d": "2", "e": "3"}})
    status, _, _ = send("DELETE", f"/v1/tags/{FORMS[0]}?tagKeys=a%20b&tagKeys=c%2Fd")
    assert status == 200
    assert send("GET", f"/v1/tags/{FORMS[0]}")[2] == {"tags": {"e": "3"}}
    send("DELETE", f"/v1/tags/{FORMS[0]}?tagKeys=e")


@pytest.mark.parametrize("kind", ["application/json", "application/x-amz-json-1.1", "application/json; charset=UTF-8", "text/plain", None])
def test_content_type_is_not_what_decides(send, kind):
    """WIRE-4, WIRE-1."""
    headers = {"Content_Type": kind} if kind else {}
    status, answered, body = send("POST", "/v1/describejobs", {"jobs": ["x"]}, **headers)
    assert (status, body, answered["Content-Type"]) == (200, {"jobs": []}, "application/json")


def test_enums_are_of_one_case_but_for_the_action_of_a_retry(batch, jobs):
    """WIRE-9, WIRE-10."""
    with pytest.raises(ClientError):
        batch.update_job_queue(jobQueue="default", state="enabled")
    for action in ("RETRY", "retry", "Exit"):
        entries = [{"onExitCode": "9", "action": action}]
        detail = jobs.succeed(jobs.shell("true", retryStrategy={"attempts": 1, "evaluateOnExit": entries}))
        assert detail["retryStrategy"]["evaluateOnExit"] == entries
    with pytest.raises(ClientError):
        batch.submit_job(
            jobName="x", jobQueue="default", jobDefinition="host",
            containerOverrides={"resourceRequirements": [{"type": "vcpu", "value": "1"}]},
        )  # fmt: skip


def test_unknown_things_are_client_errors_and_never_404(batch):
    """ERR-3, IDEM-5."""
    for call, request in [
        (batch.update_job_queue, {"jobQueue": "ghost", "priority": 1}),
        (batch.submit_job, {"jobName": "x", "jobQueue": "ghost", "jobDefinition": "host"}),
        (batch.list_jobs, {"jobQueue": "ghost"}),
    ]:
        with pytest.raises(ClientError) as error:
            call(**request)
        answer = error.value.response
        assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("ClientException", 400)
    batch.delete_job_queue(jobQueue="ghost")
    batch.delete_compute_environment(computeEnvironment="ghost")


@pytest.fixture
def guarded(server, monkeypatch):
    """A server that has access keys, and gives clients for any."""
    monkeypatch.setenv("LONGSHORE_ACCESS_KEY_ID", "AKIAOURS")
    monkeypatch.setenv("LONGSHORE_SECRET_ACCESS_KEY", "our-secret")
    running = server()

    def client(service="batch", key="AKIAOURS", secret="our-secret", **more):
        config = Config(retries={"total_max_attempts": 1})
        return boto3.client(
            service, endpoint_url=running.endpoint, region_name="eu-central-1", aws_access_key_id=key,
            aws_secret_access_key=secret, config=config, **more,
        )  # fmt: skip

    return client


def test_signatures_of_botocore_hold_for_every_kind_of_request(guarded):
    """SIG-1, SIG-2, SIG-3, SIG-5, SIG-6: JSON bodies, an ARN in the path, repeated keys in the query, another service."""
    batch = guarded()
    (queue,) = batch.describe_job_queues(jobQueues=["default"])["jobQueues"]
    arn = queue["jobQueueArn"]
    assert ":eu-central-1:" in arn
    batch.tag_resource(resourceArn=arn, tags={"a b": "ü+/= "[:1], "c": "d"})
    assert batch.list_tags_for_resource(resourceArn=arn)["tags"]["c"] == "d"
    batch.untag_resource(resourceArn=arn, tagKeys=["a b", "c"])
    assert batch.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    assert guarded("sts").get_caller_identity()["Account"] == "000000000000"
    guarded("logs").describe_log_groups()


@pytest.mark.parametrize("key, secret", [("AKIAOURS", "wrong"), ("AKIATHEIRS", "our-secret")])
def test_wrong_keys_are_refused_with_403(guarded, key, secret):
    """ERR-7, ERR-5: who has the keys may do all, who has not may do nothing."""
    for call in (
        lambda: guarded(key=key, secret=secret).describe_job_queues(),
        lambda: guarded("logs", key=key, secret=secret).describe_log_groups(),
    ):
        with pytest.raises(ClientError) as error:
            call()
        answer = error.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
        assert answer["Error"]["Code"] in (
            "UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch", "InvalidClientTokenId",
        )  # fmt: skip
