//! The wire contract of CloudWatch Logs: structures, enumerations, checks, routes and a trait to implement, generated from
//! `model/logs.json` by `cargo xtask codegen`. The routes are targets; this is the part of the API that job logs need.
//!
//! Every member of every structure is optional; [`dispatch`] refuses a request that lacks what the model requires, so
//! an implementation may rely on its being there. Nothing here knows what an operation does.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod dispatch;
mod generated {
    pub(crate) mod enums;
    pub(crate) mod object;
    pub(crate) mod operations;
    mod reading;
    pub(crate) mod structures;
    #[cfg(test)]
    pub(crate) mod tests;
    pub(crate) mod validation;
    pub(crate) mod violation;
}

/// Structures and enumerations, as they are on the wire.
pub mod types {
    pub use crate::generated::enums::*;
    pub use crate::generated::structures::*;
}

pub use dispatch::{Input, Rejection};
pub use generated::operations::{Logs, Operation, dispatch};
pub use generated::violation::{Rule, Validate, Violation};

#[cfg(test)]
mod tests;
