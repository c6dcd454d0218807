//! Container images on this host: pulled from any OCI registry or loaded from a file, verified, each layer unpacked
//! once, and kept until they are removed or the room is needed. It runs nothing and mounts nothing: a runtime gets an
//! [`Image`], the directories of its layers and its configuration, and no part of either goes away while it holds that.
//!
//! - **Identity.** An image is its configuration, named by that document's digest, as Docker's image ids are. The
//!   configuration names the layers by the digests of their uncompressed archives, so nothing else need be kept.
//! - **Whole or not there.** What is unfinished has a temporary name below `partial/`, locked by its maker; what a dead
//!   process left there is removed when the next store opens.
//! - **In use.** A lock on the image's file, held by the kernel for as long as a process has it, keeps removal away in
//!   every process that shares the directory. See the `store` module for the layout and the order of locks.

mod archive;
mod compression;
mod credentials;
mod digest;
mod error;
mod flights;
#[cfg(test)]
mod hostile;
mod identity;
mod image;
mod manifest;
mod pack;
mod platform;
mod reference;
mod registry;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod unpack;

pub use credentials::{Credentials, Keychain};
pub use digest::Digest;
pub use error::Error;
pub use flights::Flights;
pub use identity::is_in_user_namespace;
pub use image::{Image, ImageConfig};
pub use reference::Reference;
pub use store::{
    Carried, Config, Examined, Loaded, Removed, Store, Summary, Which, examine, stored_bytes, unpack_carried,
};
