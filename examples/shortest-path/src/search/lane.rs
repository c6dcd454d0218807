//! The integers that a sweep computes with: 32 bits when all distances fit, for twice the speed, else 64.

use super::heap::Entry;

/// One distance of several that are computed side by side.
pub(super) trait Lane: Copy + Ord + Default + std::fmt::Debug + Send + Sync {
    /// Holds these distances in a heap.
    type Entry: Entry;
    /// Farther than any distance; adding a weight to it does not overflow.
    const FAR: Self;
    /// Less than any distance.
    const NONE: Self;

    fn from_units(units: u64) -> Self;
    fn units(self) -> u64;
    fn plus(self, other: Self) -> Self;
}

macro_rules! lane {
    ($integer:ty, $entry:ty) => {
        impl Lane for $integer {
            type Entry = $entry;
            const FAR: Self = Self::MAX / 2;
            const NONE: Self = -1;

            #[inline(always)]
            fn from_units(units: u64) -> Self {
                units as Self
            }

            #[inline(always)]
            fn units(self) -> u64 {
                self as u64
            }

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
        }
    };
}

lane!(i32, u64);
lane!(i64, u128);

/// Whether every path of a network fits.
pub(super) fn fits<D: Lane>(longest: u64) -> bool {
    longest < D::FAR.units()
}
