//! Data staging: the `s3://` arguments of a command as local files. Inputs are downloaded before the command starts,
//! outputs uploaded when it has succeeded. Nothing is added to the image, and the program knows nothing of it.
//!
//! It stands between an agent and its runner, for processes and containers alike, and must not know how either runs.

mod client;
mod plan;
mod stager;
mod transfer;
mod uri;

pub use stager::{Stager, Told};
