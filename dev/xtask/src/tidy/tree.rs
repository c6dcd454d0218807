//! What tidy looks at: the files git knows, and the crates cargo knows.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::PathBuf;
use std::process::Command;

/// The tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) crates: Vec<Crate>,
}

/// A text file that is part of the project.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A crate of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// Its directory, relative to the root.
    pub(crate) directory: String,
    /// What it depends on, tests' dependencies apart.
    pub(crate) dependencies: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

impl Tree {
    pub(crate) fn read() -> Result<Self> {
        let metadata = output("cargo", &["metadata", "--no-deps", "--format-version", "1"])?;
        let metadata: Metadata = serde_json::from_str(&metadata).context("failed to read cargo's metadata")?;
        let root = metadata.workspace_root.clone();
        let listed = output("git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
        let mut files = Vec::new();
        for path in listed.lines() {
            // What git still lists but is deleted, and what is not text, is not looked at.
            if let Ok(text) = std::fs::read_to_string(root.join(path)) {
                files.push(SourceFile { path: path.to_owned(), text });
            }
        }
        let crates = metadata.packages.into_iter().map(|package| package.into_crate(&root)).collect();
        Ok(Self { files, crates })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl Package {
    fn into_crate(self, root: &std::path::Path) -> Crate {
        let directory = self.manifest_path.parent().and_then(|path| path.strip_prefix(root).ok());
        let runtime = self.dependencies.into_iter().filter(|dependency| dependency.kind.as_deref() != Some("dev"));
        Crate {
            name: self.name,
            directory: directory.unwrap_or(std::path::Path::new("")).display().to_string(),
            dependencies: runtime.map(|dependency| dependency.name).collect(),
        }
    }
}

fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output().with_context(|| format!("failed to run {program}"))?;
    anyhow::ensure!(output.status.success(), "{program} failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).with_context(|| format!("{program} printed something that is not UTF-8"))
}
