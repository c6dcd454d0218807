"""The AWS CLI 1 inside the test's own process: the same code as the program's, without a second of start-up per call."""

import contextlib
import io
import json
import sys
from dataclasses import dataclass

import awscli.clidriver


@dataclass
class Done:
    """How a call ended."""

    code: int
    out: str
    err: str

    def json(self):
        assert self.code == 0, f"exit {self.code}: {self.err}"
        return json.loads(self.out) if self.out.strip() else {}


class Stream(io.TextIOWrapper):
    """Text that is kept, with the `buffer` that the CLI writes some bytes to."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self):
        return self.buffer.getvalue().decode()


class Cli:
    """Calls the CLI with the environment that `server` gives to programs."""

    def __init__(self, server, monkeypatch):
        for name, value in server.environment(AWS_PAGER="", AWS_MAX_ATTEMPTS="1").items():
            monkeypatch.setenv(name, value)
        # One for all calls: it keeps the models that it has read.
        self.loader = awscli.clidriver.create_clidriver().session.get_component("data_loader")

    def __call__(self, *words):
        out, err = Stream(), Stream()
        # A driver remembers the arguments of its first call.
        driver = awscli.clidriver.create_clidriver()
        driver.session.register_component("data_loader", self.loader)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = driver.main([str(word) for word in words])
            except SystemExit as ended:
                code = ended.code
            sys.stdout.flush()
        return Done(code, out.text(), err.text())
