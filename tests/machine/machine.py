"""Another machine, for what the kernel at hand cannot show: a virtual one with Debian's kernel and with the files of this one, which it can
only read. It has version 2 of control groups alone."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from waiting import wait_for

ROOT = Path(__file__).parent.parent.parent
# `cargo xtask test` gets it; it is unpacked here and never installed.
KERNEL = ROOT / "target/kernel"
MODULES = ("virtio_pci", "virtio_blk", "9pnet_virtio", "9p", "overlay", "crc32c_generic", "ext4")
MEMORY_MIB = 3072
DISK_BYTES = 8 << 30
# The first that works. Where a hypervisor is itself a guest, it may not run this kernel, and does not say so.
ACCELERATORS = ("kvm", "tcg,thread=multi")
BOOTED_S = {"kvm": 20, "tcg,thread=multi": 240}

INIT = """#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for module in {modules}; do $b insmod /lib/$module || echo "no $module"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,msize=1048576,ro root /mnt/root
$b mount -t tmpfs changes /mnt/changes
$b mkdir /mnt/changes/upper /mnt/changes/work
$b mount -t overlay -o lowerdir=/mnt/root,upperdir=/mnt/changes/upper,workdir=/mnt/changes/work files /files
for mount in proc sys dev; do $b mount --move /$mount /files/$mount; done
$b cp /guest /files/guest
exec $b switch_root /files /bin/sh /guest
"""
GUEST = """
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PYTHONDONTWRITEBYTECODE=1
mkdir -p /dev/pts /dev/shm
mount -t tmpfs run /run; mount -t devpts pts /dev/pts; mount -t tmpfs shm /dev/shm; mount -t cgroup2 groups /sys/fs/cgroup
echo "+cpu +memory +pids" > /sys/fs/cgroup/cgroup.subtree_control
mkdir /run/disk; mount -t ext4 /dev/vda /run/disk; export TMPDIR=/run/disk
busybox ip link set lo up; hostname guest
echo guest: up
cd {directory}
{command}
echo "guest: exit $?"
umount /run/disk
echo o > /proc/sysrq-trigger
read forever
"""


class Machine:
    def __init__(self, directory):
        self.directory = directory
        self.kernel, self.modules = unpack()

    def run(self, *words, timeout):
        """Boots, runs a command in the folder of the tests, and gives its exit code and what it has printed."""
        make_initramfs(self.directory, self.modules, words)
        failed = []
        for accelerator in ACCELERATORS:
            if accelerator == "kvm" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
                continue
            with self._disk() as disk, Console(self._command(accelerator, disk)) as console:
                if console.says("guest: up", BOOTED_S[accelerator]):
                    assert console.says("guest: exit", timeout), f"not over in {timeout} s:\n{console.text()}"
                    code = re.search(r"guest: exit (\d+)", console.text())
                    return int(code[1]), console.text().partition("guest: up")[2]
                failed.append(f"{accelerator}: {console.text()}")
        raise AssertionError("the machine did not boot:\n" + "\n".join(failed))

    @contextlib.contextmanager
    def _disk(self):
        disk = self.directory / "disk"
        with disk.open("wb") as file:
            file.truncate(DISK_BYTES)
        subprocess.run(["mkfs.ext4", "-q", "-F", disk], check=True)
        yield disk
        disk.unlink()

    def _command(self, accelerator, disk):
        return [
            *("qemu-system-x86_64", "-accel", accelerator, "-cpu", "host" if accelerator == "kvm" else "max"),
            *("-m", str(MEMORY_MIB), "-smp", "2", "-nographic", "-no-reboot"),
            *("-kernel", self.kernel, "-initrd", self.directory / "initramfs"),
            *("-append", "console=ttyS0 quiet loglevel=3 panic=-1"),
            *("-drive", f"file={disk},format=raw,if=virtio,cache=unsafe"),
            *("-virtfs", "local,path=/,mount_tag=root,security_model=passthrough,readonly=on,multidevs=remap"),
        ]


class Console:
    """A machine that runs, and what it says."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = bytearray()
        self.reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self):
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def _read(self):
        while said := self.process.stdout.read1(4096):
            self.said += said

    def text(self):
        return self.said.decode(errors="replace").replace("\r", "")

    def says(self, text, timeout):
        """Whether it says this in time, and lives until then."""
        try:
            wait_for(text, lambda: text in self.text() or not self.reader.is_alive(), timeout=timeout)
        except AssertionError:
            return False
        return text in self.text()


def unpack():
    """A kernel, and files of the modules that it needs here, in the order of their loading."""
    packages = list(KERNEL.glob("linux-image-*.deb"))
    assert packages, f"no kernel in {KERNEL}; run `cargo xtask test --only install`"
    files = packages[-1].with_suffix("")
    if not files.exists():
        with tempfile.TemporaryDirectory(dir=KERNEL, ignore_cleanup_errors=True) as made:
            _unpack(packages[-1], made)
            os.rename(made, files)
    (kernel,) = (files / "boot").glob("vmlinuz-*")
    version = kernel.name.removeprefix("vmlinuz-")
    tree = files / "lib/modules" / version
    lines = (line.split(":") for line in (tree / "modules.dep").read_text().splitlines())
    needs = {file: needed.split() for file, needed in lines}
    named = {Path(file).name.partition(".")[0]: file for file in needs}
    order = []
    for name in MODULES:
        if name in named:  # else it is part of the kernel
            _load(named[name], needs, order)
    return kernel, [tree / file for file in order]


def _unpack(package, place):
    tar = subprocess.Popen(["dpkg", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    parts = [f"./lib/modules/*/kernel/{part}/*" for part in ("crypto", "drivers/block", "drivers/virtio", "fs", "lib", "net/9p")]
    unpack = ["tar", "--extract", "--wildcards", "--directory", place, "./boot/vmlinuz-*", "./lib/modules/*/modules.*", *parts]
    subprocess.run(unpack, stdin=tar.stdout, check=True)
    assert tar.wait() == 0, f"{package} cannot be read"
    (version,) = os.listdir(Path(place) / "lib/modules")
    subprocess.run(["busybox", "depmod", "-b", place, version], check=True)


def _load(file, needs, order):
    for needed in needs[file]:
        _load(needed, needs, order)
    if file not in order:
        order.append(file)


def make_initramfs(directory, modules, words):
    with tempfile.TemporaryDirectory(dir=directory) as made:
        files = Path(made)
        for name in ("bin", "lib", "proc", "sys", "dev", "mnt/root", "mnt/changes", "files"):
            (files / name).mkdir(parents=True)
        shutil.copy("/bin/busybox", files / "bin")
        for module in modules:
            shutil.copy(module, files / "lib")
        (files / "init").write_text(INIT.format(modules=" ".join(module.name for module in modules)))
        (files / "init").chmod(0o755)
        command = shlex.join(str(word) for word in words)
        (files / "guest").write_text(GUEST.format(directory=ROOT / "tests", command=command))
        listing = "\n".join(str(path.relative_to(files)) for path in sorted(files.rglob("*")))
        with (directory / "initramfs").open("wb") as out:
            archive = ["busybox", "cpio", "-o", "-H", "newc"]
            subprocess.run(archive, input=listing.encode(), cwd=files, stdout=out, stderr=subprocess.DEVNULL, check=True)
