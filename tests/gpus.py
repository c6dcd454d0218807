"""GPUs that are none: device nodes of the kernel's own under other names, and a CDI specification that describes them."""

import json
import os
import stat

LIBRARY = "/usr/lib/libgpu.so.1"
# What the container's OCI runtime runs, as `nvidia-cdi-hook create-symlinks` is run: it finds the root by the state on its input.
HOOK = """#!/usr/bin/env python3
import json, pathlib, sys
bundle = pathlib.Path(json.load(sys.stdin)["bundle"])
root = pathlib.Path(json.loads((bundle / "config.json").read_text())["root"]["path"])
(root / "from-hook").write_text(" ".join(sys.argv[1:]) + "\\n")
"""


class Gpus:
    """A directory of CDI's with so many GPUs of a vendor, which containers see as `/dev/nvidia0` and so on."""

    def __init__(self, directory, count, hooks=False):
        self.directory = directory / "cdi"
        self.directory.mkdir(parents=True)
        library = directory / "libgpu.so"
        library.write_text("a library\n")
        edits = {
            "env": ["NVIDIA_VISIBLE_DEVICES=void"],
            "deviceNodes": [self._node(directory, "nvidiactl", 7)],
            "mounts": [{"hostPath": str(library), "containerPath": LIBRARY, "options": ["ro", "nosuid", "nodev", "bind"]}],
        }
        if hooks:
            program = directory / "hook"
            program.write_text(HOOK)
            program.chmod(0o755)
            edits["hooks"] = [
                {"hookName": "createContainer", "path": str(program), "args": ["hook", "linked"], "env": ["PATH=/usr/bin:/bin"]}
            ]
        devices = [self._device(directory, number) for number in range(count)]
        everything = {"name": "all", "containerEdits": {"deviceNodes": [{"path": "/dev/never"}]}}
        described = {
            "cdiVersion": "0.6.0",
            "kind": "nvidia.com/gpu",
            "devices": [*devices, everything],
            "containerEdits": edits,
        }
        (self.directory / "fake.json").write_text(json.dumps(described))

    def _device(self, directory, number):
        edits = {"deviceNodes": [self._node(directory, f"nvidia{number}", 3)], "env": [f"GPU_{number}=here"]}
        return {"name": str(number), "containerEdits": edits}

    @staticmethod
    def _node(directory, name, minor):
        path = directory / name
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        path.chmod(0o666)
        return {"path": f"/dev/{name}", "hostPath": str(path)}
