//! Outside of the tests of this crate there are no planted bugs ([`crate::planted`] in tests): nothing here can be made.

use longshore_engine::{Answer, Change, Command, Rows, Snapshot};
use longshore_protocol::AgentMessage;

/// A bug; there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {}

impl Planted {
    pub(crate) const fn spoil_commit(self, _: &mut Vec<Change>, _: &Rows) {
        match self {}
    }

    pub(crate) const fn spoil_snapshot(self, _: &mut Snapshot) {
        match self {}
    }

    pub(crate) const fn spoil_message(self, _: &mut AgentMessage) {
        match self {}
    }

    pub(crate) const fn spoil_command(self, _: &mut Command) {
        match self {}
    }

    pub(crate) const fn is_hasty(self) -> bool {
        match self {}
    }

    pub(crate) const fn takes_back(self) -> bool {
        match self {}
    }

    pub(crate) const fn spoil_answer(self, _: &mut Answer) {
        match self {}
    }
}
