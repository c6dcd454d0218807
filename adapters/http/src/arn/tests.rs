//! Names and ARNs are accepted alike; ARNs carry the region and partition of the request.

use super::{definition_id, definition_ref, job_ref, name_of, queue};
use crate::context::Context;
use longshore_engine::command::DefinitionRef;

#[test]
fn id_2_arn_carries_region_partition_and_account_of_the_request() {
    let cases = [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")];
    for (region, partition) in cases {
        let context = Context::new(region, &"123456789012".into());
        assert_eq!(queue(&context, "q"), format!("arn:{partition}:batch:{region}:123456789012:job-queue/q"));
    }
}

#[test]
fn id_3_name_and_arn_give_the_same_name() {
    assert_eq!(name_of("job-queue", "q"), "q");
    assert_eq!(name_of("job-queue", "arn:aws:batch:us-east-1:123456789012:job-queue/q"), "q");
    let other = "arn:aws:batch:us-east-1:123456789012:compute-environment/q";
    assert_eq!(name_of("job-queue", other), other);
    assert_eq!(name_of("job", "arn:aws:batch:r:1:job-queue/q"), "arn:aws:batch:r:1:job-queue/q");
}

#[test]
fn id_3_definition_is_named_with_or_without_revision() {
    let with = DefinitionRef { name: "d".into(), revision: Some(7) };
    let without = DefinitionRef { name: "d".into(), revision: None };
    for (text, expected) in [
        ("d", &without),
        ("d:7", &with),
        ("arn:aws:batch:r:1:job-definition/d", &without),
        ("arn:aws:batch:r:1:job-definition/d:7", &with),
    ] {
        assert_eq!(&definition_ref(text), expected, "{text}");
    }
    assert_eq!(definition_id("d:7").map(|id| id.to_string()).as_deref(), Some("d:7"));
    assert_eq!(definition_id("d"), None);
    assert_eq!(definition_id("d:x"), None);
}

#[test]
fn job_is_named_by_id_or_arn() {
    let id = "01234567-89ab-4def-8123-456789abcdef:3";
    assert_eq!(job_ref(id).unwrap().to_string(), id);
    assert_eq!(job_ref(&format!("arn:aws:batch:r:1:job/{id}")), job_ref(id));
    assert_eq!(job_ref("nonsense"), None);
}
