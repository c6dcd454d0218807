//! Documents name what exists: ARCHITECTURE.md every crate and every sideways edge, README the commands.

use super::Finding;
use super::edges::SIDEWAYS;
use super::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let architecture = tree.file("ARCHITECTURE.md").map_or("", |file| file.text.as_str());
    for one in &tree.crates {
        if !architecture.contains(&format!("`{}`", one.directory)) {
            findings.push(Finding::new("ARCHITECTURE.md", format!("does not name the crate in `{}`", one.directory)));
        }
    }
    for (from, to, _) in SIDEWAYS {
        let edge = format!("`{}` → `{}`", short(from), short(to));
        if !architecture.contains(&edge) {
            findings.push(Finding::new("ARCHITECTURE.md", format!("does not list the sideways edge {edge}")));
        }
    }
    let readme = tree.file("README.md").map_or("", |file| file.text.as_str());
    for command in ["cargo xtask demo", "cargo xtask test"] {
        if !readme.contains(command) {
            findings.push(Finding::new("README.md", format!("does not name the command `{command}`")));
        }
    }
    findings.extend(broken_links(tree));
    findings
}

fn short(name: &str) -> &str {
    name.trim_start_matches("longshore-")
}

/// Relative links in Markdown lead to files that exist.
fn broken_links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (index, line) in file.text.lines().enumerate() {
            for target in links(line) {
                let path = resolve(folder, target);
                let exists =
                    tree.files.iter().any(|other| other.path == path || other.path.starts_with(&format!("{path}/")));
                if !exists {
                    let place = format!("{}:{}", file.path, index + 1);
                    findings.push(Finding::new(place, format!("the link to {target} leads nowhere")));
                }
            }
        }
    }
    findings
}

/// Targets of `[text](target)` that are paths.
fn links(line: &str) -> Vec<&str> {
    let after = line.match_indices("](").map(|(at, _)| &line[at + 2..]);
    let targets = after.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    let path = |target: &&str| !target.contains("://") && !target.starts_with('#') && !target.is_empty();
    targets.map(|target| target.split('#').next().unwrap_or(target)).filter(path).collect()
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests;
