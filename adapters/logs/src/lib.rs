//! Job output read as CloudWatch Logs: the files that attempts write are streams, their lines are events.
//!
//! Reads `output/<aa>/<attempt>.log` and the `.idx` beside it (offset → time), whose format docs/internals/logs.md
//! gives. Never writes, never reads a file as a whole, and knows no database: callers say which streams there are.

mod error;
mod event;
mod extent;
mod filter;
mod get;
mod index;
mod pattern;
mod reader;
mod snapshot;
mod stream;
#[cfg(test)]
mod testing;
mod text;
mod token;

pub use error::Error;
pub use event::Event;
pub use extent::Extent;
pub use filter::{Filter, FilterPage, FilteredEvent};
pub use get::{GetEvents, Page};
pub use reader::LogReader;
pub use stream::Stream;
