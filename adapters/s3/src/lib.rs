//! The embedded S3 endpoint: the s3s crate speaks the protocol, this crate stores the objects.
//!
//! A write is acknowledged only when its content and its metadata are on disk (`docs/internals/s3.md` has the layout
//! and the argument). This crate knows nothing of jobs, queues or the rest of Longshore, and it opens no socket: the
//! HTTP adapter hands it requests.

mod backend;
mod checksum;
mod conditions;
mod content;
mod copying;
mod database;
mod endpoint;
mod failure;
mod ingest;
mod listing;
mod object;
mod operations;
mod usage;

#[cfg(test)]
mod tests;

pub use backend::{Backend, Error};
pub use copying::{CONTENT, Contents, DATABASE, Hold, contents, hold};
pub use endpoint::{BoxBody, Credentials, S3Endpoint, SecretOf, service};
pub use usage::Usage;
