//! Valid input made hostile: a seeded, endless series of damaged examples, for tests of what decodes the bytes of strangers. It
//! knows of formats only what gets damage past their first checks. Only tests use it; nothing of it is in a program.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

#[cfg(test)]
mod tests;

/// Longer series members are cut off here, in bytes.
pub const LENGTH_MAX: usize = 32 << 10;

/// Damage to one example, at most.
const WOUNDS_MAX: u64 = 4;

/// What parsers of numbers, texts and structures stumble over.
const TOKENS: &[&[u8]] = &[
    b"0",
    b"-1",
    b"-0",
    b"1e999",
    b"-1e-999",
    b"0.1",
    b"255",
    b"65536",
    b"2147483648",
    b"4294967295",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551615",
    b"18446744073709551616",
    b"99999999999999999999999999999999999999",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"\"",
    b"\"\\ud800\"",
    b"\\u0000",
    b"\xff\xfe",
    b"\xc0\x80",
    b"\xf0\x9f\x92\xa9",
    b"\0",
    b"../",
    b"%00",
    b"%",
    b"/",
    b":",
    b"#",
    b",",
    b"\n",
    b"\r\n",
    b"&a",
    b"*a",
    b"<<: *a",
    b"!!binary ",
    b"<!DOCTYPE x [<!ENTITY a \"aaaa\">]>",
    b"&a;",
    b"<![CDATA[",
];

/// Numbers that are numbers everywhere, and mean trouble: what gets past a parser.
const NUMBERS: &[&[u8]] = &[
    b"0",
    b"1",
    b"2",
    b"7",
    b"255",
    b"65536",
    b"2147483647",
    b"4294967296",
    b"9007199254740993",
    b"9223372036854775807",
    b"18446744073709551615",
];

/// What opens another level.
const OPENERS: &[&[u8]] = &[b"[", b"{\"a\":", b"{", b"- ", b"<a>", b"("];

/// A seeded series of damaged examples.
///
/// ```
/// let mut inputs = longshore_hostile::Hostile::new(7, ["{\"a\": 1}"]);
/// assert_ne!(inputs.next(), inputs.next());
/// ```
#[derive(Clone, Debug)]
pub struct Hostile {
    state: u64,
    examples: Vec<Vec<u8>>,
}

impl Hostile {
    /// The series of a seed over some examples, of which there has to be one.
    pub fn new(seed: u64, examples: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
        let examples: Vec<Vec<u8>> = examples.into_iter().map(Into::into).collect();
        assert!(!examples.is_empty(), "there is nothing to damage");
        Self { state: seed, examples }
    }

    /// The same series as text; what is none is made some.
    pub fn texts(self) -> impl Iterator<Item = String> {
        self.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// `SplitMix64`.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.random() % (end as u64).max(1)).unwrap_or(0)
    }

    fn example(&mut self) -> Vec<u8> {
        let which = self.below(self.examples.len());
        self.examples[which].clone()
    }

