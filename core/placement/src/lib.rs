//! Deciding which demand goes to which host: [`Problem`] in, [`Plan`] out. Hosts, pools and demands are ordinals; this
//! crate knows nothing of jobs, queues or AWS, and never looks at one job at a time: equal demands are one entry.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

mod place;
mod problem;

pub use place::place;
pub use problem::{Assignment, Demand, Host, Plan, Pool, Problem, Shortage, Verdict};
