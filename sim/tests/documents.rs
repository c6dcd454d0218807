//! docs/internals/simulation.md lists what scripts may say.

use longshore_sim::{Kind, SETTINGS, VERBS};

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/internals/simulation.md"))
        .expect("the page is there")
}

/// The lines of the table whose first column has this title.
fn rows(title: &str) -> Vec<String> {
    let page = page();
    let table = page.lines().skip_while(|line| !line.starts_with(&format!("| {title} |")));
    table.skip(2).take_while(|line| line.starts_with('|')).map(str::to_owned).collect()
}

#[test]
fn page_lists_every_setting() {
    let expected: Vec<String> =
        SETTINGS.iter().map(|(name, default, what)| format!("| `{name}` | {default} | {what} |")).collect();
    assert_eq!(rows("setting"), expected, "{}", expected.join("\n"));
}

#[test]
fn page_lists_every_verb() {
    let kind = |kind| match kind {
        Kind::Command => "command",
        Kind::Fault => "fault",
        Kind::Look => "look",
        Kind::Operation => "operation",
    };
    let object = |object: &str| if object.is_empty() { "–".to_owned() } else { object.to_owned() };
    let row = |verb: &longshore_sim::Verb| {
        format!("| `{}` | {} | {} | {} |", verb.name, object(verb.object), verb.options.join(", "), kind(verb.kind))
    };
    let expected: Vec<String> = VERBS.iter().map(row).collect();
    assert_eq!(rows("verb"), expected, "{}", expected.join("\n"));
}
