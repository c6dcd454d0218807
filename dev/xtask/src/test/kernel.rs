//! Debian's kernel, for the virtual machine of `tests/machine`: the package alone, which nobody installs.

use crate::stage::{command, root, run as run_command};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// The package that names the present kernel of this architecture.
const LATEST: &str = "linux-image-amd64";

pub(super) fn fetch() -> Result<()> {
    let place = root().join("target/kernel");
    if is_there(&place) {
        return Ok(());
    }
    fs::create_dir_all(&place).with_context(|| format!("failed to make {}", place.display()))?;
    let name = match present()? {
        Some(name) => name,
        None => {
            run_command(&mut command("apt-get", &["update", "-q"]))?;
            present()?.with_context(|| format!("{LATEST} depends on no kernel; is this Debian on amd64?"))?
        }
    };
    // apt-get would like to be somebody who may not write here, and says so.
    let mut download = command("apt-get", &["download", "-q", "-o", "APT::Sandbox::User=root", &name]);
    run_command(download.current_dir(&place))?;
    if !is_there(&place) {
        bail!("apt-get has put no kernel into {}", place.display());
    }
    Ok(())
}

fn present() -> Result<Option<String>> {
    let output =
        command("apt-cache", &["depends", LATEST]).output().context("failed to run apt-cache; is this Debian?")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().find_map(|line| line.trim().strip_prefix("Depends: ")).map(str::to_owned))
}

fn is_there(place: &Path) -> bool {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.path().extension().is_some_and(|kind| kind == "deb"))
}
