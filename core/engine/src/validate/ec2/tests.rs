//! Members of Fargate have no place on EC2.

use super::container;
use crate::validate::check_refused;
use serde_json::json;

#[test]
fn fg_3_fargate_members_are_refused_on_ec2() {
    assert_eq!(container(&json!({ "networkConfiguration": {} })), Ok(()));
    let version = json!({ "fargatePlatformConfiguration": { "platformVersion": "LATEST" } });
    check_refused(container(&version), "fargatePlatformConfiguration not applicable for EC2.");
    let network = json!({ "networkConfiguration": { "assignPublicIp": "ENABLED" } });
    check_refused(container(&network), "networkConfiguration not applicable for EC2.");
    let runtime = json!({ "runtimePlatform": { "cpuArchitecture": "ARM64" } });
    check_refused(container(&runtime), "runtimePlatform is not applicable for EC2.");
}
