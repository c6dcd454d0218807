//! What of this machine's GPUs a host offers, as its operator writes it, and finding them.

use crate::{Gpu, cdi, nodes};
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where vendors' tools leave their specifications; a later one counts before an earlier one.
pub const CDI_DIRECTORIES: [&str; 2] = ["/etc/cdi", "/var/run/cdi"];

/// How operators write it.
const AUTO: &str = "auto";
const NONE: &str = "none";

/// Which GPUs a host offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub enum Offer {
    /// All that are found.
    #[default]
    All,
    /// The first so many of them.
    AtMost(usize),
}

/// Not what an operator can want.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("offer {text:?} as GPUs: give auto, none, or how many at most")]
pub struct OfferError {
    text: String,
}

/// A configuration file has words and numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    Number(usize),
}

impl TryFrom<Written> for Offer {
    type Error = OfferError;

    fn try_from(written: Written) -> Result<Self, OfferError> {
        match written {
            Written::Word(text) => text.parse(),
            Written::Number(most) => Ok(Self::AtMost(most)),
        }
    }
}

impl FromStr for Offer {
    type Err = OfferError;

    fn from_str(text: &str) -> Result<Self, OfferError> {
        match text {
            AUTO => Ok(Self::All),
            NONE => Ok(Self::AtMost(0)),
            number => number.parse().map(Self::AtMost).map_err(|_| OfferError { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str(AUTO),
            Self::AtMost(0) => formatter.write_str(NONE),
            Self::AtMost(most) => most.fmt(formatter),
        }
    }
}

/// The GPUs to be offered: those that specifications in the directories describe, or if there are none, those that have
/// device nodes.
pub fn find(offer: Offer, directories: &[PathBuf]) -> Vec<Gpu> {
    let most = match offer {
        Offer::All => usize::MAX,
        Offer::AtMost(0) => return Vec::new(),
        Offer::AtMost(most) => most,
    };
    let described = cdi::gpus(directories);
    let mut found = if described.is_empty() { nodes::gpus(Path::new("/")) } else { described };
    if most != usize::MAX && found.len() < most {
        tracing::warn!(found = found.len(), asked = most, "fewer GPUs are offered than were asked for");
    }
    found.truncate(most);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offer_is_read_as_it_is_written() {
        for (text, offer) in [("auto", Offer::All), ("none", Offer::AtMost(0)), ("2", Offer::AtMost(2))] {
            assert_eq!((text.parse(), offer.to_string().as_str()), (Ok(offer), text));
        }
        assert_eq!("0".parse(), Ok(Offer::AtMost(0)));
        let refused = "some".parse::<Offer>().unwrap_err().to_string();
        assert_eq!(refused, "offer \"some\" as GPUs: give auto, none, or how many at most");
        assert_eq!(serde_json::from_str::<Offer>("3").unwrap(), Offer::AtMost(3));
        assert_eq!(serde_json::from_str::<Offer>("\"auto\"").unwrap(), Offer::All);
    }
}
