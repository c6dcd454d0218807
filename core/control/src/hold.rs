//! Outputs that wait for a commit, in order. Order is kept even between outputs that wait for different commits.

use crate::Output;
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Hold {
    waiting: VecDeque<(u64, Output)>,
}

impl Hold {
    /// Keeps `output` until commit `needed` is durable.
    pub(crate) fn push(&mut self, needed: u64, output: Output) {
        if let Some((last, _)) = self.waiting.back() {
            assert!(*last <= needed, "commits are needed in order");
        }
        self.waiting.push_back((needed, output));
    }

    /// The next output if its commit is durable.
    pub(crate) fn pop(&mut self, durable: u64) -> Option<Output> {
        self.waiting.pop_front_if(|(needed, _)| *needed <= durable).map(|(_, output)| output)
    }
}
