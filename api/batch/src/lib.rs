//! The wire contract of AWS Batch: shapes, routes, checks and a trait to implement, generated from `model/batch.json`
//! by `cargo xtask codegen`. The routes are paths.
//!
//! Every member of every shape is optional; [`dispatch`] refuses requests that lack what the model requires, so an
//! implementation may rely on it. Nothing here knows what an operation does.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod check;
mod dispatch;
mod generated {
    //! What the generator writes.
    pub(crate) mod checks;
    pub(crate) mod operations;
    pub(crate) mod types;
}

pub use check::{Problem, Violation};
pub use dispatch::{Input, Rejection};
pub use generated::operations::*;
pub use generated::types::*;

#[cfg(test)]
mod tests;
