//! Tags and what they ask for.

use super::of;
use longshore_protocol::Staging;

fn staging(tags: &[(&str, &str)]) -> Option<Staging> {
    of(&tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect())
}

#[test]
fn only_true_turns_staging_on() {
    assert_eq!(staging(&[("longshore:stage", "true")]), Some(Staging::default()));
    assert_eq!(staging(&[("longshore:stage", "True")]), Some(Staging::default()));
    for tags in [&[][..], &[("longshore:stage", "false")], &[("longshore:outputs", "-o")]] {
        assert_eq!(staging(tags), None, "{tags:?}");
    }
}

#[test]
fn outputs_are_named_with_spaces_between() {
    let outputs = vec!["-m".to_owned(), "s3://b/out".to_owned()];
    let asked = staging(&[("longshore:stage", "true"), ("longshore:outputs", " -m  s3://b/out ")]);
    assert_eq!(asked, Some(Staging { outputs }));
}
