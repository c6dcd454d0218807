//! What the environment of a node's process has beside that of any job (`MNP-8`).

use super::main_address;
use crate::engine::Engine;
use crate::entity::{CurrentAttempt, Job};
use longshore_types::JobRef;

/// The node's own address; AWS Batch leaves it to the network interface to say.
const OWN_ADDRESS: &str = "LONGSHORE_NODE_ADDRESS";

/// The variables of a node; none for what is not one.
pub(in crate::lifecycle) fn environment_of(
    engine: &Engine,
    job: &Job,
    reference: JobRef,
    current: &CurrentAttempt,
) -> Vec<(String, String)> {
    let (JobRef::Node(id, index), Some(nodes)) = (reference, job.spec.nodes()) else { return Vec::new() };
    let mut variables = vec![
        ("AWS_BATCH_JOB_NUM_NODES".to_owned(), nodes.count.to_string()),
        ("AWS_BATCH_JOB_NODE_INDEX".to_owned(), index.to_string()),
        ("AWS_BATCH_JOB_MAIN_NODE_INDEX".to_owned(), nodes.main.to_string()),
    ];
    if index != nodes.main {
        let main = main_address(engine, id).map(|address| address.to_string());
        let name = "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS".to_owned();
        variables.extend(main.map(|address| (name, address)));
    }
    let own = current.address.map(|address| address.to_string());
    variables.extend(own.map(|address| (OWN_ADDRESS.to_owned(), address)));
    variables
}
