//! A bound on what is kept, and when its operator hears of it: once on the way up past four fifths, once when it is reached, and
//! again only after it had sunk well below. It decides nothing else.

/// The part of a limit from which on its operator is warned, in twentieths; and below which the next crossing counts again.
const WARNED_FROM: u128 = 16;
const FORGOTTEN_BELOW: u128 = 15;
const WHOLE: u128 = 20;

/// What was told last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    #[default]
    Nothing,
    NearlyFull,
    Full,
}

/// One bound.
#[derive(Debug)]
pub(super) struct Bound {
    /// What it bounds, and the flag that sets it.
    pub(super) what: &'static str,
    pub(super) flag: &'static str,
    pub(super) limit: Option<u64>,
    told: Told,
}

impl Bound {
    pub(super) const fn new(what: &'static str, flag: &'static str, limit: Option<u64>) -> Self {
        Self { what, flag, limit, told: Told::Nothing }
    }

    /// There are so many bytes now; `then` says what happens at the limit.
    pub(super) fn look(&mut self, bytes: u64, then: &str) {
        let Some(limit) = self.limit else { return };
        let (before, what, flag) = (self.told, self.what, self.flag);
        match self.step(bytes, limit) {
            Told::Full if before < Told::Full => {
                tracing::warn!(bytes, limit, "{what} take as much as they may ({flag}): {then}");
            }
            Told::NearlyFull if before < Told::NearlyFull => {
                tracing::warn!(
                    bytes,
                    limit,
                    "{what} take more than four fifths of what they may ({flag}); then {then}"
                );
            }
            _ => {}
        }
    }

    fn step(&mut self, bytes: u64, limit: u64) -> Told {
        let (bytes, limit) = (u128::from(bytes), u128::from(limit));
        let reached = |part: u128| bytes * WHOLE >= limit * part;
        self.told = match self.told {
            _ if bytes >= limit => Told::Full,
            Told::Full if reached(WARNED_FROM + 2) => Told::Full,
            _ if reached(WARNED_FROM) => Told::NearlyFull,
            Told::Full | Told::NearlyFull if reached(FORGOTTEN_BELOW) => Told::NearlyFull,
            _ => Told::Nothing,
        };
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossing_is_told_once_until_it_has_sunk_well_below() {
        let mut bound = Bound::new("objects", "--s3-limit", Some(100));
        let told = [79, 80, 79, 99, 100, 95, 90, 89, 76, 74, 80].map(|bytes| bound.step(bytes, 100));
        use Told::{Full, NearlyFull, Nothing};
        let (near, full) = (NearlyFull, Full);
        assert_eq!(told, [Nothing, near, near, near, full, full, full, near, near, Nothing, near]);
    }

    #[test]
    fn limit_of_nothing_is_full_at_once() {
        assert_eq!(Bound::new("objects", "--s3-limit", Some(0)).step(0, 0), Told::Full);
        assert_eq!(Bound::new("objects", "--s3-limit", Some(u64::MAX)).step(u64::MAX, u64::MAX), Told::Full);
    }
}
