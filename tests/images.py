"""Container images for tests, made from this machine's static busybox: a file as `docker save` writes, or the parts of a push."""

import gzip
import io
import json
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path

BUSYBOX = Path("/bin/busybox")  # Debian's busybox-static
PROGRAMS = ("sh", "cat", "echo", "env", "grep", "head", "id", "pwd", "sleep", "tail", "touch", "tr", "true", "wget")


def digest(content):
    return "sha256:" + sha256(content).hexdigest()


def layer(*files, size=0, owner=0):
    """A layer with a shell, and files of these names, a size and an owner, as a tar file."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        program = tar.gettarinfo(BUSYBOX, "bin/busybox")
        with BUSYBOX.open("rb") as content:
            tar.addfile(program, content)
        for name in PROGRAMS:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname, link.mode = tarfile.SYMTYPE, "busybox", 0o777
            tar.addfile(link)
        for name in files:
            member = tarfile.TarInfo(name)
            member.size, member.uid, member.gid = size, owner, owner
            tar.addfile(member, io.BytesIO(bytes(size)))
    return made.getvalue()


def document(content, config):
    """An image's configuration."""
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [digest(content)]},
    }


def save(path, name, config, *files, **members):
    """Writes an image as `docker save` does."""
    content = layer(*files, **members)
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    files = {
        "layer.tar": content,
        "config.json": json.dumps(document(content, config)).encode(),
        "manifest.json": json.dumps(manifest).encode(),
    }
    with tarfile.open(path, "w") as tar:
        for member, bytes_ in files.items():
            info = tarfile.TarInfo(member)
            info.size = len(bytes_)
            tar.addfile(info, io.BytesIO(bytes_))


def pushable(config, *files, size=0):
    """The manifest of an image, and the blobs that it names."""
    content = layer(*files, size=size)
    packed = gzip.compress(content, compresslevel=1, mtime=0)
    described = json.dumps(document(content, config)).encode()
    kinds = "application/vnd.oci.image"
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kinds}.manifest.v1+json",
        "config": {"mediaType": f"{kinds}.config.v1+json", "digest": digest(described), "size": len(described)},
        "layers": [{"mediaType": f"{kinds}.layer.v1.tar+gzip", "digest": digest(packed), "size": len(packed)}],
    }
    return json.dumps(manifest).encode(), [described, packed]


def image(longshore, server, *arguments):
    """Runs `longshore image` on a server's store; its output."""
    command = [longshore, "image", *arguments, "--data-dir", server.data_dir]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
