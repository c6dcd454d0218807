"""Debian's docker-registry on loopback, with or without users, and a client that pushes to it."""

import base64
import http.client
import json
import socket
import subprocess
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import images
from waiting import wait_for

CONFIG = """
version: 0.1
log: {{accesslog: {{disabled: false}}, level: error}}
storage: {{filesystem: {{rootdirectory: {root}}}}}
http: {{addr: "{address}"}}
"""
USERS = """
auth: {{htpasswd: {{realm: test, path: {path}}}}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Registry:
    """A registry on a free port. `users` may push and pull; without them, everybody."""

    def __init__(self, directory, users=None):
        self.address = f"127.0.0.1:{free_port()}"
        self.users = users or {}
        self._log = directory / "registry.log"
        text = CONFIG.format(root=directory / "blobs", address=self.address)
        if self.users:
            text += USERS.format(path=self._passwords(directory))
        (directory / "config.yml").write_text(text)
        with self._log.open("wb") as log:
            command = ["docker-registry", "serve", directory / "config.yml"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for("the registry", self._answers)

    def _passwords(self, directory):
        lines = [
            subprocess.run(["htpasswd", "-Bbn", user, password], check=True, capture_output=True, text=True).stdout
            for user, password in self.users.items()
        ]
        (directory / "htpasswd").write_text("".join(lines))
        return directory / "htpasswd"

    def _answers(self):
        assert self.process.poll() is None, self._log.read_text()
        try:
            return self._ask("GET", "/v2/").status == http.client.OK
        except OSError:
            return False

    def _ask(self, method, path, body=None, **headers):
        for user, password in self.users.items():
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        url = path if path.startswith("http") else f"http://{self.address}{path}"
        return urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method))

    def push(self, name, config, *files, size=0):
        """Pushes an image of busybox and files of these names and a size as `name:tag`; its reference and its digest."""
        repository, tag = name.split(":")
        manifest, blobs = images.pushable(config, *files, size=size)
        for blob in blobs:
            place = self._ask("POST", f"/v2/{repository}/blobs/uploads/", b"").headers["Location"]
            mark = "&" if urlsplit(place).query else "?"
            self._ask(
                "PUT",
                f"{place}{mark}digest={images.digest(blob)}",
                blob,
                **{"Content-Type": "application/octet-stream"},
            )
        kind = json.loads(manifest)["mediaType"]
        self._ask("PUT", f"/v2/{repository}/manifests/{tag}", manifest, **{"Content-Type": kind})
        return f"{self.address}/{name}", images.digest(manifest)

    def login(self):
        """`USER:PASSWORD` of somebody who may push."""
        return ":".join(next(iter(self.users.items())))

    def downloads(self, repository):
        """How many blobs of a repository were asked for."""
        return self._log.read_text().count(f'"GET /v2/{repository}/blobs/')

    def close(self):
        self.process.kill()
        self.process.wait()
