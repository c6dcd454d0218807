//! Names as they come out.

use super::{camel, field, snake, variant};

#[test]
fn fields_are_snake_case() {
    for (wire, expected) in [
        ("jobName", "job_name"),
        ("maxvCpus", "max_vcpus"),
        ("type", "kind"),
        ("ec2KeyPair", "ec2_key_pair"),
        ("privateIpv4Address", "private_ipv4_address"),
        ("containerID", "container_id"),
    ] {
        assert_eq!(field(wire), expected);
    }
    assert_eq!(snake("DescribeJobs"), "describe_jobs");
}

#[test]
fn variants_are_camel_case() {
    for (value, expected) in
        [("N_TO_N", "NToN"), ("json-file", "JsonFile"), ("RuntimeDefault", "RuntimeDefault"), ("EC2", "Ec2")]
    {
        assert_eq!(variant(value), expected);
    }
}

#[test]
fn camel_case_follows_serde() {
    assert_eq!(camel("job_name"), "jobName");
    assert_eq!(camel("ec2_key_pair"), "ec2KeyPair");
}