    fn pick<'a>(&mut self, from: &[&'a [u8]]) -> &'a [u8] {
        from[self.below(from.len())]
    }

    /// A range within so many bytes; short ones are likelier.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length - start } else { 16.min(length - start) };
        start..start + self.below(most + 1)
    }

    fn wound(&mut self, bytes: &mut Vec<u8>) {
        match self.below(11) {
            0 => self.flip(bytes),
            1 => self.overwrite(bytes),
            2 => drop(bytes.drain(self.range(bytes.len()))),
            3 => bytes.truncate(self.below(bytes.len() + 1)),
            4 => self.repeat(bytes),
            5 => self.insert_token(bytes),
            6 => self.replace_word(bytes),
            7 => self.splice(bytes),
            8 => self.nest(bytes),
            9 => self.swap_members(bytes),
            _ => self.replace_number(bytes),
        }
    }

    /// Damage that leaves the form as it is, so that what it means is what is wrong.
    fn scratch(&mut self, bytes: &mut Vec<u8>) {
        match self.below(3) {
            0 => self.change_digit(bytes),
            _ => self.replace_value(bytes),
        }
    }

    /// Ids stay ids, and are others.
    fn change_digit(&mut self, bytes: &mut [u8]) {
        let from = self.below(bytes.len());
        let new = b"0123456789"[self.below(10)];
        if let Some(digit) = bytes.iter_mut().skip(from).find(|byte| byte.is_ascii_digit()) {
            *digit = new;
        }
    }

    /// Another whole number, where one stands by itself.
    fn replace_value(&mut self, bytes: &mut Vec<u8>) {
        let from = self.below(bytes.len());
        let stands = |pair: &[u8]| b":,[ =".contains(&pair[0]) && pair[1].is_ascii_digit();
        let Some(start) = bytes.windows(2).skip(from).position(stands).map(|found| from + found + 1) else { return };
        let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = self.pick(NUMBERS);
        drop(bytes.splice(start..start + length, number.iter().copied()));
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let (at, bit) = (self.below(bytes.len()), self.below(8));
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    /// Binary fields: lengths and counts that cannot be.
    fn overwrite(&mut self, bytes: &mut [u8]) {
        let (at, width) = (self.below(bytes.len()), [1, 2, 4, 8][self.below(4)]);
        let values = [0, u64::MAX, u64::MAX >> 1, 0x7fff_ffff, 0x00ff_ffff, self.random()];
        let value = values[self.below(values.len())];
        let end = bytes.len().min(at + width);
        for (byte, new) in bytes[at.min(end)..end].iter_mut().zip(value.to_le_bytes()) {
            *byte = new;
        }
    }

    fn repeat(&mut self, bytes: &mut Vec<u8>) {
        let range = self.range(bytes.len());
        let times = [1, 2, 16, 300][self.below(4)];
        let part = bytes[range.clone()].repeat(times);
        drop(bytes.splice(range.end..range.end, part));
    }

    fn insert_token(&mut self, bytes: &mut Vec<u8>) {
        let (at, token) = (self.below(bytes.len() + 1), self.pick(TOKENS));
        drop(bytes.splice(at..at, token.iter().copied()));
    }

    /// A token in the place of a word or a text in quotes.
    fn replace_word(&mut self, bytes: &mut Vec<u8>) {
        let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"\"-_.".contains(byte);
        self.replace_run(bytes, in_word);
    }

    fn replace_number(&mut self, bytes: &mut Vec<u8>) {
        self.replace_run(bytes, u8::is_ascii_digit);
    }

    fn replace_run(&mut self, bytes: &mut Vec<u8>, belongs: impl Fn(&u8) -> bool) {
        let from = self.below(bytes.len());
        let Some(start) = bytes.iter().skip(from).position(&belongs).map(|found| from + found) else { return };
        let end = bytes[start..].iter().position(|byte| !belongs(byte)).map_or(bytes.len(), |length| start + length);
        let token = self.pick(TOKENS);
        drop(bytes.splice(start..end, token.iter().copied()));
    }

    /// A part of another example.
    fn splice(&mut self, bytes: &mut Vec<u8>) {
        let other = self.example();
        let (range, at) = (self.range(other.len()), self.below(bytes.len() + 1));
        drop(bytes.splice(at..at, other[range].iter().copied()));
    }

    /// Far deeper than anybody means.
    fn nest(&mut self, bytes: &mut Vec<u8>) {
        let opener = self.pick(OPENERS);
        let (at, depth) = (self.below(bytes.len() + 1), [2, 100, 150, 5_000][self.below(4)]);
        drop(bytes.splice(at..at, opener.repeat(depth)));
    }

    /// Two members of lists, in each other's place.
    fn swap_members(&mut self, bytes: &mut Vec<u8>) {
        let mut members: Vec<Vec<u8>> = bytes.split(|byte| b",\n;".contains(byte)).map(<[u8]>::to_vec).collect();
        let (one, other) = (self.below(members.len()), self.below(members.len()));
        members.swap(one, other);
        *bytes = members.join(&b',');
    }
}

impl Iterator for Hostile {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.example();
        if self.below(3) == 0 {
            for _ in 0..=self.random() % WOUNDS_MAX {
                self.scratch(&mut bytes);
            }
            return Some(bytes);
        }
        for _ in 0..=self.random() % WOUNDS_MAX {
            self.wound(&mut bytes);
            bytes.truncate(LENGTH_MAX);
        }
        Some(bytes)
    }
}
