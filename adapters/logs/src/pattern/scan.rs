//! A reader of pattern text, from left to right.

/// What is still to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a>(pub(super) &'a str);

impl<'a> Scan<'a> {
    /// The next character.
    pub(super) fn first(&self) -> Option<char> {
        self.0.chars().next()
    }

    /// Passes over white space.
    pub(super) fn skip_space(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// Passes over `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        match self.0.strip_prefix(text) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Takes the longest run of characters that `accept`; nothing if that is empty.
    pub(super) fn take_while(&mut self, accept: impl Fn(char) -> bool) -> Option<&'a str> {
        let end = self.0.find(|character| !accept(character)).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(run).filter(|run| !run.is_empty())
    }

    /// Takes a keyword, in any case, that ends where a word ends.
    pub(super) fn keyword(&mut self, keyword: &str) -> bool {
        let mut ahead = *self;
        ahead.skip_space();
        let found = ahead.take_while(|character| character.is_ascii_alphabetic());
        let is_it = found.is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        if is_it {
            *self = ahead;
        }
        is_it
    }

    /// Takes `"…"`, in which a backslash escapes a quote or a backslash.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let rest = self.0.strip_prefix('"')?;
        let mut text = String::new();
        let mut characters = rest.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.0 = &rest[at + 1..];
                    return Some(text);
                }
                '\\' => match characters.next()?.1 {
                    escaped @ ('"' | '\\') => text.push(escaped),
                    other => text.extend(['\\', other]),
                },
                other => text.push(other),
            }
        }
        None
    }

    /// Takes `%…%`, a regular expression.
    pub(super) fn regex(&mut self) -> Option<regex::Regex> {
        let (expression, rest) = self.0.strip_prefix('%')?.split_once('%')?;
        self.0 = rest;
        regex::Regex::new(expression).ok().filter(|_| !expression.is_empty())
    }
}
