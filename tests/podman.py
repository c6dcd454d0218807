"""`podman system service` on a socket and with a store of its own, and nothing of it left at the end."""

import json
import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

import processes
from waiting import wait_for

# Podman's default limits for containers are above what some machines allow anybody.
LIMIT_MAX = 4096
CONTAINERS = """
[containers]
default_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
# Unlike Docker, Podman has to be told that registries of this machine have no encryption.
REGISTRY = """
[[registry]]
location = "{address}"
insecure = true
"""


class Podman:
    def __init__(self, *registries):
        # Sockets have short paths.
        self.directory = Path(tempfile.mkdtemp(prefix="podman-"))
        self.socket = self.directory / "podman.sock"
        self.address = f"unix://{self.socket}"
        most = {
            name: min(LIMIT_MAX, resource.getrlimit(kind)[1] % (1 << 63))
            for name, kind in (("files", resource.RLIMIT_NOFILE), ("processes", resource.RLIMIT_NPROC))
        }
        (self.directory / "containers.conf").write_text(CONTAINERS.format(**most))
        texts = [REGISTRY.format(address=registry.address) for registry in registries]
        (self.directory / "registries.conf").write_text("".join(texts))
        self.environment = {
            **os.environ,
            "CONTAINERS_CONF": str(self.directory / "containers.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(self.directory / "registries.conf"),
        }
        self.start()

    def start(self):
        with (self.directory / "service.log").open("ab") as log:
            self.service = subprocess.Popen(
                self._command("system", "service", "--time=0", self.address),
                env=self.environment,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for("podman's socket", self.socket.is_socket)

    def _command(self, *words):
        places = {"root": "root", "runroot": "run", "tmpdir": "tmp"}
        options = [f"--{option}={self.directory / name}" for option, name in places.items()]
        return ["podman", *options, "--storage-driver=overlay", *map(str, words)]

    def run(self, *words):
        done = subprocess.run(
            self._command(*words), env=self.environment, cwd=self.directory, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def containers(self):
        """What it has of containers, running or not: their labels."""
        return [one["Labels"] for one in json.loads(self.run("ps", "--all", "--format=json"))]

    def volumes(self):
        return self.run("volume", "ls", "--quiet").split()

    def log(self):
        return (self.directory / "service.log").read_text()

    def kill(self):
        """Ends the service; containers go on."""
        self.service.kill()
        self.service.wait()

    def close(self):
        left = self.containers()
        self.kill()
        # What is left of a container that has ended ends by itself.
        wait_for("podman's helpers to end", lambda: not processes.touching(self.directory))
        mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        for mount in reversed([mount for mount in mounts if mount.startswith(str(self.directory))]):
            subprocess.run(["umount", "--lazy", mount], check=True)
        shutil.rmtree(self.directory)
        assert left == []
