"""Requests made wrong: one thing, or two, in a request that was valid, or in the bytes that carry it."""

import json

NUMBERS = [-1, 0, 1, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 0.5, -0.0, 1e308, 1e-320]
STRINGS = [
    "", " ", "\0", "a\nb", "\u202e", "é" * 64, "👩‍👩‍👧", "\ud800", "\uffff", "%00", "%2F..%2F", "../../etc/passwd", "'; DROP TABLE jobs;--",
    "{}", "null", "NaN", "-1", "1e9", "9" * 400, "*", "Ref::", "Ref::Ref::x", "a:1:2", "#", "x#1", "arn:", "arn:aws:batch:::",
    "arn:aws:batch:us-east-1:000000000000:job-queue/", "arn:aws:s3:::b", "x" * 128, "x" * 129, "x" * 5_000, "é" * 30_000,
]  # fmt: skip
ARNS = [
    "", "/", "arn", "arn:aws:batch", "arn:aws:batch:us-east-1:000000000000:job/%", "arn%3Aaws%3Abatch%3A%ZZ", "..%2F..",
    "arn%3Aaws%3Abatch%3Aus-east-1%3A000000000000%3Ajob-queue%2Fdefault%00", "%FF%FE", "a" * 9_000, "%252F" * 40,
    "arn:aws:batch:us-east-1:000000000000:job-queue/default/extra", "arn:aws:batch:us-east-1:1:job-queue/default",
    "arn:aws-cn:batch:us-east-1:000000000000:job-queue/default", "arn:aws:batch:us-east-1:000000000000:job/x%3A0",
]  # fmt: skip
QUERIES = ["?tagKeys=", "?tagKeys", "?tagKeys=a&tagKeys=a", "?tagKeys=%ZZ", "?tagKeys=%FF", "?" + "tagKeys=a&" * 300, "?x=y", "?&&=&"]
CONTENT_TYPES = ["", "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "é"]
DEEP = 20_000
MANY = 20_000


class Breaker:
    """Breaks requests of one model."""

    def __init__(self, random):
        self.random = random

    def members(self, request):
        """The request with one or two of its members broken; the request itself stays."""
        broken = json.loads(json.dumps(request))
        for _ in range(self.random.choice([1, 1, 1, 2])):
            broken = self._break_somewhere(broken)
        return broken

    def _break_somewhere(self, value):
        places = list(_places(value))
        if not places:
            return self.wrong(value)
        holder, key = self.random.choice(places)
        deed = self.random.randrange(10)
        if deed == 0:
            del holder[key]
        elif deed == 1 and isinstance(holder, dict):
            holder[self.random.choice(["colour", key.upper(), key + " ", "", "__type", "é"])] = holder[key]
        elif deed == 2 and isinstance(holder, list):
            holder.extend([holder[key]] * self.random.choice([2, 51, 101, 1_001, MANY]))
        else:
            holder[key] = self.wrong(holder[key])
        return value

    def wrong(self, value):
        """A value in place of another: of another kind, at a boundary, or absurd."""
        if isinstance(value, str) and self.random.random() < 0.7:
            return self.random.choice([*STRINGS, value.lower(), value.swapcase(), value + " ", value * 3])
        if isinstance(value, (int, float)) and self.random.random() < 0.7:
            return self.random.choice(NUMBERS)
        others = [None, True, [], {}, "x", 0, [[]], {"": None}, [None], self.random.choice(NUMBERS), self.random.choice(STRINGS)]
        return self.random.choice(others)

    def body(self, request):
        """The bytes of a request, broken as bytes."""
        text = json.dumps(request).encode("utf-8", "surrogatepass")
        deed = self.random.randrange(12)
        if deed == 0:
            return text[: self.random.randrange(len(text))]
        if deed == 1:
            return text + self.random.choice([b"x", b"{}", b"\0", b",", b" \n"])
        if deed == 2:
            return self.random.choice([b"", b"null", b"[]", b'"x"', b"0", b"\xef\xbb\xbf" + text, b"\xff\xfe{\0}\0", b"{", b"}"])
        if deed == 3:
            return self.random.choice([b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * DEEP + b"1" + b"}" * DEEP])
        if deed == 4 and request:
            # The same member twice, with different values.
            key = self.random.choice(list(request))
            return text[:-1] + b", " + json.dumps(key).encode() + b": " + json.dumps(self.wrong(request[key])).encode() + b"}"
        if deed == 5:
            return text[:-1] + b', "padding": "' + b"x" * self.random.choice([25_000, 31_000, 1 << 20, 1 << 21]) + b'"}'
        if deed == 6 and request:
            # A member that holds a very deep value of a kind it may not have, or does not look at.
            key = self.random.choice([*request, "unknown"])
            return text[:-1] + b", " + json.dumps(key).encode() + b": " + b"[" * 120 + b"]" * 120 + b"}"
        at = self.random.randrange(len(text) + 1)
        return text[:at] + self.random.randbytes(self.random.choice([1, 1, 4])) + text[at + self.random.choice([0, 1]) :]


def _places(value):
    """Every (holder, key) of a value made of dictionaries and lists."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    for key, each in pairs:
        yield value, key
        yield from _places(each)
