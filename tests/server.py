"""A Longshore server under test: started, stopped, killed, and at the end nothing of it left."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import boto3
import processes
from botocore.client import Config
from waiting import wait_for

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "thing", "AWS_DEFAULT_REGION": REGION}
VENV_BIN = Path(sys.executable).parent


class Server:
    """`longshore serve` on a data directory of its own. After `start` it keeps its port through restarts."""

    def __init__(self, program, directory, *flags, vcpus):
        self.program = program
        self.data_dir = directory / "data"
        self.log_path = directory / "server.log"
        self.flags = ("--vcpus", vcpus, "--memory", vcpus * 1024, *flags)
        self.port = 0
        self.endpoint = None
        self.process = None
        self._ready = directory / "ready.json"

    def command(self, port=None):
        places = ["--data-dir", self.data_dir, "--ready-file", self._ready]
        return [str(word) for word in [self.program, "serve", "--port", port or self.port, *places, *self.flags]]

    def start(self, stdin=subprocess.DEVNULL):
        self._ready.unlink(missing_ok=True)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=stdin, stdout=log, stderr=log)
        wait_for("the server to be ready", self._is_ready, timeout=30)
        ready = json.loads(self._ready.read_text())
        assert ready["pid"] == self.process.pid
        self.endpoint = ready["endpoint"]
        self.port = int(self.endpoint.rpartition(":")[2])
        return self

    def _is_ready(self):
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log()}"
        return self._ready.exists()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def stop(self):
        """Asks the server to end, as an operator would. Jobs and agent go on."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=20) == 0, self.log()

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=20)

    def agents(self):
        """The pids of the agents of this data directory."""
        found = processes.touching(self.data_dir)
        named = {pid for pid, words in found.items() if words[1:4] == ["agent", "--data-dir", str(self.data_dir)]}
        # A process that an agent is about to turn into a job still has the agent's name.
        return [pid for pid in named if processes.parent(pid) not in named]

    def job_processes(self):
        """The processes of jobs: those that have to do with the data directory, but server and agents."""
        ours = {self.process.pid, *self.agents()}
        return {pid: words for pid, words in processes.touching(self.data_dir).items() if pid not in ours}

    def close(self):
        """Ends server, agent and jobs. Fails if anything stays by itself, and ends that too."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
        for pid in self.agents():
            processes.send(pid)
        try:
            wait_for("the server's processes to end", lambda: not processes.touching(self.data_dir), timeout=5)
        except AssertionError:
            stubborn = processes.touching(self.data_dir)
            for pid in stubborn:
                processes.send(pid, signal.SIGKILL)
            wait_for("killed processes to end", lambda: not processes.touching(self.data_dir))
            # A job that ignores SIGTERM has 30 s; tests that leave one behind are the ones to blame.
            raise AssertionError(f"still running after SIGTERM: {stubborn}") from None

    def environment(self, **more):
        """How a user's programs find this server: by the environment alone."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LONGSHORE_"))}
        return {**own, **CREDENTIALS, "AWS_ENDPOINT_URL": self.endpoint, "AWS_EC2_METADATA_DISABLED": "true", **more}

    def client(self, service, **config):
        """A boto3 client that does not try again, unless told to, so that every failure is seen."""
        config = {"retries": {"total_max_attempts": 1}, "read_timeout": 30, "max_pool_connections": 32, **config}
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="any",
            aws_secret_access_key="thing",
            config=Config(**config),
        )

    def run(self, *words, timeout=60, **options):
        """Runs a verb of `longshore` against this server."""
        command = [str(word) for word in [self.program, *words]]
        return subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=timeout, **options
        )

    def aws(self, *words, timeout=60, **options):
        """Runs the AWS CLI against this server; gives its JSON, or its text where it is none."""
        command = [str(VENV_BIN / "aws"), *map(str, words)]
        done = subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=timeout, **options
        )
        assert done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout
