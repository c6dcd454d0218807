//! Longshore, simulated: the production control plane and agents in a world of virtual time, where networks, disks, hosts
//! and processes fail as the world of a seed, or of a scenario file, has it.
//!
//! ```text
//! seed ──generate──▶ Script ──▶ World ──▶ Outcome { violation, fingerprint, coverage, story }
//!  file ──parse───────▲           │ Control · Agent, whole
//!  failing seed ──shrink──────────┘ audit after every event
//! ```
//!
//! docs/internals/simulation.md says how to use it. It has no clock, threads or
//! I/O of its own: whoever runs it (`longshore sim`) brings files, processors and a terminal.
#![forbid(unsafe_code)]

mod audit;
mod command;
mod coverage;
mod does;
mod fuzz;
mod generate;
mod outcome;
#[cfg_attr(not(test), path = "not_planted.rs")]
mod planted;
mod random;
mod scenario;
mod script;
mod setting;
mod setup;
mod shrink;
mod story;
mod violation;
mod world;

pub use coverage::{Coverage, FAULTS};
pub use fuzz::{Totals, seed};
pub use generate::script;
pub use outcome::{Outcome, run};
pub use scenario::{Scenario, told};
pub use script::{Error as ScriptError, Kind, Line, Script, VERBS, Verb};
pub use setting::SETTINGS;
pub use shrink::shrink;
pub use violation::{Rule, Violation};
