//! Decimal numbers as they stand in a file, without a detour over binary fractions.

/// `digits` × 10^`exponent`, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: u64,
    exponent: i32,
    /// The text had more digits than are kept.
    pub(super) cut: bool,
}

/// Why a text is not a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Invalid {
    Negative,
    NotANumber,
}

/// Digits beyond these are rounded away; 18 always fit a `u64`.
const SIGNIFICANT: usize = 18;

impl Decimal {
    pub(crate) const fn integer(digits: u64) -> Self {
        Self { digits, exponent: 0, cut: false }
    }

    /// Accepts `12`, `0.5`, `.5`, `1e-3` and `1.5E+2`.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let (negative, unsigned) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = split_exponent(unsigned).ok_or(Invalid::NotANumber)?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !all_digits || whole.len() + fraction.len() == 0 || fraction.len() > 400 {
            return Err(Invalid::NotANumber);
        }
        let decimal = Self::from_digits(whole, fraction, exponent);
        if negative && decimal.digits != 0 { Err(Invalid::Negative) } else { Ok(decimal) }
    }

    fn from_digits(whole: &str, fraction: &str, exponent: i32) -> Self {
        let joined: String = [whole, fraction].concat();
        let significant = joined.trim_start_matches('0');
        let kept = &significant[..significant.len().min(SIGNIFICANT)];
        let dropped = (significant.len() - kept.len()) as i32;
        let round_up = significant.as_bytes().get(SIGNIFICANT).is_some_and(|&digit| digit >= b'5');
        let mut digits = kept.bytes().fold(0u64, |value, byte| value * 10 + u64::from(byte - b'0'));
        digits += u64::from(round_up);
        let mut exponent = exponent - fraction.len() as i32 + dropped;
        if digits == 0 {
            return Self::integer(0);
        }
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        Self { digits, exponent, cut: dropped > 0 }
    }

    /// Decimals after the point that it takes to write the number exactly.
    pub(crate) fn decimals(self) -> u8 {
        u8::try_from(-self.exponent.min(0)).unwrap_or(u8::MAX)
    }

    /// The number in units of 10^-`decimals`, rounded half up when that is coarser; `None` on overflow.
    pub(crate) fn in_units(self, decimals: u8) -> Option<u64> {
        let shift = self.exponent + i32::from(decimals);
        let digits = u128::from(self.digits);
        match u32::try_from(shift) {
            Ok(up) => u64::try_from(10u128.checked_pow(up)?.checked_mul(digits)?).ok(),
            Err(_) if shift < -(SIGNIFICANT as i32) - 1 => Some(0),
            Err(_) => {
                let unit = 10u128.pow(shift.unsigned_abs());
                u64::try_from((digits + unit / 2) / unit).ok()
            }
        }
    }
}

fn split_exponent(text: &str) -> Option<(&str, i32)> {
    match text.split_once(['e', 'E']) {
        None => Some((text, 0)),
        Some((mantissa, exponent)) => {
            let exponent: i32 = exponent.parse().ok()?;
            (-400..=400).contains(&exponent).then_some((mantissa, exponent))
        }
    }
}
