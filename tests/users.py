"""Users of this machine that are not root."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path


class User:
    """Somebody who is not root, with a directory, and the binary in it."""

    def __init__(self, uid, gid, longshore):
        self.uid, self.gid = uid, gid
        self.home = Path(tempfile.mkdtemp(prefix="longshore-user-"))
        shutil.copy(longshore, self.home / "binary")
        os.chown(self.home, uid, gid)

    def words(self):
        """What runs a program as this user."""
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--inh-caps=-all"]

    def program(self, around="exec {} \"$@\""):
        """The binary as this user runs it, inside of other words of a shell."""
        path = self.home / "longshore"
        words = " ".join([*self.words(), "env", f"HOME={self.home}", str(self.home / "binary")])
        path.write_text(f"#!/bin/sh\n{around.replace('{}', words)}\n")
        path.chmod(0o755)
        return path

    def may_have_namespaces(self):
        probe = [*self.words(), "unshare", "--user", "--map-root-user", "true"]
        return subprocess.run(probe, capture_output=True).returncode == 0
