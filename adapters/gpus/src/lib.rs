//! The GPUs of this machine: finding them, saying what a container needs in order to use one, and giving each to one container
//! at a time. How a container gets it is its runtime's business, and how many a job may have is not decided here.
//!
//! - **Found** by specifications of the Container Device Interface (CDI), which the vendors' tools write (`nvidia-ctk cdi
//!   generate`, `amd-ctk cdi generate`), or else by the device nodes of NVIDIA's and AMD's drivers.
//! - **Given** whole. A GPU that a container has is nobody else's until that has ended.

mod cdi;
mod edits;
mod find;
mod given;
mod gpu;
#[cfg(test)]
mod hostile;
mod nodes;
mod pool;
mod yaml;

pub use edits::{DeviceNode, Edits, Hook, Mount};
pub use find::{CDI_DIRECTORIES, Offer, OfferError, find};
pub use given::{Given, Unnamed};
pub use gpu::{Gpu, Vendor};
pub use pool::{Pool, TooFew};
