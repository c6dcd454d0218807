//! The agent's program, driven over its socket as a server would, with real processes.

#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod site;
