//! What the tests need beyond the Rust toolchain: Debian packages, and a Python environment with the real clients.

use crate::packages;
use crate::stage::{command, root, run as run_command};
use anyhow::{Context, Result};
use std::fs;

/// Debian packages: a C++ compiler and Boost for the shortest-path peer, Python's venv for the clients, and the AWS CLI 2,
/// which has `aws logs tail` (the requirements have version 1). Images are made from a static busybox, served by a registry of
/// this machine (whose users `htpasswd` makes), and run by both container runtimes and by Podman,
/// some under tini or catatonit. Prometheus's promtool reads the metrics. The example's image is built by buildah from Debian's packages, which mmdebstrap unpacks.
/// QEMU runs a machine with another kernel, whose disk e2fsprogs makes.
const PACKAGES: &[&str] = &[
    "apache2-utils",
    "awscli",
    "buildah",
    "busybox-static",
    "catatonit",
    "crun",
    "docker-registry",
    "e2fsprogs",
    "g++",
    "libboost-graph-dev",
    "mmdebstrap",
    "podman",
    "prometheus",
    "python3-venv",
    "qemu-system-x86",
    "runc",
    "sqlite3",
    "tini",
];

pub(super) fn run() -> Result<()> {
    packages::ensure(PACKAGES)?;
    super::kernel::fetch()?;
    python_environment()
}

/// Makes `.venv` anew when `tests/requirements.txt` has changed since it was made.
fn python_environment() -> Result<()> {
    let venv = root().join(".venv");
    let wanted =
        fs::read_to_string(root().join("tests/requirements.txt")).context("failed to read the requirements")?;
    let made_for = venv.join("made-for.txt");
    if fs::read_to_string(&made_for).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).with_context(|| format!("failed to remove {}", venv.display()))?;
    }
    run_command(&mut command("python3", &["-m", "venv", ".venv"]))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "tests/requirements.txt"];
    run_command(&mut command(venv.join("bin/python"), &pip))?;
    fs::write(&made_for, wanted).with_context(|| format!("failed to write {}", made_for.display()))
}
