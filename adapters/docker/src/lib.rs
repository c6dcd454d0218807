//! Containers through the Docker Engine API, as Docker and Podman speak it over a socket of this machine. It makes, starts,
//! follows, signals and removes containers as it is told; what a job may have is decided by whoever asks.
//!
//! - **Blocking outside, async inside.** Every function blocks its caller; the sockets are served by one thread of our own.
//! - **Output.** A container is attached to before it starts, and what it writes comes to us as it writes it. The engine
//!   keeps no copy.
//! - **Nothing stays.** A [`Container`] is removed when its value goes, an [`Idle`] one too. What a dead process of ours left is found by its
//!   labels: see [`Engine::remove_labelled`].

mod address;
mod container;
mod engine;
mod error;
mod follow;
mod idle;
mod images;
mod leftovers;
mod memory;
mod request;

pub use address::Address;
pub use bollard::auth::DockerCredentials;
pub use container::{Container, End, Signals};
pub use engine::{Description, Engine};
pub use error::Error;
pub use idle::Idle;
pub use images::{Image, Name};
pub use request::{Device, DeviceRequest, Mount, Namespace, Source, Ulimit, Wanted};
