"""Sending requests as bytes, and judging what comes back."""

import http.client
import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote

SCOPE = "AWS4-HMAC-SHA256 Credential=any/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
TIMEOUT_S = 20
REFUSALS = (400, 403, 404, 405, 409, 413, 414, 415, 429, 431)
# Refused by HTTP itself, before anything of AWS.
BY_HTTP = (414, 431)
MESSAGE_CHARACTERS = 2_100


@dataclass
class Request:
    """What goes over the wire."""

    method: str
    path: str
    body: bytes
    headers: dict = field(default_factory=dict)
    # Whether the head is broken: then it may not even be clear which API the request is for, and whose errors to answer.
    broken_head: bool = False

    def __str__(self):
        body = self.body if len(self.body) < 1_500 else self.body[:700] + b" ... " + self.body[-100:]
        return f"{self.method} {self.path[:300]} {body!r} ({len(self.body)} bytes, {self.headers.get('Content-Type')!r})"


def request(operation, members, target_prefix=None):
    """An operation's request with these members, as its clients send it."""
    headers = {"Authorization": SCOPE.format(region="us-east-1", service=operation.service)}
    if target_prefix:
        headers |= {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{target_prefix}.{operation.name}"}
        return Request("POST", "/", _json(members), headers)
    headers["Content-Type"] = "application/json"
    path, body = operation.uri, dict(members) if isinstance(members, dict) else members
    if "{resourceArn}" in path and isinstance(body, dict):
        path = path.replace("{resourceArn}", _quoted(body.pop("resourceArn", "")))
        keys = body.pop("tagKeys", []) if operation.method == "DELETE" else []
        keys = keys if isinstance(keys, list) else [keys]
        path += "".join(f"{'&' if at else '?'}tagKeys={_quoted(key)}" for at, key in enumerate(keys[:500]))
    sends_body = operation.method == "POST"
    return Request(operation.method, path, _json(body) if sends_body else b"", headers)


def _json(value):
    return json.dumps(value).encode()


def _quoted(value):
    return quote(str(value).encode("utf-8", "surrogatepass"), safe="")


class Wire:
    """One connection after the other to a server."""

    def __init__(self, endpoint):
        self.address = endpoint.removeprefix("http://")
        self.connection = None

    def send(self, request):
        """Status, headers and body of the answer; a second connection is tried when the first was closed meanwhile."""
        for attempt in (1, 2):
            try:
                return self._send(request)
            except (ConnectionError, http.client.HTTPException):
                self.connection = None
                if attempt == 2:
                    raise

    def _send(self, request):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT_S)
        self.connection.putrequest(request.method, request.path, skip_accept_encoding=True)
        for name, value in request.headers.items():
            self.connection.putheader(name, value.encode())
        # Not even a wrong client sends a body with GET.
        body = b"" if request.method == "GET" else request.body
        if request.method != "GET":
            self.connection.putheader("Content-Length", str(len(body)))
        self.connection.endheaders(body or None)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.will_close:
            self.connection.close()
            self.connection = None
        return answer.status, answer.headers, body


def faults(model, operation, made, answer):
    """What is wrong with an answer, as sentences; nothing if it is as it should be."""
    status, headers, body = answer
    if status != 200 and status not in REFUSALS:
        return [f"status {status}: {body[:300]!r}"]
    if status != 200 and made.broken_head or status in BY_HTTP:
        return []
    found = []
    if not re.fullmatch("[0-9a-f-]{36}", headers.get("x-amzn-RequestId") or ""):
        found.append("no x-amzn-RequestId")
    try:
        document = json.loads(body)
    except ValueError:
        return [*found, f"status {status} without JSON: {body[:200]!r}"]
    if status == 200:
        return found + (model.faults(document, operation.output) if operation.output else [])
    kind = headers.get("x-amzn-ErrorType") or (document.get("__type") if isinstance(document, dict) else None)
    message = document.get("message") if isinstance(document, dict) else None
    if not kind or not message:
        found.append(f"status {status} without type or message: {body[:200]!r}")
    elif len(message) > MESSAGE_CHARACTERS:
        found.append(f"a message of {len(message)} characters")
    elif re.search(r"internal error|panick|thread '|src/", message):
        found.append(f"status {status} tells of the program: {message[:200]}")
    return found
