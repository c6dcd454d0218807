//! The image that all containers are of: this machine's static busybox, as a directory for plain runtimes and as a file for
//! `longshore image load`.

use crate::stage::command;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The image's name.
pub(super) const NAME: &str = "bench:1";
/// Where Debian's busybox-static has it.
const BUSYBOX: &str = "/bin/busybox";
/// Where runtimes mount something.
const DIRECTORIES: [&str; 5] = ["bin", "dev", "etc", "proc", "sys"];

#[derive(Debug)]
pub(super) struct Image {
    /// Its root as a directory.
    pub(super) root: PathBuf,
    /// As `docker save` would write it.
    pub(super) archive: PathBuf,
}

pub(super) fn make(folder: &Path) -> Result<Image> {
    let root = folder.join("root");
    for name in DIRECTORIES {
        fs::create_dir_all(root.join(name)).context("failed to make the image's root")?;
    }
    fs::copy(BUSYBOX, root.join("bin/busybox")).context("failed to copy busybox")?;
    symlink("busybox", root.join("bin/true")).context("failed to link busybox")?;
    let parts = folder.join("parts");
    fs::create_dir_all(&parts).context("failed to make the image's parts")?;
    tar(&root, &["."], &parts.join("layer.tar"))?;
    let config = json!({
        "architecture": std::env::consts::ARCH.replace("x86_64", "amd64").replace("aarch64", "arm64"),
        "os": "linux",
        "config": { "Cmd": ["true"], "Env": ["PATH=/bin"] },
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", sha256(&parts.join("layer.tar"))?)] },
    });
    let manifest = json!([{ "Config": "config.json", "RepoTags": [NAME], "Layers": ["layer.tar"] }]);
    for (name, document) in [("config.json", config), ("manifest.json", manifest)] {
        fs::write(parts.join(name), document.to_string()).with_context(|| format!("failed to write {name}"))?;
    }
    let archive = folder.join("image.tar");
    tar(&parts, &["layer.tar", "config.json", "manifest.json"], &archive)?;
    Ok(Image { root, archive })
}

fn tar(directory: &Path, names: &[&str], file: &Path) -> Result<()> {
    let mut tar = command("tar", &["--create", "--owner=0", "--group=0"]);
    let status = tar.arg("--file").arg(file).arg("--directory").arg(directory).args(names).status();
    ensure!(status.context("failed to start tar")?.success(), "tar failed");
    Ok(())
}

fn sha256(file: &Path) -> Result<String> {
    let output = command("sha256sum", &[]).arg(file).output().context("failed to start sha256sum")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.split_whitespace().next().map(str::to_owned).context("sha256sum said nothing")
}
