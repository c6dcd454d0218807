//! Tags at their bounds.

use super::{CHARSET, tags};
use crate::entity::Tags;
use crate::validate::check_refused;
use longshore_types::Limits;

fn tag(key: &str, value: &str) -> Tags {
    Tags::from([(key.to_owned(), value.to_owned())])
}

#[test]
fn tag_1_full_set_of_long_tags_is_accepted() {
    let full: Tags = (0..50).map(|index| (format!("{index:0128}"), "é_.:/=+-@ ".repeat(25))).collect();
    assert_eq!(tags(&full, &Limits::aws()), Ok(()));
    let over: Tags = (0..51).map(|index| (index.to_string(), String::new())).collect();
    check_refused(tags(&over, &Limits::aws()), "A resource can have at most 50 tags.");
}

#[test]
fn sub_14_other_characters_are_refused() {
    for bad in [tag("a", "b,c"), tag("a{", ""), tag("a", "b\"")] {
        check_refused(tags(&bad, &Limits::aws()), CHARSET);
    }
}

#[test]
fn tag_1_lengths_and_reserved_keys_are_refused() {
    let reserved = "Tag key AWS:x is not valid. Keys starting with aws: are reserved.";
    for (bad, text) in [
        (tag("", "x"), "Tag keys must have between 1 and 128 characters."),
        (tag(&"k".repeat(129), "x"), "Tag keys must have between 1 and 128 characters."),
        (tag("k", &"v".repeat(257)), "The value of tag k cannot exceed 256 characters."),
        (tag("AWS:x", ""), reserved),
    ] {
        check_refused(tags(&bad, &Limits::aws()), text);
    }
}
