//! The awkward names of the models.

use super::{field, snake};

#[test]
fn name_of_the_model_becomes_a_name_of_rust() {
    for (name, expected) in [
        ("SubmitJob", "submit_job"),
        ("minvCpus", "min_vcpus"),
        ("unmanagedvCpus", "unmanaged_vcpus"),
        ("vcpus", "vcpus"),
        ("sizeInGiB", "size_in_gib"),
        ("ec2KeyPair", "ec2_key_pair"),
        ("containerID", "container_id"),
        ("storedBytes", "stored_bytes"),
    ] {
        assert_eq!(snake(name), expected);
    }
    assert_eq!(field("type"), "kind");
}
