//! The state machine of Longshore: job lifecycle, arrays, dependencies, retries, queues. The only code that changes a
//! job's status. A function of its inputs: time, ids and requests come in, rows ([`Change`]) and effects come out.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

pub mod audit;
mod census;
mod change;
mod children;
pub mod command;
mod commands;
mod config;
mod consumables;
mod effect;
mod engine;
pub mod entity;
mod error;
mod fleet;
mod ids;
mod jobs;
mod lifecycle;
mod ready;
mod resolve;
mod rows;
mod scaling;
mod schedule;
mod services;
mod shares;
mod snapshot;
mod table;
#[cfg(test)]
mod testing;
mod validate;
mod wait;

pub use census::Census;
pub use change::{Change, Snapshot};
pub use command::{Command, Response};
pub use config::Config;
pub use effect::Effect;
pub use engine::Engine;
pub use error::Error;
pub use fleet::{Fleet, HostState};
pub use rows::Rows;
pub use snapshot::{FrontJob, QueueSnapshot, SharesInUse};
pub use wait::{
    Ahead, Answer, Blockage, ClosedEnvironment, HeldUp, Obstacle, Question, Queued, Short, ShortOnHost, Wait,
};
