//! To be written.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]
