//! Debian packages that a command needs: installed when missing, or a message that says how.

use crate::stage::{command, run as run_command};
use anyhow::{Context, Result, bail};
use std::process::Stdio;

/// Installs those of `packages` that are missing.
pub(crate) fn ensure(packages: &[&str]) -> Result<()> {
    let mut missing = Vec::new();
    for package in packages {
        if !is_installed(package)? {
            missing.push(*package);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !rustix::process::geteuid().is_root() {
        bail!("these packages are missing: {0}; run `sudo apt-get install {0}`", missing.join(" "));
    }
    run_command(&mut command("apt-get", &["update", "-q"]))?;
    let arguments = [&["install", "-q", "-y", "--no-install-recommends"], missing.as_slice()].concat();
    run_command(command("apt-get", &arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_installed(package: &str) -> Result<bool> {
    let mut query = command("dpkg-query", &["--show", "--showformat=${db:Status-Abbrev}", package]);
    let output = query.stderr(Stdio::null()).output().context("failed to run dpkg-query; is this Debian or Ubuntu?")?;
    Ok(output.stdout.starts_with(b"ii"))
}
