//! Requirements at their bounds, per platform.

use super::resource_requirements;
use crate::validate::Platform::{Ec2, Fargate};
use crate::validate::check_refused;

fn of(entries: &[(&str, &str)]) -> Vec<(String, String)> {
    entries.iter().map(|(kind, value)| ((*kind).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn cpu_2_whole_vcpus_on_ec2_and_fractions_on_fargate_are_accepted() {
    let accepted = resource_requirements(&of(&[("VCPU", "1"), ("MEMORY", "4"), ("GPU", "0")]), Ec2).unwrap();
    assert_eq!(accepted.len(), 3);
    assert!(resource_requirements(&of(&[("VCPU", "0.25")]), Fargate).is_ok());
}

#[test]
fn cpu_2_refusals_have_aws_texts() {
    let numeric = "for type GPU in resourceRequirement is not valid. Please provide a numeric value.";
    for (entries, text) in [
        (of(&[("VCPU", "0")]), "vCPU must be at least 1, got 0.".to_owned()),
        (of(&[("VCPU", "0.5")]), "vCPU must be at least 1, got 0.5.".into()),
        (of(&[("VCPU", "1.5")]), "vCPU must be a whole number on EC2, got 1.5.".into()),
        (of(&[("MEMORY", "3")]), "Memory must be at least 4 Mib, got 3 Mib.".into()),
        (of(&[("GPU", "one")]), format!("Value one {numeric}")),
        (of(&[("GPU", "1"), ("GPU", "1")]), "Cannot provide duplicates in resourceRequirements.".into()),
        (of(&[("TPU", "1")]), "ResourceType TPU is not valid. Valid types: [GPU, VCPU, MEMORY]".into()),
    ] {
        check_refused(resource_requirements(&entries, Ec2), &text);
    }
    check_refused(resource_requirements(&of(&[("GPU", "1")]), Fargate), "GPU is not applicable for Fargate.");
}
