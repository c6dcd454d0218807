"""Small disks that fill up."""


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
