//! Names keep to the character set and length of the API.

use super::Name;

#[test]
fn name_within_the_character_set_is_accepted() {
    for text in ["a", "A-b_9", "-", &"x".repeat(128)] {
        assert_eq!(text.parse::<Name>().unwrap().as_str(), text);
    }
}

#[test]
fn name_empty_long_or_with_other_characters_is_refused() {
    for text in ["", "a b", "é", "a.b", "a/b", &"x".repeat(129)] {
        assert!(text.parse::<Name>().is_err(), "{text}");
    }
}
