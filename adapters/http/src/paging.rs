//! Pages of lists (`PAGE-1`, `PAGE-2`). A token names the last entry of its page and the query that it belongs to, so
//! that nothing has to be remembered between pages and no token fits another query.

use crate::arn::name_of;
use crate::failure::Failure;
use crate::services::BatchService;
use longshore_types::Name;
use std::fmt::Write as _;

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    limit: usize,
    after: Option<String>,
    query: u64,
}

impl Window {
    /// The window that `maxResults` and `nextToken` ask for, of a list of up to `most` entries a page. `query` names the
    /// operation and everything that selects its entries.
    pub(crate) fn new(
        query: &str,
        most: usize,
        (max_results, next_token): (Option<i64>, Option<&str>),
    ) -> Result<Self, Failure> {
        let range = || Failure::client(format!("maxResults must be between 1 and {most}."));
        let limit = match max_results {
            None => most,
            Some(asked) => usize::try_from(asked).ok().filter(|asked| (1..=most).contains(asked)).ok_or_else(range)?,
        };
        let query = fingerprint(query);
        let token = next_token.filter(|token| !token.is_empty());
        let after = token.map(|token| parse(token, query).ok_or_else(bad_token)).transpose()?;
        Ok(Self { limit, after, query })
    }

    /// The token of the page that follows the entry with this key.
    fn token_after(&self, key: &str) -> String {
        let mut token = format!("{:016x}", self.query);
        for byte in key.bytes() {
            let _ = write!(token, "{byte:02x}");
        }
        token
    }

    /// What to ask a listing for: one entry more than is shown, which tells whether there are more.
    pub(crate) const fn probe(&self) -> usize {
        self.limit + 1
    }

    /// The entry after which the page begins.
    pub(crate) fn after<K>(&self, parse: impl FnOnce(&str) -> Option<K>) -> Result<Option<K>, Failure> {
        self.after.as_deref().map(|key| parse(key).ok_or_else(bad_token)).transpose()
    }

    /// Turns what a listing gave for [`Window::probe`] into the page, and the token of the next one if there is one.
    pub(crate) fn close<T>(&self, mut entries: Vec<T>, key: impl FnOnce(&T) -> String) -> (Vec<T>, Option<String>) {
        let more = entries.len() > self.limit;
        entries.truncate(self.limit);
        let last = entries.last().filter(|_| more);
        let token = last.map(|last| self.token_after(&key(last)));
        (entries, token)
    }
}

/// The most entries of a page (`PAGE-1`).
pub(crate) const LIST_MAX: usize = 100;

/// A list in a request (`PAGE-4`); an empty one counts as absent.
pub(crate) fn listed(service: &BatchService, entries: Option<Vec<String>>) -> Result<Option<Vec<String>>, Failure> {
    let entries = entries.filter(|entries| !entries.is_empty());
    let limit = service.quotas.limits().listed;
    if entries.as_ref().is_some_and(|entries| entries.len() > limit) {
        // AWS's text is known for jobs only.
        return Err(Failure::client(format!("A list can have at most {limit} entries.")));
    }
    Ok(entries)
}

/// The names in a list of names and ARNs of this kind; what can be no name names nothing (`PAGE-3`).
pub(crate) fn listed_names(
    service: &BatchService,
    kind: &str,
    entries: Option<Vec<String>>,
) -> Result<Option<Vec<Name>>, Failure> {
    let names = |entries: Vec<String>| entries.iter().filter_map(|entry| name_of(kind, entry).parse().ok()).collect();
    Ok(listed(service, entries)?.map(names))
}

/// What exists of what was asked for, in the order in which it was asked for (`PAGE-3`).
pub(crate) fn found<K, T, E>(keys: Vec<K>, mut read: impl FnMut(&K) -> Result<Option<T>, E>) -> Result<Vec<T>, E> {
    let found = keys.iter().map(|key| read(key).transpose());
    found.flatten().collect()
}

fn bad_token() -> Failure {
    Failure::client("nextToken is not valid for this request. Repeat the request without it.")
}

fn parse(token: &str, query: u64) -> Option<String> {
    let (head, tail) = token.split_at_checked(16)?;
    if u64::from_str_radix(head, 16).ok()? != query {
        return None;
    }
    let pairs = tail.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}

/// FNV-1a: the same in every version, which a token in a client's hands needs.
fn fingerprint(query: &str) -> u64 {
    query.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests;
