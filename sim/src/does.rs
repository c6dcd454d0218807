//! What a job's processes do, as the option `does` of `submit` says: `ok:5s,fail,hang` is what the first, the second and
//! every further attempt does. Children and nodes begin with what is at their index, so that they differ.

use crate::script::duration_ms;

/// What one process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Exits with 0 after so many milliseconds.
    Ok(u64),
    /// Exits with 1.
    Fail(u64),
    /// Never exits by itself.
    Hang,
    /// Never exits by itself and ignores SIGTERM.
    Deaf,
    /// Its memory limit ends it.
    Oom(u64),
    /// Cannot be started.
    NoStart,
}

/// How long a process runs that does not say.
const DEFAULT_MS: u64 = 1_000;

impl Does {
    /// `fail:5s`; what is not understood is an error in words.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (verb, time) = text.split_once(':').map_or((text, None), |(verb, time)| (verb, Some(time)));
        let ms = time.map_or(Some(DEFAULT_MS), duration_ms)?;
        Some(match verb {
            "ok" => Self::Ok(ms),
            "fail" => Self::Fail(ms),
            "hang" => Self::Hang,
            "deaf" => Self::Deaf,
            "oom" => Self::Oom(ms),
            "nostart" => Self::NoStart,
            _ => return None,
        })
    }

    /// What a list says about the attempt with this number, from 1, of the child or node with this index.
    pub(crate) fn of(list: &[Self], index: Option<u32>, attempt: usize) -> Self {
        let tries = attempt.saturating_sub(1);
        let position = match index {
            None => tries.min(list.len().saturating_sub(1)),
            Some(index) => (index as usize + tries) % list.len().max(1),
        };
        list.get(position).copied().unwrap_or(Self::Ok(DEFAULT_MS))
    }
}
