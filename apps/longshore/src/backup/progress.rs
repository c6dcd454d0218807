//! What is told while a backup is made, checked or restored: a line that moves on a terminal; otherwise nothing until the
//! end, so that logs stay short. And whether to go on.

use super::Result;
use crate::interrupt::Interrupt;
use crate::output;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use std::time::Duration;

pub(super) struct Progress<'a> {
    bar: ProgressBar,
    interrupt: &'a Interrupt,
    bytes: u64,
}

impl<'a> Progress<'a> {
    pub(super) fn new(what: &'static str, interrupt: &'a Interrupt) -> Self {
        let bar = if output::talk_is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{spinner} {prefix}: {wide_msg} {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(what);
        Self { bar, interrupt, bytes: 0 }
    }

    /// So many bytes more of `path`. Fails when the user wants to stop.
    pub(super) fn add(&mut self, path: &str, bytes: u64) -> Result<()> {
        self.bytes += bytes;
        self.show(path, 0)
    }

    /// There are so many bytes of `path` by now, beside all others.
    pub(super) fn show(&self, path: &str, bytes: u64) -> Result<()> {
        self.bar.set_message(format!("{} {path}", HumanBytes(self.bytes + bytes)));
        self.bar.tick();
        Ok(self.interrupt.pause(Duration::ZERO)?)
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
