//! The link between the control plane and an agent: messages as length-prefixed JSON over a Unix socket that only its
//! owner may open. It carries messages in order and says when a link is gone; what they mean is not its business, and
//! neither is repeating them: that is the agent's and the control plane's.
//!
//! Each link has one thread that reads and one that writes, so two ends that both have much to say cannot wait for
//! each other for ever. A peer that does not read for so long that [`QUEUE_MAX`] messages wait loses its link.

mod address;
mod client;
mod connection;
mod error;
mod frame;
mod listener;

pub use client::{Client, ClientEvent};
pub use connection::Outgoing;
pub use error::Error;
pub use frame::FRAME_MAX;
pub use listener::{LinkEvent, LinkId, Listener};

/// Messages that wait for a slow peer before its link is closed.
pub const QUEUE_MAX: usize = 65_536;

#[cfg(test)]
mod tests;
