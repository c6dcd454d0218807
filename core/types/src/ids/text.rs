//! Ids as text. They are written more often than anything else, so this goes around the formatting of numbers and needs no
//! memory but its own.

/// The longest: a UUID, a separator and an index of ten digits.
const LONGEST: usize = 36 + 1 + 10;

/// The text of one id.
pub(super) struct Text {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Text {
    /// As a UUID: groups of 8, 4, 4, 4 and 12 hex digits.
    pub(super) fn of_uuid(bits: u128) -> Self {
        let digits = hex(bits);
        let mut bytes = [b'-'; LONGEST];
        for (from, to) in [(0..8, 0..8), (8..12, 9..13), (12..16, 14..18), (16..20, 19..23), (20..32, 24..36)] {
            bytes[to].copy_from_slice(&digits[from]);
        }
        Self { bytes, len: 36 }
    }

    /// As 32 hex digits.
    pub(super) fn of_digits(bits: u128) -> Self {
        let mut bytes = [0; LONGEST];
        bytes[..32].copy_from_slice(&hex(bits));
        Self { bytes, len: 32 }
    }

    /// With an index behind it.
    pub(super) fn with_index(mut self, separator: u8, index: u32) -> Self {
        let digits = index.checked_ilog10().map_or(1, |log| log as usize + 1);
        let (separated, mut rest) = (self.len + 1, index);
        self.bytes[self.len] = separator;
        self.len = separated + digits;
        for place in self.bytes[separated..self.len].iter_mut().rev() {
            *place = b"0123456789"[(rest % 10) as usize];
            rest /= 10;
        }
        self
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

fn hex(bits: u128) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = bits.to_be_bytes();
    std::array::from_fn(|digit| {
        let byte = bytes[digit / 2];
        DIGITS[usize::from(if digit % 2 == 0 { byte >> 4 } else { byte & 0xf })]
    })
}
