"""Small disks that fill up."""

import subprocess


def mount(place, options):
    """A disk in memory, as small as its options say, at `place`, which is made. Who mounts it unmounts it."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", place]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"this test mounts a small disk and needs root: {done.stderr}"
    return place


def fill(directory):
    """Takes all the space there is; gives the file that has it."""
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    return filler
