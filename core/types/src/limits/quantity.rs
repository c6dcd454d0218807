//! The number types that limits have, seen as one.

/// No bound.
pub const UNLIMITED: u64 = u64::MAX;

/// A type that a limit can have. Its highest value means "no bound".
pub trait Quantity: Sized {
    /// The value as any limit's value is shown; [`UNLIMITED`] for no bound.
    fn to_number(self) -> u64;

    /// The value for a number.
    ///
    /// # Errors
    /// The highest number there is, when `number` is higher and not [`UNLIMITED`].
    fn from_number(number: u64) -> Result<Self, u64>;
}

impl Quantity for u32 {
    fn to_number(self) -> u64 {
        if self == Self::MAX { UNLIMITED } else { u64::from(self) }
    }

    fn from_number(number: u64) -> Result<Self, u64> {
        let most = Self::MAX - 1;
        match Self::try_from(number) {
            Ok(value) => Ok(value.min(most)),
            Err(_) if number == UNLIMITED => Ok(Self::MAX),
            Err(_) => Err(u64::from(most)),
        }
    }
}

impl Quantity for usize {
    fn to_number(self) -> u64 {
        u64::try_from(self).unwrap_or(UNLIMITED)
    }

    fn from_number(number: u64) -> Result<Self, u64> {
        match Self::try_from(number) {
            Ok(value) => Ok(value),
            Err(_) if number == UNLIMITED => Ok(Self::MAX),
            Err(_) => Err(Self::MAX.to_number() - 1),
        }
    }
}
