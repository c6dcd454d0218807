"""Documents that S3 takes, damaged: refused, never an error of the server's own, and nothing of them is kept."""

import random
import socket

import pytest
from hostile.sockets import answer, post, seconds

SEED = 20261121
COUNT = 400
PATIENCE_S = 2.0
DELETE = b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>k</Key></Object><Quiet>true</Quiet></Delete>'
PART = b"<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
COMPLETE = b"<CompleteMultipartUpload>" + PART + b"</CompleteMultipartUpload>"
TOKENS = [
    b"<", b">", b"&", b"&#0;", b"&#x110000;", b"<![CDATA[", b"<!--", b"\xff\xfe", b"\x00", b"99999999999999999999", b"-1",
    b'<!DOCTYPE a [<!ENTITY b "bbbb">]>', b"&b;", b"<a>" * 2_000, b"</Delete>", b"<Object>" * 50,
]  # fmt: skip
LAUGHS = b"<!DOCTYPE l [<!ENTITY a0 'ha'>" + b"".join(
    b"<!ENTITY a%d '%s'>" % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 12)
)


def damaged(choose, text):
    text = bytearray(text)
    for _ in range(choose.randrange(1, 4)):
        at = choose.randrange(len(text) + 1)
        if choose.random() < 0.5:
            text[at:at] = choose.choice(TOKENS)
        else:
            del text[at : at + choose.randrange(1, 20)]
    return bytes(text)


@pytest.fixture(scope="module")
def upload(shared):
    s3 = shared.client("s3")
    s3.create_bucket(Bucket="hostile")
    return s3.create_multipart_upload(Bucket="hostile", Key="k")["UploadId"]


@pytest.mark.parametrize("what", ["delete", "complete"])
def test_damaged_documents_are_refused(shared, upload, what):
    choose = random.Random(f"{SEED} {what}")
    target, text = {
        "delete": ("/hostile?delete", DELETE),
        "complete": (f"/hostile/k?uploadId={upload}", COMPLETE),
    }[what]
    for number in range(COUNT):
        body = damaged(choose, text)
        took, (status, said) = seconds(lambda body=body: post(shared, target, body))
        assert 200 <= status < 500, (number, status, said, body[:200])
        assert took < PATIENCE_S


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS + b"]><Delete><Object><Key>&a11;</Key></Object></Delete>",
        b"<!DOCTYPE a [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><Delete><Object><Key>&f;</Key></Object></Delete>",
        b"<Delete>" + b"<Object>" * 100_000,
    ],
    ids=["laughs", "outside", "deep"],
)
def test_entities_are_not_unfolded_and_depth_is_no_harm(shared, upload, body):
    took, (status, said) = seconds(lambda: post(shared, "/hostile?delete", body))
    assert 200 <= status < 500 and took < PATIENCE_S, (status, said, took)
    assert "root:" not in said


def put(stream, target, length, *more):
    """The head of a PUT."""
    lines = [f"PUT {target} HTTP/1.1", "host: localhost", f"content-length: {length}", *more, "", ""]
    stream.sendall("\r\n".join(lines).encode())


@pytest.mark.parametrize(
    ("flags", "status", "code"),
    [(("--s3-limit", "1MiB"), 507, "QuotaExceeded"), (("--disk-reserve", "99999TiB"), 503, "ServiceUnavailable")],
    ids=["limit", "disk"],
)
def test_client_that_sends_a_refused_body_to_its_end_hears_why(server, flags, status, code):
    """Without `Expect`: the connection is not cut under it, and goes on. With it, the client is not told to send, and is told
    that the connection ends."""
    length = 24 << 20
    one = server()
    one.client("s3").create_bucket(Bucket="large")
    one.stop()
    one.flags = (*one.flags, *flags)
    one.start()
    with socket.create_connection(("127.0.0.1", one.port), timeout=60) as stream:
        put(stream, "/large/k", length)
        stream.sendall(bytes(length))
        said, text = answer(stream)
        assert (said, f"<Code>{code}</Code>" in text) == (status, True), text
        stream.sendall(b"GET /large?location HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert answer(stream)[0] == 200
    with socket.create_connection(("127.0.0.1", one.port), timeout=60) as stream:
        put(stream, "/large/k", length, "expect: 100-continue")
        said = b"".join(iter(lambda: stream.recv(1 << 16), b"")).lower()
        assert said.startswith(b"http/1.1 %d " % status) and b"\r\nconnection: close\r\n" in said, said
