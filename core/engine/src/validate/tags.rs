//! Tags of every resource (`TAG-1`, `SUB-14`).

use super::require;
use crate::entity::Tags;
use crate::error::Error;
use longshore_types::Limits;

const CHARSET: &str =
    "Tags can only contain letters, numbers, spaces, and the following special characters: _ . : / = + - @";

/// Not too many, keys of 1 to 128 and values of up to 256 characters, from the allowed set, none of AWS's own. Only the
/// text on characters is AWS's; the others are not known.
pub(crate) fn tags(tags: &Tags, limits: &Limits) -> Result<(), Error> {
    tag_count(tags, limits)?;
    for (key, value) in tags {
        tag_key(key)?;
        require(value.chars().count() <= 256, format!("The value of tag {key} cannot exceed 256 characters."))?;
        require(value.chars().all(allowed), CHARSET)?;
    }
    Ok(())
}

/// No resource has more tags than this.
pub(crate) fn tag_count(tags: &Tags, limits: &Limits) -> Result<(), Error> {
    require(tags.len() <= limits.tags, format!("A resource can have at most {} tags.", limits.tags))
}

/// 1 to 128 characters from the allowed set, none of AWS's own keys.
pub(crate) fn tag_key(key: &str) -> Result<(), Error> {
    require((1..=128).contains(&key.chars().count()), "Tag keys must have between 1 and 128 characters.")?;
    let reserved = key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    require(!reserved, format!("Tag key {key} is not valid. Keys starting with aws: are reserved."))?;
    require(key.chars().all(allowed), CHARSET)
}

fn allowed(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
}

#[cfg(test)]
mod tests;
