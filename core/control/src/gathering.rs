//! For how long a commit gathers. It is taken as soon as somebody waits for it: a client for its reply, a host for what it
//! is to start or stop. What only tells of work that goes on by itself (the reports of a host that has its next attempts
//! already, and the attempts after those) waits for more of its kind, because a commit costs the same with one row and
//! with a hundred.

use crate::{LinkId, Output};
use longshore_protocol::ControlMessage;
use longshore_types::Timestamp;
use std::collections::BTreeMap;

/// Milliseconds for which a commit gathers that nobody waits for.
pub const GATHER_MS: u64 = 5;

#[derive(Debug, Default)]
pub(crate) struct Gathering {
    /// Whether somebody waits for the commit.
    is_awaited: bool,
    /// When it is taken even if nobody does.
    until: Option<Timestamp>,
    /// The last report of each link that no acknowledgement is held for yet.
    reported: BTreeMap<LinkId, u64>,
}

impl Gathering {
    /// The commit is taken, the next one gathers.
    pub(crate) fn begin(&mut self) {
        self.is_awaited = false;
        self.until = None;
    }

    /// Something is to be said once the commit is durable.
    pub(crate) fn note(&mut self, output: &Output) {
        self.is_awaited |= match output {
            Output::ToAgent { message: ControlMessage::Ack { .. }, .. } => false,
            Output::ToAgent { message: ControlMessage::Start(start), .. } => start.seat.is_none(),
            Output::ToAgent { .. } | Output::Reply { .. } | Output::Answer { .. } | Output::Commit { .. } => true,
        };
    }

    /// Whether the commit, to which there is something, is to be taken now.
    pub(crate) fn is_over(&mut self, now: Timestamp, has_ahead: bool) -> bool {
        if self.is_awaited || !has_ahead {
            return true;
        }
        *self.until.get_or_insert(now.plus_ms(GATHER_MS)) <= now
    }

    /// When it is to be taken, if it gathers.
    pub(crate) const fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// A report came; one acknowledgement answers all of a link up to the last.
    pub(crate) fn reported(&mut self, link: LinkId, number: u64) {
        self.reported.insert(link, number);
    }

    pub(crate) fn take_reported(&mut self) -> BTreeMap<LinkId, u64> {
        std::mem::take(&mut self.reported)
    }
}
