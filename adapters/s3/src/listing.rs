//! One page of a listing: keys in order, rolled up at a delimiter. Pure; the rows come through `fetch`.
//!
//! A listing is a sequence of names, each a key or a common prefix, in the byte order of keys. A page is the first
//! names greater than `after`. A common prefix is skipped by seeking past it, however many keys it has.

use crate::failure::Result;

/// What to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) prefix: String,
    /// Empty: nothing is rolled up.
    pub(crate) delimiter: String,
    /// Only names greater than this; empty: from the start.
    pub(crate) after: String,
    pub(crate) max: usize,
}

/// Where a scan begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    AtLeast(String),
    After(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<(String, T)>,
    pub(crate) prefixes: Vec<String>,
    /// The last name of the page, if there are more: the next page's `after`.
    pub(crate) next: Option<String>,
}

/// Rows per fetch: small after a seek, larger while keys come one after another.
const FETCH_MIN: usize = 16;
const FETCH_MAX: usize = 1001;

/// `fetch` returns up to so many rows, ascending by key, from the given place; fewer only at the end.
pub(crate) fn list<T>(
    request: &Request,
    mut fetch: impl FnMut(&From, usize) -> Result<Vec<(String, T)>>,
) -> Result<Page<T>> {
    let mut page = Builder::new(request);
    if request.max == 0 {
        return Ok(page.finish(false));
    }
    let mut from = start(request);
    let mut size = if request.delimiter.is_empty() { request.max + 1 } else { FETCH_MIN };
    while let Some(place) = from.take() {
        let rows = fetch(&place, size)?;
        let is_last = rows.len() < size;
        size = (size * 4).min(FETCH_MAX);
        from = rows.last().filter(|_| !is_last).map(|(key, _)| From::After(key.clone()));
        for (key, row) in rows {
            match page.add(key, row) {
                Step::Next => {}
                Step::Full => return Ok(page.finish(true)),
                Step::Outside => return Ok(page.finish(false)),
            }
        }
        // If the rows ended inside a common prefix, the next scan begins behind it.
        if let Some(From::After(key)) = &from
            && let Some(prefix) = page.rolled_up.as_ref().filter(|prefix| key.starts_with(prefix.as_str()))
        {
            from = successor(prefix).map(From::AtLeast);
            size = FETCH_MIN;
        }
    }
    Ok(page.finish(false))
}

/// None if no name can be greater than `after`.
fn start(request: &Request) -> Option<From> {
    if request.after < request.prefix {
        return Some(From::AtLeast(request.prefix.clone()));
    }
    // Names inside a common prefix are not greater than it: resume behind the one that `after` lies in.
    match common_prefix(&request.after, &request.prefix, &request.delimiter) {
        Some(prefix) => successor(&prefix).map(From::AtLeast),
        None => Some(From::After(request.after.clone())),
    }
}

enum Step {
    Next,
    Full,
    Outside,
}

struct Builder<'a, T> {
    request: &'a Request,
    page: Page<T>,
    last: String,
    rolled_up: Option<String>,
}

impl<'a, T> Builder<'a, T> {
    fn new(request: &'a Request) -> Self {
        let page = Page { entries: Vec::new(), prefixes: Vec::new(), next: None };
        Self { request, page, last: String::new(), rolled_up: None }
    }

    fn add(&mut self, key: String, row: T) -> Step {
        if !key.starts_with(&self.request.prefix) {
            return Step::Outside;
        }
        if self.rolled_up.as_ref().is_some_and(|prefix| key.starts_with(prefix.as_str())) {
            return Step::Next;
        }
        if self.page.entries.len() + self.page.prefixes.len() == self.request.max {
            return Step::Full;
        }
        match common_prefix(&key, &self.request.prefix, &self.request.delimiter) {
            Some(prefix) => {
                self.last.clone_from(&prefix);
                self.rolled_up = Some(prefix.clone());
                self.page.prefixes.push(prefix);
            }
            None => {
                self.last.clone_from(&key);
                self.page.entries.push((key, row));
            }
        }
        Step::Next
    }

    fn finish(mut self, is_truncated: bool) -> Page<T> {
        self.page.next = is_truncated.then_some(self.last);
        self.page
    }
}

/// The key up to and including the first delimiter behind the prefix.
fn common_prefix(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    let rest = key.strip_prefix(prefix).filter(|_| !delimiter.is_empty())?;
    let at = rest.find(delimiter)?;
    Some(key[..prefix.len() + at + delimiter.len()].to_owned())
}

/// The smallest string greater than every string that starts with `prefix`. UTF-8 sorts as its code points do.
fn successor(prefix: &str) -> Option<String> {
    let mut shorter = prefix.to_owned();
    while let Some(last) = shorter.pop() {
        // The range of chars leaves out the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            shorter.push(next);
            return Some(shorter);
        }
    }
    None
}

#[cfg(test)]
mod tests;
