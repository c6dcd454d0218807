//! Links are found and resolved.

use super::{links, resolve};

#[test]
fn only_relative_targets_are_links_to_check() {
    let line = "[a](docs/a.md) [b](https://x.y) [c](#part) [d](../d.md#part)";
    assert_eq!(links(line), ["docs/a.md", "../d.md"]);
}

#[test]
fn targets_are_resolved_from_the_documents_folder() {
    assert_eq!(resolve("docs/guide", "../a.md"), "docs/a.md");
    assert_eq!(resolve("", "./docs/"), "docs");
}
