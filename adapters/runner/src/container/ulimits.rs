//! Ulimits (`CPU-6`) in the words of OCI runtimes. Without CAP_SYS_RESOURCE nobody raises a hard limit: what is beyond the
//! host's own is lowered to it, or refused where limits are strict.

use super::failure::Failure;
use super::settings::Ulimit;
use rustix::process::{Resource, getrlimit};
use serde_json::{Value, json};

/// What the API calls a limit, what runtimes call it, and what the kernel has.
const LIMITS: [(&str, &str, Resource); 15] = [
    ("core", "RLIMIT_CORE", Resource::Core),
    ("cpu", "RLIMIT_CPU", Resource::Cpu),
    ("data", "RLIMIT_DATA", Resource::Data),
    ("fsize", "RLIMIT_FSIZE", Resource::Fsize),
    ("locks", "RLIMIT_LOCKS", Resource::Locks),
    ("memlock", "RLIMIT_MEMLOCK", Resource::Memlock),
    ("msgqueue", "RLIMIT_MSGQUEUE", Resource::Msgqueue),
    ("nice", "RLIMIT_NICE", Resource::Nice),
    ("nofile", "RLIMIT_NOFILE", Resource::Nofile),
    ("nproc", "RLIMIT_NPROC", Resource::Nproc),
    ("rss", "RLIMIT_RSS", Resource::Rss),
    ("rtprio", "RLIMIT_RTPRIO", Resource::Rtprio),
    ("rttime", "RLIMIT_RTTIME", Resource::Rttime),
    ("sigpending", "RLIMIT_SIGPENDING", Resource::Sigpending),
    ("stack", "RLIMIT_STACK", Resource::Stack),
];

/// What runtimes call a limit, as the kernel has it.
pub(super) fn resource(kind: &str) -> Option<Resource> {
    LIMITS.iter().find(|(_, other, _)| *other == kind).map(|(.., resource)| *resource)
}

/// How far this process may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// Whether it may raise hard limits.
    pub(super) raises: bool,
    /// Whether what cannot be had is refused.
    pub(super) strict: bool,
}

/// The limits as `process.rlimits` has them.
pub(super) fn of(asked: &[Ulimit], reach: Reach) -> Result<Vec<Value>, Failure> {
    let own = |resource| getrlimit(resource).maximum.unwrap_or(u64::MAX);
    asked.iter().map(|ulimit| limit(ulimit, reach, own)).collect()
}

fn limit(asked: &Ulimit, reach: Reach, own: impl Fn(Resource) -> u64) -> Result<Value, Failure> {
    let refused = |error: String| Failure::Create { what: "set its ulimits", error };
    let Some((_, kind, resource)) = LIMITS.iter().find(|(name, ..)| *name == asked.name) else {
        return Err(refused(format!("invalid ulimit type: {}", asked.name)));
    };
    // -1 is Docker's word for none.
    let unsigned = |limit: i64| u64::try_from(limit).unwrap_or(u64::MAX);
    let (soft, hard) = (unsigned(asked.soft_limit), unsigned(asked.hard_limit));
    if soft > hard {
        return Err(refused(format!("ulimit {}: soft limit {soft} is above the hard limit {hard}", asked.name)));
    }
    let most = if reach.raises { u64::MAX } else { own(*resource) };
    if hard > most && reach.strict {
        return Err(refused(format!("ulimit {}: this host allows at most {most}, not {hard}", asked.name)));
    }
    Ok(json!({ "type": kind, "soft": soft.min(most), "hard": hard.min(most) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, limits: (i64, i64), (raises, strict): (bool, bool)) -> Result<(u64, u64), String> {
        let asked = Ulimit { name: name.into(), soft_limit: limits.0, hard_limit: limits.1 };
        let made = limit(&asked, Reach { raises, strict }, |_| 1_000).map_err(|failure| failure.to_string())?;
        Ok((made["soft"].as_u64().unwrap(), made["hard"].as_u64().unwrap()))
    }

    #[test]
    fn limit_within_reach_is_set_as_asked() {
        assert_eq!(set("nofile", (10, 1_000), (false, true)), Ok((10, 1_000)));
        assert_eq!(set("nofile", (10, 2_000), (true, true)), Ok((10, 2_000)));
        assert_eq!(set("core", (-1, -1), (true, true)), Ok((u64::MAX, u64::MAX)));
    }

    #[test]
    fn limit_beyond_reach_is_lowered_or_refused() {
        assert_eq!(set("nofile", (1_500, 2_000), (false, false)), Ok((1_000, 1_000)));
        let refusal = set("nofile", (10, 2_000), (false, true)).unwrap_err();
        let expected =
            "CannotCreateContainerError: set its ulimits: ulimit nofile: this host allows at most 1000, not 2000";
        assert_eq!(refusal, expected);
    }

    #[test]
    fn limit_that_is_none_is_refused() {
        assert!(set("threads", (1, 1), (true, false)).unwrap_err().ends_with("invalid ulimit type: threads"));
        assert!(set("core", (2, 1), (true, false)).unwrap_err().contains("above the hard limit"));
    }
}
