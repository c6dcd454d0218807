"""Requests that are slow, huge or deep: refused early, with AWS's kind of error, and nobody else waits for them."""

import json
import threading

import pytest
from hostile.sockets import answer, connect, head, message, post, resident_kib, seconds
from jobs import Jobs

SUBMIT = "/v1/submitjob"
PATIENCE_S = 2.0
MIB = 1 << 20


@pytest.fixture(scope="module")
def running(shared):
    return shared


def test_slow_heads_and_bodies_keep_nobody_waiting(running):
    """Two hundred clients that send a byte now and then, and one that works."""
    began = [connect(running) for _ in range(200)]
    for number, stream in enumerate(began):
        stream.sendall(b"POST /v1/submitjob HTTP/1.1\r\nhost: l" if number % 2 else head(SUBMIT, 5000) + b'{"jobName": "')
    ended = threading.Event()

    def drip():
        while not ended.wait(0.1):
            for stream in began:
                stream.sendall(b"a")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        jobs = Jobs(running)
        job = jobs.shell("true")
        assert max(seconds(lambda: jobs.describe(job))[0] for _ in range(30)) < PATIENCE_S
        jobs.succeed(job)
    finally:
        ended.set()
        thread.join()
        for stream in began:
            stream.close()


def test_body_over_the_limit_is_refused_and_not_kept(running):
    """SUB-2, ERR-6: with its length told, with it hidden, and with more of it told than anybody would send."""
    before = resident_kib(running.process.pid)
    status, text = post(running, SUBMIT, b" " * (2 * MIB))
    assert (status, message(text)) == (413, "the request is larger than 1048576 bytes")
    with connect(running) as stream:
        stream.sendall(head(SUBMIT, 10**12))
        took, (status, _) = seconds(lambda: answer(stream))
        assert (status, took < PATIENCE_S) == (413, True)
    with connect(running) as stream:
        stream.sendall(f"POST {SUBMIT} HTTP/1.1\r\nhost: l\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        for _ in range(40):
            stream.sendall(chunk)
        stream.sendall(b"0\r\n\r\n")
        assert answer(stream)[0] == 413
    assert resident_kib(running.process.pid) - before < 64 * 1024


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"a":' * 150_000,
        b'{"jobName":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"jobName":"a","parameters":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b'{"jobName":"' + b"\\u0000" * 100_000 + b'"}',
        b'{"arrayProperties":{"size":' + b"9" * 500_000 + b"}}",
        b'{"arrayProperties":{"size":1e999999999}}',
        b'{"jobName":"\xff\xfe"}',
    ],
    ids=["brackets", "braces", "deep-name", "deep-parameters", "nulls", "long-number", "large-exponent", "not-utf-8"],
)
def test_deep_and_malformed_documents_are_refused_at_once(running, body):
    """WIRE-5, WIRE-7: and the server is still there."""
    took, (status, text) = seconds(lambda: post(running, SUBMIT, body))
    assert 400 <= status < 500 and json.loads(text), (status, text)
    assert took < PATIENCE_S
    assert post(running, "/v1/describejobqueues", b"{}")[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 50_000 + b"\r\n",
        b"GET /" + b"a" * 900_000 + b" HTTP/1.1\r\nhost: l\r\n\r\n",
        b"POST /v1/submitjob HTTP/1.1\r\nhost: l\r\ncontent-length: -1\r\n\r\n{}",
        b"POST /v1/submitjob HTTP/1.1\r\nhost: l\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        b"POST /v1/submitjob HTTP/1.1\r\nhost: l\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"GET /v1/tags/%ff%00%2f%2 HTTP/1.1\r\nhost: l\r\n\r\n",
        b"\x00" * 1000,
    ],
    ids=["tls", "many-headers", "long-target", "negative-length", "two-lengths", "huge-chunk", "bad-percent", "zeros"],
)
def test_what_is_not_http_is_refused_and_harms_nobody(running, sent):
    """An error or the end of the connection, at once."""
    with connect(running) as stream:

        def speak():
            try:
                stream.sendall(sent)
                return answer(stream)[0]
            except ConnectionError:
                return 0

        took, status = seconds(speak)
    assert status == 0 or 400 <= status < 500, status
    assert took < PATIENCE_S
    assert post(running, "/v1/describejobqueues", b"{}")[0] == 200


def test_signature_of_any_shape_is_refused_where_keys_are_asked_for(server, monkeypatch):
    """SIG-1: never an error of the server's own."""
    monkeypatch.setenv("LONGSHORE_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("LONGSHORE_SECRET_ACCESS_KEY", "secret")
    running = server(vcpus=4)
    scope = "AKIDEXAMPLE/20261121/us-east-1/batch/aws4_request"
    whole = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
    headers = [
        "", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ,,,,", whole[:60], whole.replace("/", ""), whole.replace("=", "=="),
        whole.replace("host;x-amz-date", ";" * 10_000), whole.replace("0" * 64, "é" * 10), whole + ", Signature=1",
        whole.replace("20261121", "99999999999999999999"), whole, "Basic QTpC", "AWS4-ECDSA-P256-SHA256 " + whole,
    ]  # fmt: skip
    dates = ["20261121T000000Z", "20261121T999999Z", "x" * 5_000, "-0001-01-01", ""]
    for authorization in headers:
        for date in dates:
            with connect(running) as stream:
                more = f"authorization: {authorization}\r\nx-amz-date: {date}".encode("latin-1")
                stream.sendall(b"POST /v1/describejobqueues HTTP/1.1\r\nhost: l\r\ncontent-length: 2\r\n" + more + b"\r\n\r\n{}")
                status, text = answer(stream)
            assert status in (400, 403), (authorization[:100], date[:20], status, text)
