//! `word`, `"a phrase"`, `?either ?or`, `-not`, `%regex%`: what a message has to contain, upper and lower case apart.

use super::scan::Scan;
use memchr::memmem::Finder;

/// Something that a message contains or not.
#[derive(Debug)]
enum Term {
    Text(Box<Finder<'static>>),
    Regex(regex::Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => text.find(message.as_bytes()).is_some(),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

/// What a message has to contain.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    required: Vec<Term>,
    /// One of these is enough; they say nothing beside required ones, as in AWS.
    optional: Vec<Term>,
    excluded: Vec<Term>,
}

impl Terms {
    pub(super) fn matches(&self, message: &str) -> bool {
        let Self { required, optional, excluded } = self;
        let any_optional =
            optional.is_empty() || !required.is_empty() || optional.iter().any(|term| term.is_in(message));
        any_optional
            && required.iter().all(|term| term.is_in(message))
            && !excluded.iter().any(|term| term.is_in(message))
    }
}

/// Reads terms, separated by white space.
pub(super) fn parse(text: &str) -> Option<Terms> {
    let mut scan = Scan(text);
    let mut terms = Terms::default();
    loop {
        scan.skip_space();
        match scan.first() {
            None => return Some(terms),
            Some('?') => {
                scan.take("?");
                terms.optional.push(term(&mut scan)?);
            }
            Some('-') => {
                scan.take("-");
                terms.excluded.push(term(&mut scan)?);
            }
            Some(_) => terms.required.push(term(&mut scan)?),
        }
    }
}

fn term(scan: &mut Scan<'_>) -> Option<Term> {
    let term = match scan.first()? {
        '"' => text(&scan.quoted()?),
        '%' => Term::Regex(scan.regex()?),
        // Space-delimited patterns, `[a, b]`, are none of ours: refused, and not taken for a word.
        '[' => return None,
        _ => text(scan.take_while(|character| !character.is_whitespace() && character != '"')?),
    };
    scan.first().is_none_or(char::is_whitespace).then_some(term)
}

fn text(text: &str) -> Term {
    Term::Text(Box::new(Finder::new(text).into_owned()))
}
