//! Which of the variants of an image this machine runs.

use serde::Deserialize;

/// The platform of one variant, in Go's words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Platform {
    #[serde(default)]
    pub(crate) os: String,
    #[serde(default)]
    pub(crate) architecture: String,
    #[serde(default)]
    pub(crate) variant: Option<String>,
}

impl Platform {
    /// This machine.
    pub(crate) fn own() -> Self {
        let (architecture, variant) = match std::env::consts::ARCH {
            "x86_64" => ("amd64", None),
            "aarch64" => ("arm64", Some("v8")),
            "arm" => ("arm", Some("v7")),
            "x86" => ("386", None),
            "powerpc64" => ("ppc64le", None),
            other => (other, None),
        };
        Self { os: "linux".into(), architecture: architecture.into(), variant: variant.map(str::to_owned) }
    }

    /// How well this machine runs a variant: the higher, the better; none for not at all.
    pub(crate) fn suits(&self, offered: &Self) -> Option<u8> {
        if self.os != offered.os || self.architecture != offered.architecture {
            return None;
        }
        match (&self.variant, &offered.variant) {
            (own, offered) if own == offered => Some(2),
            // Variants are ordered as their names are: v6 runs on v7. What names no variant is made for all.
            (Some(own), Some(offered)) if offered > own => None,
            (None, Some(offered)) if offered != "v1" => None,
            _ => Some(1),
        }
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(formatter, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        let mut parts = text.split('/').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Platform { os: next(), architecture: next(), variant: parts.next() }
    }

    #[test]
    fn variant_of_another_system_or_a_newer_one_does_not_suit() {
        let arm = platform("linux/arm/v7");
        assert_eq!(arm.suits(&platform("linux/arm/v7")), Some(2));
        assert_eq!(arm.suits(&platform("linux/arm/v6")), Some(1));
        assert_eq!(arm.suits(&platform("linux/arm")), Some(1));
        assert_eq!(arm.suits(&platform("linux/arm/v8")), None);
        assert_eq!(platform("linux/amd64").suits(&platform("linux/amd64/v3")), None);
        assert_eq!(platform("linux/amd64").suits(&platform("windows/amd64")), None);
        assert_eq!(platform("linux/amd64").suits(&platform("unknown/unknown")), None);
    }
}
