//! The host agent without its I/O: what an agent does when messages, process events and deadlines arrive, as values.
//! It starts no process, opens no socket and reads no clock; whoever drives it does, and tells it.
//!
//! ```text
//! a container of an attempt:
//!
//!           dependencies met         Launched                  Exited
//!   Waiting ────────────────▶ Launching ─────▶ Running ─────────────────▶ Ended
//!      │                        │   │             │ a stop:                ▲
//!      │                        │   │ Launched    ▼ SIGTERM                │ Exited
//!      │ dependencies lost,     │   └─ after ▶ Stopping ── grace over: ────┘
//!      │ a stop                 │      a stop               SIGKILL        ▲
//!      └────────────────────────┴── LaunchFailed ──────────────────────────┘
//! ```
//!
//! A stop is asked for by the control plane or the operator, or due by a timeout, or because an essential container of
//! the attempt has ended. An attempt is reported as started when every essential container has, and as ended when all
//! of its containers have; a report is repeated until acknowledged.
//!
//! An attempt may be given ahead, to take a seat after those that have it. It waits before all of the above, and is given
//! back if that takes too long.
#![forbid(unsafe_code)]
#![deny(missing_docs, clippy::float_arithmetic)]

mod agent;
mod event;
mod finished;
mod held;
mod outbox;
mod seats;

pub use agent::{Agent, GATHER_MS, IDLE_EXIT_MS, Identity};
pub use event::{ExitStatus, Input, Launch, Output, RunnerEvent, Signal};
pub use held::STOP_GRACE_MS;
