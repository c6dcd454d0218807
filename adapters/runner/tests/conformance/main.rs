//! What every runtime must do, run against the process runtime. A new runtime implements `Runtime` and adds its line.

#[cfg(test)]
mod process;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod suite;

suite::conformance!(process_runtime, crate::process::Processes);
