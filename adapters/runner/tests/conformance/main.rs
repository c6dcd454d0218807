//! What every runtime must do, run against every runtime. A new one implements `Runtime` and adds its line.

#[cfg(test)]
#[cfg(target_arch = "x86_64")]
mod calls;
#[cfg(test)]
mod container;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod inside;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod network;
#[cfg(test)]
mod process;
#[cfg(test)]
mod served;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod strict;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod together;

suite::conformance!(process_runtime, crate::process::Processes);
suite::conformance!(container_runtime_own, crate::container::ByOwn);
suite::conformance!(container_runtime, crate::container::Containers);
suite::conformance!(container_runtime_runc, crate::container::ByRunc);
contract::contract!(contract_own, crate::container::ByOwn);
contract::contract!(contract_crun, crate::container::Containers);
contract::contract!(contract_runc, crate::container::ByRunc);
network::network!(network_own, crate::container::ByOwn);
network::network!(network_crun, crate::container::Containers);
network::network!(network_runc, crate::container::ByRunc);
together::together!(together_own, crate::container::ByOwn);
together::together!(together_crun, crate::container::Containers);
together::together!(together_runc, crate::container::ByRunc);
inside::inside!(container_own, crate::container::ByOwn);
inside::inside!(container_crun, crate::container::Containers);

suite::conformance!(engine_runtime, crate::engine::ByEngine);
contract::contract!(contract_engine, crate::engine::ByEngine);
network::network!(network_engine, crate::engine::ByEngine);
inside::inside!(container_engine, crate::engine::ByEngine);
together::together!(together_engine, crate::engine::ByEngine);
