//! The host agent without its I/O: what an agent does when messages, process events and deadlines arrive, as values.
//! It starts no process, opens no socket and reads no clock; whoever drives it does, and tells it.
//!
//! ```text
//!           Start                Launched                  Exited
//!   (none) ───────▶ Launching ────────────▶ Running ─────────────────▶ ended, reported until acknowledged
//!                     │   │                    │ Stop, timeout:              ▲
//!                     │   │ Launched after     ▼ SIGTERM                     │ Exited
//!                     │   └─── a Stop ──▶ Stopping ── grace over: SIGKILL ───┘
//!                     │                                                      ▲
//!                     └── LaunchFailed ──────────────────────────────────────┘
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

mod agent;
mod event;
mod finished;
mod held;
mod outbox;

pub use agent::{Agent, IDLE_EXIT_MS, Identity};
pub use event::{ExitStatus, Input, Launch, Output, RunnerEvent, Signal};
pub use held::TIMEOUT_GRACE_MS;
